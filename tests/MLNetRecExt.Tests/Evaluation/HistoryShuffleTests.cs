using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

public class HistoryShuffleTests
{
    private const int Items = 40;

    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    [Fact]
    public void OrderGain_UsersWhoGoFromItemToItem_IsTheDifferenceOfTwoEvaluations()
    {
        var (model, heldOut) = Learn(steps: true);

        var gain = Recommenders.OrderGain(model, heldOut, seed: 3);

        Assert.True(gain.Matters, gain.ToString());
        var (asTheyAre, shuffled) = (0.0, 0.0);
        foreach (var user in Enumerable.Range(0, heldOut.ByUser.RowCount))
        {
            var order = Enumerable.Range(0, model.History.Length(user)).OrderBy(entry => model.History.Timestamps(user)[entry]).ToArray();
            asTheyAre += Ndcg(model, heldOut, user, order);
            // Fisher and Yates: which entry gets whose time.
            var times = model.History.Timestamps(user).ToArray();
            var random = new SeededRandom(3, user);
            for (int i = times.Length - 1; i > 0; i--)
            {
                var other = random.Next(i + 1);
                (times[i], times[other]) = (times[other], times[i]);
            }
            shuffled += Ndcg(model, heldOut, user, [.. Enumerable.Range(0, times.Length).OrderBy(entry => times[entry])]);
        }
        Assert.Equal(Recommenders.Evaluate(model, heldOut).Ndcg(20).Mean, asTheyAre / heldOut.ByUser.RowCount, 1e-9);
        Assert.Equal((asTheyAre - shuffled) / heldOut.ByUser.RowCount, gain.Gain, 1e-9);
    }

    [Fact]
    public void OrderGain_OrderAtRandom_DoesNotMatter()
    {
        var (model, heldOut) = Learn(steps: false);

        var gain = Recommenders.OrderGain(model, heldOut);

        Assert.False(gain.Matters, gain.ToString());
        Assert.True(gain.StandardError > 0);
        Assert.InRange(0, gain.Low - gain.StandardError, gain.High + gain.StandardError);
    }

    [Fact]
    public void OrderGain_AnyThreads_SameAndBySeed()
    {
        var (model, heldOut) = Learn(steps: true);
        var gain = Recommenders.OrderGain(model, heldOut, 1, numberOfThreads: 1);
        Assert.Equal(gain, Recommenders.OrderGain(model, heldOut, 1, numberOfThreads: 3));
        Assert.NotEqual(gain, Recommenders.OrderGain(model, heldOut, 2));
    }

    [Fact]
    public void OrderGain_ModelsThatDoNotLookAtOrder_Refused()
    {
        var (train, heldOut) = Walks(steps: true);
        RecommenderModel[] models =
        [
            Recommenders.Trainers.Ease().Fit(train),
            Recommenders.Trainers.Popularity().Fit(train),
            Recommenders.Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 4, NumberOfIterations = 1, RecencyHalfLife = 0 }).Fit(train),
        ];
        Assert.All(models, model => Assert.Contains(
            "do not depend on the order", Assert.Throws<NotSupportedException>(() => Recommenders.OrderGain(model, heldOut)).Message));
    }

    [Fact]
    public void OrderGain_HistoriesWithoutAnOrder_Refused()
    {
        var (train, heldOut) = Walks(steps: true);
        var rows = train.ByUser;
        int[] users = [.. Enumerable.Range(0, rows.RowCount).SelectMany(user => Enumerable.Repeat(user, rows.Length(user)))];
        var items = rows.IndexArray[..train.Count];
        var atOnce = Interactions.Create(train.Users, train.Items, users, items, timestamps: new long[train.Count]);
        var never = Interactions.Create(train.Users, train.Items, users, items);

        Assert.Throws<NotSupportedException>(() => Recommenders.OrderGain(NextItem(atOnce), heldOut));
        var refused = Assert.Throws<ArgumentException>(() => Recommenders.OrderGain(Recommenders.Trainers.Ease().Fit(never), heldOut));
        Assert.Contains("TimestampColumnName", refused.Message);
        var (model, _) = Learn(steps: true);
        Assert.Throws<ArgumentException>(() => Recommenders.OrderGain(model, Interactions.Create(train.Users, train.Items, [], [])));
    }

    private static double Ndcg(RecommenderModel model, Interactions heldOut, int user, int[] order)
    {
        var items = model.History.Indices(user);
        var history = new List<int>();
        foreach (var entry in order)
            history.Add(items[entry]);
        var list = model.TopItems(RecommenderQuery.ForHistory([.. history]), 20).Select(item => item.Item).ToList();
        // One item is held out.
        var rank = list.IndexOf(heldOut.ByUser.Indices(user)[0]);
        return rank < 0 ? 0 : 1 / Math.Log2(rank + 2);
    }

    private static (RecommenderModel Model, Interactions HeldOut) Learn(bool steps)
    {
        var (train, heldOut) = Walks(steps);
        return (NextItem(train), heldOut);
    }

    private static RecommenderModel NextItem(Interactions train) =>
        Recommenders.Trainers.NextItemEase(new NextItemEaseTrainer.Options { Regularization = 10, RecencyHalfLife = 1 }).Fit(train);

    /// <summary>Users who go on from an item to the next or the one after it, or to any; the last is held out.</summary>
    private static (Interactions Train, Interactions HeldOut) Walks(bool steps)
    {
        const int Users = 300;
        var random = new Random(7);
        List<int> users = [], items = [];
        for (int user = 0; user < Users; user++)
        {
            var item = random.Next(Items);
            for (int step = 0; step < 8; step++)
            {
                users.Add(user);
                items.Add(item);
                item = steps ? (item + random.Next(1, 3)) % Items : random.Next(Items);
            }
        }
        var data = Interactions.Create(
            IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. users], [.. items], timestamps: [.. Enumerable.Range(0, users.Count)]);
        var split = Recommenders.Splits.LeaveLast(data);
        return (split.Train, split.Test);
    }
}
