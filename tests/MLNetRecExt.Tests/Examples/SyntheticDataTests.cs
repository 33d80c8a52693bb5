using Compare;

namespace MLNetRecExt.Tests.Examples;

public class SyntheticDataTests
{
    private static readonly SyntheticData Data = SyntheticData.Generate(42);

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
        var again = SyntheticData.Generate(42);

        Assert.Equal(Data.Users, again.Users);
        Assert.Equal(Data.Items, again.Items);
        Assert.Equal(Data.Interactions, again.Interactions);
        Assert.NotEqual(Data.Interactions, SyntheticData.Generate(43).Interactions);
    }

    [Fact]
    public void Generate_Default_EveryPairOnceAndKnownIds()
    {
        Assert.Equal(Data.Interactions.Count, Data.Interactions.Select(i => (i.User, i.Item)).Distinct().Count());
        Assert.All(Data.Interactions, i => Assert.True(i.User is >= 1 and <= 6_000 && i.Item is >= 1 and <= 2_500));
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
        foreach (var taken in Data.Interactions.GroupBy(i => i.User))
            Assert.Equal(taken.Select(i => i.Timestamp).Order(), taken.Select(i => i.Timestamp));
        Assert.All(Data.Interactions, i => Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(i.Timestamp).Year, 2024, 2026));
    }
}
