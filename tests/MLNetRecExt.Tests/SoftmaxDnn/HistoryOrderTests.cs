namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class HistoryOrderTests
{
    private const int Users = 400, Items = 100, Length = 12;
    private const long Day = 86_400;

    /// <summary>Each user walks from a random item to the next ones in turn, or takes the same items in random order.</summary>
    private static Interactions Walks(bool isShuffled, Func<int, int, long> time)
    {
        var random = new Random(1);
        List<(int User, int Item, long Time)> rows = [];
        for (int user = 0; user < Users; user++)
        {
            var start = random.Next(Items);
            int[] items = [.. Enumerable.Range(0, Length).Select(n => (start + n) % Items)];
            if (isShuffled)
                random.Shuffle(items);
            rows.AddRange(items.Select((item, n) => (user, item, time(user, n))));
        }
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. rows.Select(row => row.User)],
            [.. rows.Select(row => row.Item)], timestamps: [.. rows.Select(row => row.Time)]);
    }

    [Fact]
    public void SaysWhatComesNext_ItemsOfDifferentDays_OnlyWhereOthersTookThemInThatOrder()
    {
        Assert.True(HistoryOrder.SaysWhatComesNext(Walks(isShuffled: false, (user, n) => Day * (user + n)).ByUser));
        Assert.False(HistoryOrder.SaysWhatComesNext(Walks(isShuffled: true, (user, n) => Day * (user + n)).ByUser));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void SaysWhatComesNext_ItemsOfOneSittingOrBasket_No(int seconds) =>
        Assert.False(HistoryOrder.SaysWhatComesNext(Walks(isShuffled: false, (user, n) => Day * user + seconds * n).ByUser));

    [Theory]
    [InlineData(7, false)]
    [InlineData(5, true)]
    public void SaysWhatComesNext_SomeOfOneSitting_YesWhereMoreThanHalfOfTheStepsLieApart(int steps, bool expected) =>
        Assert.Equal(expected,
            HistoryOrder.SaysWhatComesNext(Walks(isShuffled: false, (user, n) => Day * (user + Math.Max(0, n - steps)) + n).ByUser));

    [Fact]
    public void SaysWhatComesNext_OtherUnitOfTime_IsTheSame()
    {
        foreach (var isShuffled in (bool[])[false, true])
            Assert.Equal(!isShuffled, HistoryOrder.SaysWhatComesNext(Walks(isShuffled, (user, n) => 1000 * Day * (user + n) - 5).ByUser));
    }

    [Fact]
    public void SaysWhatComesNext_NoTimestampsOrFewRows_No()
    {
        Assert.False(HistoryOrder.SaysWhatComesNext(
            Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0, 1, 1], [0, 1, 0, 1]).ByUser));
        Assert.False(HistoryOrder.SaysWhatComesNext(
            Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0, 1, 1], [0, 1, 0, 1], timestamps: [0, 5, 5, 9]).ByUser));
    }
}
