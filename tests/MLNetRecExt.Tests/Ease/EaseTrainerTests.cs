using Microsoft.ML;

namespace MLNetRecExt.Tests.Ease;

public class EaseTrainerTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    [Theory]
    [InlineData(0, 0, 0, false)]
    [InlineData(0, 0, 0, true)]
    [InlineData(0.33f, 0, 0, true)]
    [InlineData(0, 0.3f, 0, true)]
    [InlineData(0, 0, 0.35f, false)]
    [InlineData(0.33f, 0.3f, 0.35f, false)]
    [InlineData(0.33f, 0.3f, 0.35f, true)]
    [InlineData(0.6f, 1, 1, true)]
    [InlineData(0.6f, 2, 0.9f, false)]
    public void Fit_RandomMatrix_EqualsADenseSolve(float dropout, float exponent, float relaxation, bool labelled)
    {
        var options = new EaseTrainer.Options { Regularization = 7, Dropout = dropout, UserExponent = exponent, DiagonalRelaxation = relaxation };
        AssertSolves(options, Data(40, 60, labelled), isDual: false);
        AssertSolves(options, Data(40, 60, labelled), isDual: true);
        AssertSolves(options, Data(200, 300, labelled), isDual: false);
    }

    private static void AssertSolves(EaseTrainer.Options options, Interactions data, bool isDual)
    {
        options.IsDual = isDual;
        var model = Recommenders.Trainers.Ease(options).Fit(data);

        Assert.IsType(isDual ? typeof(DualEaseModel) : typeof(EaseModel), model);
        var expected = Solve(Dense(data), options);
        for (int i = 0; i < data.Items.Count; i++)
            for (int j = 0; j < data.Items.Count; j++)
                Assert.Equal(model.IsKnownItem(i) && model.IsKnownItem(j) ? expected[i, j] : 0, model.ItemWeight(i, j), 1e-5);
    }

    [Theory]
    [InlineData(300, false, null)]
    [InlineData(300, true, null)]
    [InlineData(300, false, 8)]
    public void Fit_ByItemsAndByUsers_GivesTheSameAnswers(int items, bool labelled, int? topWeights)
    {
        var data = Data(200, items, labelled);
        var (byItems, byUsers) = (Fit(false), Fit(true));

        var news = new ItemFeedback[] { new(3), new(17, 2), new(250) };
        foreach (var query in Enumerable.Range(1, 199).Where(byItems.IsKnownUser).Select(RecommenderQuery.ForUser)
            .Concat([RecommenderQuery.ForHistory(news), RecommenderQuery.ForUser(5, news)]))
        {
            var (expected, actual) = (new float[items], new float[items]);
            byItems.ScoreItems(query, expected);
            byUsers.ScoreItems(query, actual);
            for (int item = 0; item < items; item++)
                Assert.Equal(expected[item], actual[item], 1e-5);
            for (int item = 1; item < items; item += 50)
                if (byUsers.IsKnownItem(item))
                    Assert.Equal(actual[item], byUsers.Explain(query, item).Sum(part => part.Value), 1e-5);
        }

        ItemToItemModel Fit(bool isDual) =>
            Recommenders.Trainers.Ease(new EaseTrainer.Options { IsDual = isDual, TopWeightsPerItem = topWeights }).Fit(data);
    }

    [Fact]
    public void Fit_FewUsers_SolvesTheDualForm()
    {
        Assert.IsType<DualEaseModel>(Recommenders.Trainers.Ease().Fit(Data(79, 100, labelled: false)));
        Assert.IsType<EaseModel>(Recommenders.Trainers.Ease().Fit(Data(80, 100, labelled: false)));

        // A matrix of these items would be 40 GB.
        var large = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(100_000), [0, 0, 1, 1, 2, 2], [5, 99_999, 5, 7, 5, 99_999]);
        Assert.Equal(99_999, Recommenders.Trainers.Ease().Fit(large).TopItems(RecommenderQuery.ForUser(1), 1)[0].Item);
    }

    [Fact]
    public void Fit_RegularizationLeftOut_FollowsTheData()
    {
        // Two items with 3 and 1 users: 1.5 · (9 + 1) / 4; labels of 2 weigh four times.
        var data = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(2), [0, 1, 2, 2], [0, 0, 0, 1], [2, 2, 2, 2]);
        Assert.Equal(
            Recommenders.Trainers.Ease(regularization: 15).Fit(data).ItemWeight(0, 1),
            Recommenders.Trainers.Ease().Fit(data).ItemWeight(0, 1));
        Assert.Equal(5, EaseTrainer.DefaultRegularization(data, 0.5));

        var (open, found) = (new EaseTrainer.Options(), new EaseTrainer.Options());
        found.CompleteFrom(data);
        var range = Assert.Single(found.RangesAround(open));
        Assert.Equal((nameof(open.Regularization), 15.0 / 8, 15.0 * 8, true), (range.Key, range.Value.Min, range.Value.Max, range.Value.Logarithmic));
        Assert.Empty(found.RangesAround(found));
    }

    [Fact]
    public void Tune_DiagonalRelaxation_TakesTheBestOfASweepInEachTrial()
    {
        var split = Recommenders.Splits.RandomPerUser(Data(150, 60, labelled: false), 0.3);
        var options = new EaseTrainer.Options { Regularization = 20, DiagonalRelaxation = 0.7f };
        var tuning = new TunerOptions { Trials = 2, Ranges = new() { ["Regularization"] = null } };

        var tuned = Recommenders.Tune(Recommenders.Trainers.Ease, options, split.Train, split.Test, tuning);

        var metrics = Enumerable.Range(0, 8).Select(tenth => Ndcg(tenth / 10f)).ToArray();
        Assert.Equal(metrics[7], tuned.Trials[0].Metric, 1e-12);
        Assert.Equal(metrics.Max(), tuned.Trials[1].Metric, 1e-12);
        Assert.Equal(Array.IndexOf(metrics, metrics.Max()) / 10.0, tuned.Trials[1].Values["DiagonalRelaxation"], 1e-6);

        double Ndcg(float relaxation) => Recommenders.Evaluate(
            Recommenders.Trainers.Ease(new EaseTrainer.Options { Regularization = 20, DiagonalRelaxation = relaxation }).Fit(split.Train), split.Test).Ndcg(20).Mean;
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public void Score_KnownPair_IsTheSumOfItsExplanation(int? topWeights)
    {
        var data = Data(50, 30, labelled: true);
        var x = Dense(data);
        var model = Recommenders.Trainers.Ease(new EaseTrainer.Options { TopWeightsPerItem = topWeights }).Fit(data);

        for (int user = 1; user < 50; user++)
            for (int item = 1; item < 30; item++)
            {
                if (!model.IsKnownUser(user) || !model.IsKnownItem(item))
                    continue;
                Assert.Equal(Enumerable.Range(0, 30).Sum(taken => x[user, taken] * model.ItemWeight(taken, item)), model.Score(user, item), 1e-5);
                Assert.Equal(model.Explain(user, item).Sum(entry => entry.Value), model.Score(user, item), 1e-5);
            }
    }

    [Fact]
    public void Fit_TopWeightsPerItem_KeepsTheLargestOfEachItem()
    {
        var data = Data(200, 40, labelled: false);
        var all = Recommenders.Trainers.Ease().Fit(data);

        var few = Recommenders.Trainers.Ease(new EaseTrainer.Options { TopWeightsPerItem = 6 }).Fit(data);

        for (int item = 0; item < 40; item++)
        {
            int[] kept = [.. Enumerable.Range(0, 40).Where(taken => all.ItemWeight(taken, item) != 0)
                .OrderByDescending(taken => Math.Abs(all.ItemWeight(taken, item))).ThenBy(taken => taken).Take(6)];
            for (int taken = 0; taken < 40; taken++)
                Assert.Equal(kept.Contains(taken) ? all.ItemWeight(taken, item) : 0, few.ItemWeight(taken, item));
        }
    }

    [Fact]
    public void Fit_CatalogueThatDoesNotFit_NamesTheNeed()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(20_000), [0], [0]);
        var error = Assert.Throws<InsufficientMemoryException>(() => Trainer(megabytes: 1000).Fit(data));
        Assert.Matches("^EaseTrainer needs about 1,6.. MB for 1 users, 20,000 items and 1 interactions, but may take 1,000 MB. Drop rare", error.Message);

        var huge = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(100_000), [0], [0]);
        Assert.Contains("46,000", Refusal(megabytes: 20_000));
        Assert.Contains("larger than an array", Refusal(megabytes: 50_000));

        // Too many for a number of bytes.
        var most = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(int.MaxValue), [0], [0]);
        Assert.Equal(long.MaxValue, Trainer(megabytes: 1).EstimateMemory(most));

        string Refusal(int megabytes) => Assert.Throws<InsufficientMemoryException>(() => Trainer(megabytes).Fit(huge)).Message;

        static EaseTrainer Trainer(int megabytes) =>
            Recommenders.Trainers.Ease(new EaseTrainer.Options { MemoryLimitMegabytes = megabytes, NumberOfThreads = 1, IsDual = false });
    }

    [Fact]
    public void Fit_LabelsTooLarge_SaysWhatToDo()
    {
        var tooLarge = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(1), [0], [0], [1e30f], [1e30f]);
        Assert.Contains("scale labels or weights down", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.Ease().Fit(tooLarge)).Message);

        // Beside such squares λ is lost, and the two items are the same.
        var singular = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0], [0, 1], [1e30f, 1e30f]);
        Assert.Contains("Regularization", Refusal(singular));

        var scores = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0, 1], [0, 1, 1], [3e38f, 3e38f, 3e38f]);
        Assert.Contains("the largest label is 3E+38", Refusal(scores));

        static string Refusal(Interactions data) =>
            Assert.Throws<InvalidOperationException>(() => Recommenders.Trainers.Ease(Plain(300)).Fit(data)).Message;
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e10)]
    [InlineData(1e18)]
    [InlineData(1e20)]
    [InlineData(1e30)]
    public void Fit_WeightsWhoseSquaresAreLarge_SolvesAllTheSame(double large)
    {
        var x = (float)large;
        const float Regularization = 300;
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0, 1, 1], [0, 1, 0, 1], default, [x, 1, 1, x]);

        var model = Recommenders.Trainers.Ease(Plain(Regularization)).Fit(data);

        // Of two items: B_01 = G_01 / (G_00 + λ).
        var weight = 2 * (double)x / ((double)x * x + 1 + Regularization);
        Assert.Equal(1, model.Score(0, 1) / (x * weight), 1e-5);
        Assert.Equal(1, model.Score(0, 0) / weight, 1e-5);
    }

    private static EaseTrainer.Options Plain(float regularization) =>
        new() { Regularization = regularization, Dropout = 0, UserExponent = 0, DiagonalRelaxation = 0 };

    /// <summary>B by the formula of the trainer's documentation.</summary>
    private static double[,] Solve(double[,] x, EaseTrainer.Options options)
    {
        var (users, items) = (x.GetLength(0), x.GetLength(1));
        var gramian = new double[items, items];
        double squares = 0;
        for (int user = 0; user < users; user++)
        {
            var taken = Enumerable.Range(0, items).Where(item => x[user, item] != 0).ToArray();
            foreach (var i in taken)
            {
                squares += x[user, i] * x[user, i];
                foreach (var j in taken)
                    gramian[i, j] += x[user, i] * x[user, j] * Math.Pow(taken.Length, -options.UserExponent);
            }
        }
        var diagonal = Enumerable.Range(0, items).Select(item => gramian[item, item]).ToArray();
        var penalties = Array.ConvertAll(diagonal, own =>
            options.Regularization!.Value * diagonal.Sum() / squares + options.Dropout / (1 - (double)options.Dropout) * own);
        for (int item = 0; item < items; item++)
            gramian[item, item] += penalties[item];
        var inverse = DenseMatrix.Inverse(gramian);
        var weights = new double[items, items];
        for (int i = 0; i < items; i++)
            for (int j = 0; j < items; j++)
                weights[i, j] = i == j ? 0 : -inverse[i, j] * Math.Max(penalties[j], (1 - options.DiagonalRelaxation) / inverse[j, j]);
        return weights;
    }

    private static Interactions Data(int users, int items, bool labelled)
    {
        var random = new Random(items);
        var pairs = (from user in Enumerable.Range(1, users - 1) from item in Enumerable.Range(1, items - 1) where random.NextDouble() < 6.0 / (item + 8) select (user, item)).ToArray();
        return Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items), [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)],
            labelled ? [.. pairs.Select(_ => random.Next(1, 4) / 2f)] : [], labelled ? [.. pairs.Select(_ => 0.5f + random.NextSingle())] : []);
    }

    private static double[,] Dense(Interactions data)
    {
        var x = new double[data.Users.Count, data.Items.Count];
        for (int user = 0; user < data.Users.Count; user++)
            for (int e = 0; e < data.ByUser.Length(user); e++)
                x[user, data.ByUser.Indices(user)[e]] = data.ByUser.HasLabels ? data.ByUser.Labels(user)[e] * data.ByUser.Weights(user)[e] : 1;
        return x;
    }
}
