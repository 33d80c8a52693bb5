namespace MLNetRecExt.Tests.Data;

public sealed class IdIndexTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5000)]
    public void Find_RandomIds_IsTheFirstOfEqualOnesOrNone(int count)
    {
        var random = new Random(count);
        var integers = Enumerable.Range(0, count).Select(_ => random.NextInt64(2L * count)).ToArray();
        var texts = new Utf8Ids([.. integers.Select(id => $"{id}")]);
        var (ofIntegers, ofTexts) = (IdIndex.Of(integers), IdIndex.Of(texts));

        for (int id = -1; id < 2 * count; id++)
        {
            var expected = Array.IndexOf(integers, id);
            Assert.Equal(expected, ofIntegers.Find(integers, id));
            Assert.Equal(expected, ofTexts.Find(texts, System.Text.Encoding.UTF8.GetBytes($"{id}")));
        }
    }

    [Fact]
    public void IdMap_IdsOfTwelveCharacters_TakeLessThan35BytesEachWithTheirIndex()
    {
        const int Count = 200_000;
        string[] Make() => [.. Enumerable.Range(0, Count).Select(i => $"user-{i:0000000}")];
        long[] integers = [.. Enumerable.Range(0, Count).Select(i => 1000L * i)];
        var texts = Make();
        IdMap.FromText(["a"]).IndexOf("b");

        Assert.InRange(BytesOf(() => IdMap.FromText(texts), "no-such-user") / Count, 12, 35);
        Assert.InRange(BytesOf(() => IdMap.FromIntegers(integers, Microsoft.ML.Data.DataKind.Int64), "7") / Count, 4, 9);

        static double BytesOf(Func<IdMap> create, string other)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var map = create();
            Assert.Equal(-1, map.IndexOf(other));
            Assert.Equal(3, map.IndexOf(map.GetText(3)));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
