using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

public sealed class SgdMatrixFactorizationTrainerTests
{
    private const double Still = 1e-12;

    public static TheoryData<int, int, double> Shapes => new() { { 1, 1, 1 }, { 3, 40, 0.5 }, { 40, 3, 0.5 }, { 60, 50, 0.2 }, { 300, 200, 0.1 }, { 200, 400, 0.02 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Fit_SquaredErrorHardlyMoving_ReportsTheLossOfEveryPairOnce(int users, int items, double density)
    {
        var data = RandomRatings(1, users, items, density, hasWeights: true);
        var model = Fit(data, out var reports, new() { ApproximationRank = 5, NumberOfIterations = 1, LearningRate = (float)Still });

        double expected = 0;
        ForEach(data, (user, item, label, weight) => expected += weight * Math.Pow(label - model.Score(user, item), 2));

        Assert.Equal(1, reports[0].Loss / expected, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Fit_LogisticHardlyMoving_ReportsEveryPositiveAndItsNegativesOnce(int users, int items, double density)
    {
        // The scores are near zero: each of 1 + 3 terms is log 2. No user has half of the items or more, so that a negative is found.
        if (density >= 0.5)
            return;
        var data = RandomRatings(2, users, items, density);
        for (int iteration = 1; iteration <= 3; iteration++)
        {
            Fit(data, out var reports, new() { ApproximationRank = 64, NumberOfIterations = iteration, LearningRate = (float)Still, Loss = SgdLoss.Logistic, NumberOfNegatives = 3 });
            Assert.Equal(4 * data.Count * Math.Log(2), reports[^1].Loss, 0.01 * data.Count);
        }
    }

    [Theory]
    [InlineData(SgdNegatives.Uniform)]
    [InlineData(SgdNegatives.Popularity)]
    public void Fit_PairwiseHardlyMoving_DrawsNegativesByTheDistribution(SgdNegatives negatives)
    {
        // Each pair moves b_i up and b_j down by η/2: biases count positives less negatives. Items are taken by a share of users that grows with the item.
        const int Items = 256, Users = 4000, Iterations = 40;
        const float Rate = 1e-6f;
        var random = new Random(3);
        List<int> users = [], items = [];
        for (int user = 0; user < Users; user++)
            for (int item = 0; item < Items; item++)
                if (random.NextDouble() < 0.0002 * (10 + item))
                    (users, items) = (Append(users, user), Append(items, item));
        var data = Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), users.ToArray(), items.ToArray());
        var model = Fit(data, out _, new()
        {
            ApproximationRank = 4,
            NumberOfIterations = Iterations,
            LearningRate = Rate,
            LearningRateDecay = 0,
            Regularization = 0,
            Loss = SgdLoss.PairwiseRanking,
            Negatives = negatives,
        });

        var counts = data.ByUser.CountColumns(Items);
        for (int item = 0; item < Items; item++)
        {
            var drawn = (double)counts[item] * Iterations - 2 * model.ItemBias(item) / Rate;
            var share = negatives == SgdNegatives.Uniform ? 1.0 / Items : (double)counts[item] / data.Count;
            Assert.InRange(drawn / (share * data.Count * Iterations), 0.85, 1.15);
        }

        static List<int> Append(List<int> list, int value)
        {
            list.Add(value);
            return list;
        }
    }

    [Theory]
    [InlineData(SgdLoss.SquaredError, 7)]
    [InlineData(SgdLoss.SquaredError, 64)]
    [InlineData(SgdLoss.Logistic, 33)]
    [InlineData(SgdLoss.PairwiseRanking, 16)]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits(SgdLoss loss, int rank)
    {
        var data = RandomRatings(4, 300, 250, 0.1);
        float[][] Factors(int threads)
        {
            var model = Fit(data, out _, new() { ApproximationRank = rank, Loss = loss, NumberOfIterations = 4, NumberOfThreads = threads });
            return [model.UserMatrix.Padded.ToArray(), model.ItemMatrix.Padded.ToArray()];
        }
        var expected = Factors(1);
        Assert.Equal(expected, Factors(2));
        Assert.Equal(expected, Factors(5));
    }

    [Theory]
    [InlineData(true, false, SgdSchedule.Decay)]
    [InlineData(false, false, SgdSchedule.PerRow)]
    [InlineData(true, true, SgdSchedule.PerRow)]
    [InlineData(false, true, SgdSchedule.Decay)]
    public void Fit_PlantedRatings_PredictsThemBetterThanMeans(bool useBiases, bool nonNegative, SgdSchedule schedule)
    {
        var split = new MLContext().Recommenders().Splits.RandomPerUser(RandomRatings(5, 300, 200, 0.3), 0.1, seed: 1);
        var model = Fit(split.Train, out _, new() { ApproximationRank = 8, UseBiases = useBiases, NonNegative = nonNegative, Schedule = schedule, Regularization = 0.02f, NumberOfIterations = 60 });
        var recommenders = new MLContext().Recommenders();

        var rmse = recommenders.EvaluateRatings(model, split.Test).Rmse.Mean;

        var means = recommenders.EvaluateRatings(recommenders.Trainers.Mean(new MeanTrainer.Options { LabelColumnName = "Label", Of = MeanOf.Item }).Fit(split.Train), split.Test).Rmse.Mean;
        Assert.InRange(rmse, 0, 0.7 * means);
        Assert.Equal(useBiases, model.HasBiases);
        if (nonNegative)
            for (int user = 0; user < model.Users.Count; user++)
                Assert.All(model.UserFactors(user).ToArray(), value => Assert.True(value >= 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_ObjectiveOfWals_ReachesWhatWalsReaches(bool hasWeights)
    {
        const int Rank = 12;
        const float Lambda = 0.05f;
        var data = RandomRatings(11, 200, 120, 0.3, hasWeights);
        var problem = new WalsProblem(data, new WalsTrainer.Options
        {
            ApproximationRank = Rank,
            NumberOfIterations = 100,
            Regularization = Lambda,
            UnobservedWeight = 0,
            Target = WalsTarget.Label,
            UseBiases = true,
        });
        var wals = new MLContext().Recommenders().Trainers.Wals(problem.Options).Fit(data);
        var sgd = Fit(data, out _, new() { ApproximationRank = Rank, NumberOfIterations = 200, Regularization = Lambda, LearningRateDecay = 0.1f });

        Assert.Equal(wals.Mean, sgd.Mean);
        Assert.InRange(problem.Loss(sgd) / problem.Loss(wals), 0.99, 1.01);
    }

    [Fact]
    public void Score_WithBiases_IsTheSumOfItsParts()
    {
        var model = Fit(RandomRatings(6, 40, 30, 0.3), out _, new() { ApproximationRank = 6 });
        for (int user = 0; user < 40; user++)
        {
            for (int item = 0; item < 30; item++)
            {
                double expected = model.Mean + model.UserBias(user) + model.ItemBias(item);
                for (int k = 0; k < model.ApproximationRank; k++)
                    expected += model.UserFactors(user)[k] * model.ItemFactors(item)[k];
                if (model.IsKnownUser(user) && model.IsKnownItem(item))
                    Assert.Equal(expected, model.Score(user, item), 1e-5);
                else
                    Assert.Equal(expected, model.ScoreUnknown(user, item), 1e-5);
            }
        }
        Assert.Equal(6, model.ApproximationRank);
    }

    [Fact]
    public void SimilarItems_WithBiases_ComparesEmbeddingsOnly()
    {
        var model = Fit(RandomRatings(7, 60, 40, 0.3), out _, new() { ApproximationRank = 6 });
        foreach (var (item, cosine) in model.SimilarItems(1, 5))
        {
            var x = model.ItemFactors(1);
            var y = model.ItemFactors(item);
            double xy = 0, xx = 0, yy = 0;
            for (int k = 0; k < x.Length; k++)
                (xy, xx, yy) = (xy + x[k] * y[k], xx + x[k] * x[k], yy + y[k] * y[k]);
            Assert.Equal(xy / Math.Sqrt(xx * yy), cosine, 1e-5);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ScoreItems_HistoryWithLabels_MinimisesTheObjective(bool useBiases)
    {
        var model = Fit(RandomRatings(8, 60, 40, 0.3), out _, new() { ApproximationRank = 5, UseBiases = useBiases, Regularization = 0.1f });
        ItemFeedback[] history = [new(3, 5, 2), new(7, 1), new(11, 4, 0.5f), new(12, 2)];
        var scores = new float[model.Items.Count];

        model.ScoreItems(RecommenderQuery.ForHistory(history), scores);

        // The gradient by p is −2 Σ w e q + 2 n λ p, so at the minimum p = Σ w e q / (n λ), and b = Σ w e / (n λ): scores follow from the errors alone.
        for (int item = 0; item < scores.Length; item++)
        {
            if (!model.IsKnownItem(item))
                continue;
            double expected = model.Mean + model.ItemBias(item);
            foreach (var (taken, label, weight, _) in history)
            {
                double product = useBiases ? 1 : 0;
                for (int k = 0; k < 5; k++)
                    product += model.ItemFactors(item)[k] * model.ItemFactors(taken)[k];
                expected += weight * (label - scores[taken]) * product / (history.Length * 0.1);
            }
            Assert.Equal(expected, scores[item], 1e-3);
        }
    }

    [Fact]
    public void Fit_WithValidation_KeepsTheIterationOfTheLowestError()
    {
        var split = new MLContext().Recommenders().Splits.RandomPerUser(RandomRatings(9, 80, 60, 0.2), 0.3, seed: 1);
        var progress = new CollectedProgress();
        var options = new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 16, NumberOfIterations = 200, Regularization = 0.001f, Progress = progress };
        var model = new MLContext().Recommenders().Trainers.SgdMatrixFactorization(options).Fit(split.Train, split.Test);
        var best = progress.Reports.Min(report => report.ValidationMetric!.Value);
        Assert.All(progress.Reports, report => Assert.Equal("RMSE", report.MetricName));
        Assert.Equal(best, new MLContext().Recommenders().EvaluateRatings(model, split.Test).AllPairsRmse.Mean, 12);
        Assert.Equal(3, progress.Reports.Count - 1 - progress.Reports.FindIndex(report => report.ValidationMetric == best));
    }

    [Fact]
    public void Fit_LearningRateTooHigh_StopsWithTheIterationAndTheOption()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Fit(RandomRatings(10, 60, 50, 0.3), out _, new() { LearningRate = 100 }));
        Assert.Contains("iteration ", error.Message);
        Assert.Contains(nameof(SgdMatrixFactorizationTrainer.Options.LearningRate), error.Message);
    }

    /// <summary>Ratings of 100 items, most of which most users rate: from −10 to 10 as of Jester, or from 0 to 100.</summary>
    [Theory]
    [InlineData(-10, 10, SgdSchedule.Decay)]
    [InlineData(-10, 10, SgdSchedule.PerRow)]
    [InlineData(0, 100, SgdSchedule.Decay)]
    public void Fit_RatingsThatLieWideByDefault_PredictsThemBetterThanMeans(int lowest, int highest, SgdSchedule schedule)
    {
        var recommenders = new MLContext().Recommenders();
        var random = new Random(11);
        double[] Row() => [.. Enumerable.Range(0, 4).Select(_ => 2 * random.NextDouble() - 1)];
        double[][] p = [.. Enumerable.Range(0, 2000).Select(_ => Row())], q = [.. Enumerable.Range(0, 100).Select(_ => Row())];
        var builder = new InteractionsBuilder(hasLabels: true, hasWeights: false, hasTimestamps: false);
        for (int user = 0; user < p.Length; user++)
            for (int item = 0; item < q.Length; item++)
                if (random.NextDouble() < 0.6)
                    builder.Add(user, item, Rating(p[user], q[item]));
        var data = builder.Build(IdMap.FromKeys(p.Length), IdMap.FromKeys(q.Length), DuplicateHandling.Last, default);
        var split = recommenders.Splits.RandomPerUser(data, 0.1, seed: 1);

        var model = Fit(split.Train, out _, new() { Schedule = schedule });

        var means = recommenders.Trainers.Mean(new MeanTrainer.Options { Of = MeanOf.User }).Fit(split.Train);
        Assert.InRange(Rmse(model), 0, 0.7 * Rmse(means));

        double Rmse(RecommenderModel model) => recommenders.EvaluateRatings(model, split.Test).Rmse.Mean;

        float Rating(double[] p, double[] q)
        {
            var opinion = 1 + 16 * p.Zip(q, (x, y) => x * y).Sum() + 5 * p[0] + 6 * (random.NextDouble() - 0.5);
            return (float)Math.Clamp((lowest + highest) / 2 + (highest - lowest) / 20 * opinion, lowest, highest);
        }
    }

    [MovieLensTheory]
    [InlineData(64, 0.910)]
    [InlineData(128, 0.909)]
    public void CrossValidateRatings_MovieLens100KFoldsByDefault_IsAtMostTheStockTrainersError(int rank, double most)
    {
        var recommenders = new MLContext().Recommenders();
        var trainer = recommenders.Trainers.SgdMatrixFactorization(labelColumnName: "Label", approximationRank: rank);

        var validation = recommenders.CrossValidateRatings(trainer, Enumerable.Range(1, 5).Select(MovieLens.Fold), new() { BootstrapSamples = 0 });

        Assert.InRange(validation.Rmse, 0.89, most);
    }

    private static SgdMatrixFactorizationModel Fit(Interactions data, out List<TrainingProgress> reports, SgdMatrixFactorizationTrainer.Options options)
    {
        var progress = new CollectedProgress();
        options.Progress = progress;
        var model = new MLContext().Recommenders().Trainers.SgdMatrixFactorization(options).Fit(data);
        reports = progress.Reports;
        return model;
    }

    /// <summary>Ratings around 3 of three planted factors and a little noise. The last user and the last item have none where there are more.</summary>
    private static Interactions RandomRatings(int seed, int users, int items, double density, bool hasWeights = false)
    {
        var random = new Random(seed);
        double[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 3).Select(_ => 2 * random.NextDouble() - 1).ToArray())];
        var (p, q) = (Rows(users), Rows(items));
        var builder = new InteractionsBuilder(hasLabels: true, hasWeights, hasTimestamps: false);
        for (int user = 0; user < Math.Max(1, users - 1); user++)
            for (int item = 0; item < Math.Max(1, items - 1); item++)
                if ((user, item) == (0, 0) || random.NextDouble() < density)
                    builder.Add(user, item, (float)(3 + 1.5 * p[user].Zip(q[item], (x, y) => x * y).Sum() + 0.1 * random.NextDouble()), hasWeights ? 0.5f + random.NextSingle() : 1);
        return builder.Build(IdMap.FromKeys(users), IdMap.FromKeys(items), DuplicateHandling.Last, default);
    }

    private static void ForEach(Interactions data, Action<int, int, float, float> act)
    {
        for (int user = 0; user < data.ByUser.RowCount; user++)
            for (int e = 0; e < data.ByUser.Length(user); e++)
                act(user, data.ByUser.Indices(user)[e], data.ByUser.Labels(user)[e], data.ByUser.HasWeights ? data.ByUser.Weights(user)[e] : 1);
    }

    private sealed class CollectedProgress : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Reports { get; } = [];

        public void Report(TrainingProgress value) => Reports.Add(value);
    }
}
