using Microsoft.ML;

namespace MLNetRecExt.Tests.Ease;

public class NextItemEaseTrainerTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    [Theory]
    [InlineData(30, 0.5, 2, false)]
    [InlineData(30, 0.5, 16, true)]
    [InlineData(30, 0, 1, true)]
    [InlineData(30, 1, 0.5, false)]
    [InlineData(520, 0.5, 3, false)]
    public void Fit_RandomSequences_EqualsADenseSolve(int items, float cooccurrence, float halfLife, bool labelled)
    {
        var data = Sequences(120, items, labelled);
        var options = new NextItemEaseTrainer.Options { Regularization = 7, CooccurrenceWeight = cooccurrence, TransitionHalfLife = halfLife };

        var model = Recommenders.Trainers.NextItemEase(options).Fit(data);

        var expected = Solve(data, options);
        for (int i = 0; i < items; i++)
            for (int j = 0; j < items; j++)
                Assert.Equal(model.IsKnownItem(i) && model.IsKnownItem(j) ? expected[i, j] : 0, model.ItemWeight(i, j), 1e-5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(9)]
    public void Score_History_CountsRecentItemsMost(int? topWeights)
    {
        var options = new NextItemEaseTrainer.Options { RecencyHalfLife = 1.5f, TopWeightsPerItem = topWeights };
        var data = Sequences(60, 25, labelled: true);
        var model = Recommenders.Trainers.NextItemEase(options).Fit(data);
        var news = new ItemFeedback[] { new(7, 2), new(3), new(11, 1, 0.5f) };

        AssertScores(RecommenderQuery.ForHistory(news), [(7, 2f), (3, 1f), (11, 0.5f)]);
        foreach (var user in Enumerable.Range(0, 60).Where(model.IsKnownUser))
        {
            var taken = InOrder(data, user);
            AssertScores(RecommenderQuery.ForUser(user), taken);
            AssertScores(RecommenderQuery.ForUser(user, news), [.. taken.Where(entry => entry.Item is not (7 or 3 or 11)), (7, 2f), (3, 1f), (11, 0.5f)]);
        }

        void AssertScores(RecommenderQuery query, (int Item, float Value)[] history)
        {
            var scores = new float[25];
            model.ScoreItems(query, scores);
            for (int item = 0; item < 25; item++)
            {
                if (!model.IsKnownItem(item))
                    continue;
                var expected = history.Where(entry => model.IsKnownItem(entry.Item)).Reverse()
                    .Select((entry, rank) => entry.Value * Math.Pow(2, -rank / 1.5) * model.ItemWeight(entry.Item, item)).Sum();
                Assert.Equal(expected, scores[item], 1e-5);
                Assert.Equal(expected, model.Explain(query, item).Sum(part => part.Value), 1e-5);
            }
        }
    }

    [Fact]
    public void Fit_ItemsThatFollowOneAnother_FindsTheNext()
    {
        // Everybody walks around a circle of ten items from somewhere, five steps: taken together says little, what was last says all.
        var walks = Enumerable.Range(0, 100).SelectMany(user => Enumerable.Range(0, 5).Select(step => (User: user, Item: (user + step) % 10))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(100), IdMap.FromKeys(10), [.. walks.Select(walk => walk.User)], [.. walks.Select(walk => walk.Item)],
            timestamps: [.. walks.Select((_, time) => (long)time)]);

        var model = Recommenders.Trainers.NextItemEase(new NextItemEaseTrainer.Options()).Fit(data);

        for (int user = 0; user < 100; user++)
            Assert.Equal((user + 5) % 10, model.TopItems(RecommenderQuery.ForUser(user), 1)[0].Item);
        Assert.Equal(2, model.TopItems(RecommenderQuery.ForHistory(8, 9, 0, 1), 1)[0].Item);
        Assert.Equal(7, model.TopItems(RecommenderQuery.ForHistory(0, 9, 8), 1, new TopItemsOptions { Filter = ItemFilter.Only([7, 9, 0]) })[0].Item);
    }

    [Fact]
    public void Fit_TopWeightsPerItem_KeepsTheLargestOfEachItem()
    {
        var data = Sequences(80, 40, labelled: false);
        var all = Recommenders.Trainers.NextItemEase(new NextItemEaseTrainer.Options()).Fit(data);

        var few = Recommenders.Trainers.NextItemEase(new NextItemEaseTrainer.Options { TopWeightsPerItem = 6 }).Fit(data);

        Assert.IsType<SparseNextItemEaseModel>(few);
        for (int item = 0; item < 40; item++)
        {
            int[] kept = [.. Enumerable.Range(0, 40).Where(taken => all.ItemWeight(taken, item) != 0)
                .OrderByDescending(taken => Math.Abs(all.ItemWeight(taken, item))).ThenBy(taken => taken).Take(6)];
            for (int taken = 0; taken < 40; taken++)
                Assert.Equal(kept.Contains(taken) ? all.ItemWeight(taken, item) : 0, few.ItemWeight(taken, item));
        }
    }

    [Fact]
    public void Fit_WithoutTimestamps_SaysWhatIsNeeded()
    {
        var trainer = Recommenders.Trainers.NextItemEase(new NextItemEaseTrainer.Options());
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1]);

        Assert.Contains("order of a user's items: name a column of timestamps (TimestampColumnName)", Assert.Throws<ArgumentException>(() => trainer.Fit(data)).Message);
        var unnamed = Recommenders.Trainers.NextItemEase(timestampColumnName: null);
        var view = new MLContext(1).Data.LoadFromEnumerable(new[] { new Row("a", "b") });
        Assert.Contains("TimestampColumnName", Assert.Throws<ArgumentException>(() => unnamed.Fit(view)).Message);
        Assert.Contains("'Timestamp'", Assert.ThrowsAny<ArgumentException>(() => trainer.Fit(view)).Message);
    }

    [Fact]
    public void Tune_RecencyHalfLife_TakesTheBestOfASweepInEachTrial()
    {
        var split = Recommenders.Splits.LeaveLast(Sequences(150, 40, labelled: false));
        var options = new NextItemEaseTrainer.Options { Regularization = 5, RecencyHalfLife = 8 };
        var tuning = new TunerOptions
        {
            Trials = 2,
            Ranges = new() { ["Regularization"] = null, ["TransitionHalfLife"] = null, ["CooccurrenceWeight"] = null, ["RecencyHalfLife"] = new(0.25, 32) { Logarithmic = true } },
        };

        var tuned = Recommenders.Tune(Recommenders.Trainers.NextItemEase, options, split.Train, split.Test, tuning);

        var best = Enumerable.Range(0, 8).Max(n => Ndcg(MathF.Pow(2, n - 2)));
        Assert.Equal(Ndcg(8), tuned.Trials[0].Metric, 1e-12);
        Assert.Equal(best, tuned.Trials[1].Metric, 1e-12);

        double Ndcg(float halfLife) => Recommenders.Evaluate(
            Recommenders.Trainers.NextItemEase(new NextItemEaseTrainer.Options { Regularization = 5, RecencyHalfLife = halfLife }).Fit(split.Train), split.Test).Ndcg(20).Mean;
    }

    /// <summary>B by the formula of the trainer's documentation, of S and T row by row.</summary>
    private static double[,] Solve(Interactions data, NextItemEaseTrainer.Options options)
    {
        var items = data.Items.Count;
        var (left, right) = (new double[items, items], new double[items, items]);
        for (int i = 0; i < items; i++)
            left[i, i] = options.Regularization!.Value;
        for (int user = 0; user < data.Users.Count; user++)
        {
            var taken = InOrder(data, user);
            for (int next = 1; next < taken.Length; next++)
            {
                var before = taken[..next].Select((entry, place) => (entry.Item, Value: entry.Value * Math.Pow(2, -(next - place) / (double)options.TransitionHalfLife))).ToArray();
                foreach (var a in before)
                {
                    right[a.Item, taken[next].Item] += a.Value * taken[next].Value;
                    foreach (var b in before)
                        left[a.Item, b.Item] += a.Value * b.Value;
                }
            }
            foreach (var a in taken)
                foreach (var b in taken)
                {
                    left[a.Item, b.Item] += options.CooccurrenceWeight * (double)a.Value * b.Value;
                    right[a.Item, b.Item] += options.CooccurrenceWeight * (double)a.Value * b.Value;
                }
        }
        var inverse = DenseMatrix.Inverse(left);
        var weights = DenseMatrix.Multiply(inverse, right);
        for (int j = 0; j < items; j++)
        {
            var own = options.CooccurrenceWeight > 0 ? weights[j, j] / inverse[j, j] : 0;
            for (int i = 0; i < items; i++)
                weights[i, j] = i == j ? 0 : weights[i, j] - inverse[i, j] * own;
        }
        return weights;
    }

    /// <summary>What a user took, by time.</summary>
    private static (int Item, float Value)[] InOrder(Interactions data, int user)
    {
        var rows = data.ByUser;
        return [.. Enumerable.Range(0, rows.Length(user)).OrderBy(e => rows.Timestamps(user)[e])
            .Select(e => (rows.Indices(user)[e], rows.HasLabels ? rows.Labels(user)[e] * rows.Weights(user)[e] : 1))];
    }

    /// <summary>Each user takes some items, popular ones first and others at random, in an order of their own.</summary>
    private static Interactions Sequences(int users, int items, bool labelled)
    {
        var random = new Random(items);
        var pairs = (from user in Enumerable.Range(1, users - 1)
                     from item in Enumerable.Range(1, items - 1)
                     where random.NextDouble() < 6.0 / (item + 8)
                     select (user, item)).ToArray();
        return Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items), [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)],
            labelled ? [.. pairs.Select(_ => random.Next(1, 4) / 2f)] : [], labelled ? [.. pairs.Select(_ => 0.5f + random.NextSingle())] : [],
            [.. pairs.Select(_ => random.NextInt64())]);
    }

    private sealed record Row(string User, string Item);
}
