using Compare;

namespace MLNetRecExt.Tests.Examples;

public class SyntheticDataTests(SyntheticDataTests.Whole whole) : IClassFixture<SyntheticDataTests.Whole>
{
    private SyntheticData Data => whole.Data;

    [Fact]
    public void Generate_Default_HasThePromisedSize()
    {
        Assert.Equal(6_000, Data.Users.Count);
        Assert.Equal(2_500, Data.Items.Count);
        Assert.InRange(Data.Interactions.Count, 380_000, 420_000);
    }

    [Fact]
    public void Generate_SameSeed_SameData()
    {
        var (again, other) = (SyntheticData.Generate(42, userCount: 200), SyntheticData.Generate(43, userCount: 200));

        Assert.Equal(Data.Users.Take(200), again.Users);
        Assert.Equal(Data.Items, again.Items);
        Assert.Equal(Data.Interactions.Where(i => i.User <= 200), again.Interactions);
        Assert.NotEqual(again.Interactions, other.Interactions);
    }

    [Fact]
    public void Generate_Default_EveryPairOnceAndKnownIds()
    {
        Assert.Equal(Data.Interactions.Count, Data.Interactions.Select(i => (i.User, i.Item)).Distinct().Count());
        Assert.DoesNotContain(Data.Interactions, i => i.User is < 1 or > 6_000 || i.Item is < 1 or > 2_500);
        Assert.Equal(2_500, Data.Items.Select(item => item.Title).Distinct().Count());
    }

    [Fact]
    public void Generate_Default_PopularityHasAHeadAndALongTail()
    {
        var counts = Data.Interactions.CountBy(i => i.Item).Select(c => c.Value).OrderDescending().ToArray();
        var total = (double)Data.Interactions.Count;

        Assert.True(counts.Take(250).Sum() / total > 0.35, "the top tenth of the items takes more than a third");
        // A power law is a line in log-log coordinates: equal ratios of ranks, similar ratios of counts.
        Assert.InRange((double)counts[99] / counts[399], 1.8, 6);
        Assert.InRange((double)counts[399] / counts[1599], 1.8, 8);
    }

    [Fact]
    public void Generate_Default_UsersStayInTheirLanguages()
    {
        var own = Data.Interactions.Count(i => Data.Users[i.User - 1] is var user && Data.Items[i.Item - 1].Language is var language && (language == user.Language || language == user.SecondLanguage));

        Assert.InRange((double)own / Data.Interactions.Count, 0.85, 0.99);
    }

    [Fact]
    public void Generate_Default_UsersHaveFavouriteGenres()
    {
        // The share of a user's most frequent genre; without taste it would be near 1/8.
        var favourite = Data.Interactions.GroupBy(i => i.User)
            .Average(taken => taken.CountBy(i => Data.Items[i.Item - 1].Genre).Max(c => c.Value) / (double)taken.Count());

        Assert.InRange(favourite, 0.3, 0.7);
    }

    [Fact]
    public void Generate_Default_OlderUsersWatchOlderFilms()
    {
        double MeanYear(Func<SyntheticData.User, bool> who) =>
            Data.Interactions.Where(i => who(Data.Users[i.User - 1])).Average(i => Data.Items[i.Item - 1].Year);

        Assert.True(MeanYear(user => user.Age > 55) < MeanYear(user => user.Age < 30) - 10);
    }

    [Fact]
    public void Generate_Default_TimesAscendWithinAUser()
    {
        Assert.DoesNotContain(
            Data.Interactions.Zip(Data.Interactions.Skip(1)),
            next => next.First.User == next.Second.User && next.First.Timestamp > next.Second.Timestamp);
        Assert.DoesNotContain(Data.Interactions, i => DateTimeOffset.FromUnixTimeSeconds(i.Timestamp).Year is < 2024 or > 2026);
    }

    public sealed class Whole
    {
        internal SyntheticData Data { get; } = SyntheticData.Generate(42);
    }
}
