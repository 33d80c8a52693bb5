namespace MLNetRecExt.Tests.Evaluation;

public class NdcgDifferenceTests
{
    [Theory]
    [InlineData(1, 30, 12)]
    [InlineData(2, 60, 40)]
    [InlineData(3, 200, 5)]
    public void StandardError_RandomRanks_IsTheSumOverPairsThatShareAUserOrItem(int seed, int users, int items)
    {
        var random = new Random(seed);
        var heldOut = TestModel.Rows(items, [.. Enumerable.Range(0, users)
            .Select(user => user % 7 == 0 ? [] : Enumerable.Range(0, items).Where(_ => random.NextDouble() < 0.3).ToArray())]).ByUser;
        byte[] first = Ranks(), second = Ranks();

        var pairs = new List<(int User, int Item, double Difference)>();
        for (int user = 0, e = 0; user < heldOut.RowCount; user++)
            foreach (var item in heldOut.Indices(user))
                pairs.Add((user, item, (Gain(first[e]) - Gain(second[e++])) / Enumerable.Range(1, Math.Min(20, heldOut.Length(user))).Sum(Gain)));
        var lengths = pairs.CountBy(pair => pair.User).ToDictionary();
        var mean = pairs.Sum(pair => pair.Difference) / lengths.Count;
        double either = 0, byUser = 0, byItem = 0;
        foreach (var a in pairs)
        {
            foreach (var b in pairs)
            {
                var product = (a.Difference - mean / lengths[a.User]) * (b.Difference - mean / lengths[b.User]);
                either += a.User == b.User || a.Item == b.Item ? product : 0;
                byUser += a.User == b.User ? product : 0;
                byItem += a.Item == b.Item ? product : 0;
            }
        }
        var expected = Math.Sqrt(Math.Max(either, Math.Max(byUser, byItem))) / lengths.Count;
        Assert.Equal(expected, NdcgDifference.StandardError(heldOut, first, second), 1e-12);
        Assert.Equal(expected, NdcgDifference.StandardError(heldOut, second, first), 1e-12);
        Assert.Equal(0, NdcgDifference.StandardError(heldOut, first, first));

        byte[] Ranks() => [.. Enumerable.Range(0, heldOut.EntryCount).Select(_ => (byte)random.Next(21))];
    }

    [Fact]
    public void StandardError_UsersOfFewItems_IsThatOfTheItems()
    {
        // Rank 1 instead of none for 50 users of one item, the other way round for 50 of another: the sums are ±50.
        var few = TestModel.Rows(2, [.. Enumerable.Range(0, 100).Select(user => new[] { user % 2 })]).ByUser;
        var many = TestModel.Rows(100, [.. Enumerable.Range(0, 100).Select(user => new[] { user })]).ByUser;
        byte[] even = [.. Enumerable.Range(0, 100).Select(user => (byte)(1 - user % 2))], odd = [.. even.Select(rank => (byte)(1 - rank))];
        Assert.Equal(Math.Sqrt(2 * 50 * 50) / 100, NdcgDifference.StandardError(few, even, odd), 1e-12);
        Assert.Equal(Math.Sqrt(100) / 100, NdcgDifference.StandardError(many, even, odd), 1e-12);
    }

    private static double Gain(int rank) => rank == 0 ? 0 : 1 / Math.Log2(rank + 1);
}
