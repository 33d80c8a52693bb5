namespace MLNetRecExt.AspNetCore.Tests.Variants;

public class ABTestTests
{
    private const int Users = 2000;

    [Fact]
    public void Judge_PlantedUplift_IsFoundWithItsSize()
    {
        var report = ABTest.Judge(Events(0.10, 0.14, seed: 1));
        var variant = report.Variants[1];
        Assert.True(variant.Differs, report.ToString());
        Assert.InRange(0.04, variant.Difference!.Low, variant.Difference.High);
        Assert.InRange(0.10, report.Variants[0].Rate.Low, report.Variants[0].Rate.High);
        Assert.Null(report.Variants[0].Difference);
        Assert.False(report.Variants[0].Differs);
    }

    [Fact]
    public void Judge_TheSameModelTwice_DiffersAboutOnceInTwenty()
    {
        // 60 tests at 5 %: more than 8 have a probability below 1 %.
        var found = Enumerable.Range(0, 60).Count(
            seed => ABTest.Judge(Events(0.12, 0.12, seed, users: 300), samples: 200).Variants[1].Differs);
        Assert.InRange(found, 0, 8);
    }

    [Fact]
    public void Judge_AFewUsersWhoClickAll_WidenTheInterval()
    {
        // As many clicks, of every tenth user: each is one draw.
        var spread = ABTest.Judge(Events(0.1, 0.1, seed: 3)).Variants[0].Rate;
        var bundled = ABTest.Judge(Events(0.1, 0.1, seed: 3, clickers: 10)).Variants[0].Rate;
        Assert.True(bundled.High - bundled.Low > 2 * (spread.High - spread.Low));
    }

    [Fact]
    public void Judge_Counts_AreThoseOfTheEvents()
    {
        FeedbackEvent<int, int>[] events =
        [
            Event(1, 10, FeedbackKind.Seen, "a", "l1"), Event(1, 11, FeedbackKind.Seen, "a", "l1"),
            // Twice the same click.
            Event(1, 10, FeedbackKind.Clicked, "a", "l1"), Event(1, 10, FeedbackKind.Clicked, "a", "l1"),
            Event(2, 10, FeedbackKind.Seen, "b", "l2"), Event(2, 10, FeedbackKind.Bought, "b", "l2"),
            // Of no list of ours.
            Event(3, 10, FeedbackKind.Clicked, null, null),
        ];
        var report = ABTest.Judge(events, samples: 100);
        Assert.Equal([("a", 2L, 1L, 0.5), ("b", 1L, 0L, 0.0)], report.Variants.Select(v => (v.Model, v.Seen, v.Acted, v.Rate.Mean)));
        Assert.Equal(-0.5, report.Variants[1].Difference!.Mean);
        Assert.Equal(1, report.Variants[0].Rate.Users);
        Assert.Equal(["b", "a"], ABTest.Judge(events, FeedbackKind.Bought, control: "b", samples: 100).Variants.Select(v => v.Model));
        Assert.Contains("a: Clicked 0.5000", report.ToString());
    }

    [Fact]
    public void Judge_NothingToJudge_SaysWhy()
    {
        Assert.Contains("a model", Assert.Throws<ArgumentException>(() => ABTest.Judge<int, int>([])).Message);
        FeedbackEvent<int, int>[] events = [Event(1, 10, FeedbackKind.Seen, "a", null)];
        Assert.Contains("'b'", Assert.Throws<ArgumentException>(() => ABTest.Judge(events, control: "b")).Message);
        Assert.Throws<ArgumentException>(() => ABTest.Judge(events, FeedbackKind.Seen));
        Assert.Throws<ArgumentOutOfRangeException>(() => ABTest.Judge(events, samples: 1));
    }

    /// <summary>Each user sees 20 items and clicks with a probability of their own around the model's.</summary>
    private static IEnumerable<FeedbackEvent<int, int>> Events(double a, double b, int seed, int users = Users, int clickers = 1)
    {
        var random = new Random(seed);
        for (int user = 0; user < users; user++)
        {
            var (model, mean) = user % 2 == 0 ? ("a", a) : ("b", b);
            var rate = user / 2 % clickers == 0 ? mean * clickers * (0.5 + random.NextDouble()) : 0;
            for (int item = 0; item < 20; item++)
            {
                yield return Event(user, item, FeedbackKind.Seen, model, "list");
                if (random.NextDouble() < rate)
                    yield return Event(user, item, FeedbackKind.Clicked, model, "list");
            }
        }
    }

    private static FeedbackEvent<int, int> Event(int user, int item, FeedbackKind kind, string? model, string? list) =>
        new(user, item, kind, DateTimeOffset.UnixEpoch, list, null, model);
}
