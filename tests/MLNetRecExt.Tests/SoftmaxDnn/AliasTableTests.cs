namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class AliasTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void Draw_AnyWeights_GivesEachPlaceItsShare(int count)
    {
        const int Draws = 200_000;
        var weights = Enumerable.Range(0, count).Select(place => Math.Pow(1 + place, -1.5)).ToArray();
        var table = new AliasTable(weights);
        var random = new SeededRandom(count);
        var drawn = new int[count];
        for (int draw = 0; draw < Draws; draw++)
            drawn[table.Draw(ref random)]++;
        for (int place = 0; place < count; place++)
        {
            var share = weights[place] / weights.Sum();
            // 5 standard deviations of a binomial number: one of 110 places fails by chance once in 15,000 seeds.
            Assert.Equal(share * Draws, drawn[place], 5 * Math.Sqrt(Draws * share * (1 - share)) + 1e-6);
        }
    }

    [Fact]
    public void Draw_EqualWeights_GivesEveryPlace()
    {
        var table = new AliasTable([0.1, 0.1, 0.1]);
        var random = new SeededRandom(1);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 100).Select(_ => table.Draw(ref random)).Distinct().Order());
    }
}
