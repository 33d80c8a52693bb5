namespace MLNetRecExt.Tests.Data;

public class IdTableTests
{
    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(7ul)]
    [InlineData(0ul)]
    public void Add_ManyIds_AreFoundByHashAmongThoseWithTheSame(ulong bits)
    {
        // Of a hash with few bits many are the same, and all places of the table are close.
        var table = new IdTable();
        List<int> ids = [];
        var random = new Random(1);
        var numbers = new Dictionary<int, int>();
        for (int i = 0; i < 2_000; i++)
        {
            var id = random.Next(500);
            var hash = IdHash.Of((ulong)id) & bits;
            table.Prefetch(hash);
            var (place, found) = (hash, -1);
            while ((found = table.Next(hash, ref place)) >= 0 && ids[found] != id)
                continue;

            Assert.Equal(numbers.GetValueOrDefault(id, -1), found);
            if (found >= 0)
                continue;
            ids.Add(id);
            Assert.Equal(numbers[id] = numbers.Count, table.Add(hash));
        }
        Assert.Equal(numbers.Count, table.Count);
    }

    [Fact]
    public void Add_MoreThanTheFirstSize_KeepsAll()
    {
        var table = new IdTable();
        for (long id = 0; id < 5_000; id++)
            Assert.Equal(id, table.Add(IdHash.Of((ulong)id)));

        for (long id = 0; id < 5_000; id++)
        {
            var place = IdHash.Of((ulong)id);
            Assert.Equal(id, table.Next(IdHash.Of((ulong)id), ref place));
            Assert.Equal(-1, table.Next(IdHash.Of((ulong)id), ref place));
        }
    }
}
