using System.Numerics.Tensors;
using Microsoft.ML;
using MLNetRecExt.Tests.Data;

namespace MLNetRecExt.Tests.MatrixFactorization;

public sealed class WalsTrainerTests
{
    private static WalsModel Fit(WalsProblem problem, out List<TrainingProgress> reports)
    {
        var progress = new CollectedProgress();
        problem.Options.Progress = progress;
        var model = new MLContext().Recommenders().Trainers.Wals(problem.Options).Fit(problem.Data);
        reports = progress.Reports;
        return model;
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.Cholesky, true)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_EveryOptionOn_ReportsTheDenseObjective(WalsSolver solver, bool useBiases)
    {
        var random = new Random(1);
        for (int trial = 0; trial < 50; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40), useBiases);
            options.Solver = solver;
            var problem = new WalsProblem(random, 5 + random.Next(60), 5 + random.Next(60), 0.3, options, useBiases || trial % 2 == 0, trial % 3 == 0);
            var model = Fit(problem, out var reports);
            Assert.Equal(useBiases, model.HasBiases);
            var expected = problem.Loss(model);
            Assert.InRange(reports[^1].Loss / expected, 1 - 1e-5, 1 + 1e-5);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_Cholesky_UsersEqualADenseSolve(bool useBiases)
    {
        var random = new Random(2);
        for (int trial = 0; trial < 30; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40), useBiases);
            options.Solver = WalsSolver.Cholesky;
            var problem = new WalsProblem(random, 30, 50, 0.3, options);
            var model = Fit(problem, out _);
            for (int user = 0; user < 30; user++)
            {
                if (problem.UserCount(user) == 0)
                {
                    Assert.Equal(new float[model.ApproximationRank], model.UserFactors(user).ToArray());
                    continue;
                }
                AssertClose(problem.SolveUser(user, model), Row(model.UserFactors(user), model, model.UserBias(user)), 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.Cholesky, true)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_UntilNothingMoves_BothSidesEqualADenseSolve(WalsSolver solver, bool useBiases)
    {
        var options = WalsProblem.RandomOptions(new Random(9), rank: 5, useBiases);
        (options.Solver, options.NumberOfIterations, options.Regularization) = (solver, 1000, 0.3f);
        var problem = new WalsProblem(new Random(9), 40, 30, 0.3, options);
        var model = Fit(problem, out _);
        for (int user = 0; user < 40; user++)
            if (problem.UserCount(user) > 0)
                AssertClose(problem.SolveUser(user, model), Row(model.UserFactors(user), model, model.UserBias(user)), 5e-3);
        for (int item = 0; item < 30; item++)
            if (problem.ItemCount(item) > 0)
                AssertClose(problem.SolveItem(item, model), Row(model.SolvedItemMatrix[item][..model.ApproximationRank], model, model.ItemBias(item)), 5e-3);
    }

    /// <summary>At rank 256 a row of more than 512 entries does not stay in the cache: such rows are solved block by block.</summary>
    [Theory]
    [InlineData(12, 1500, false)]
    [InlineData(1500, 12, false)]
    [InlineData(12, 1500, true)]
    [InlineData(1500, 12, true)]
    public void Fit_LongRowsInBlocks_ReportsTheDenseObjectiveWithTheSameBitsForAnyThreads(int users, int items, bool useBiases)
    {
        (WalsProblem Problem, WalsModel Model, double Loss) Train(WalsSolver solver, int threads)
        {
            var options = WalsProblem.RandomOptions(new Random(11), rank: 250, useBiases);
            (options.Solver, options.NumberOfIterations, options.NumberOfThreads) = (solver, 3, threads);
            var problem = new WalsProblem(new Random(11), users, items, 0.45, options);
            var model = Fit(problem, out var reports);
            return (problem, model, reports[^1].Loss);
        }
        var (problem, model, loss) = Train(WalsSolver.ConjugateGradient, 1);
        Assert.True(Enumerable.Range(0, users).Max(problem.UserCount) > 512 || Enumerable.Range(0, items).Max(problem.ItemCount) > 512);
        Assert.InRange(loss / problem.Loss(model), 1 - 1e-5, 1 + 1e-5);
        Assert.InRange(loss / Train(WalsSolver.Cholesky, 2).Loss, 0.9, 1.1);
        var (_, other, otherLoss) = Train(WalsSolver.ConjugateGradient, threads: 3);
        Assert.Equal(loss, otherLoss);
        for (int user = 0; user < users; user++)
            Assert.Equal(model.UserFactors(user), other.UserFactors(user));
        for (int item = 0; item < items; item++)
            Assert.Equal(model.ItemFactors(item), other.ItemFactors(item));
    }

    [Fact]
    public void Score_WithBiases_IsTheSumOfItsParts()
    {
        var problem = new WalsProblem(new Random(10), 40, 30, 0.3, WalsProblem.RandomOptions(new Random(10), rank: 6, useBiases: true));
        var model = Fit(problem, out _);
        for (int user = 0; user < 40; user++)
        {
            for (int item = 0; item < 30; item++)
            {
                double expected = model.Mean + model.UserBias(user) + model.ItemBias(item);
                for (int k = 0; k < model.ApproximationRank; k++)
                    expected += model.UserFactors(user)[k] * model.ItemFactors(item)[k];
                var known = model.IsKnownUser(user) && model.IsKnownItem(item);
                Assert.Equal(expected, known ? model.Score(user, item) : model.ScoreUnknown(user, item), 1e-5);
            }
        }
        Assert.Equal(6, model.ApproximationRank);
    }

    [Theory]
    [InlineData(nameof(WalsTrainer.Options.UnobservedWeight), 0.1f)]
    [InlineData(nameof(WalsTrainer.Options.Target), WalsTarget.One)]
    public void Wals_BiasesForWhatIsNotALabel_NamesTheOption(string option, object value)
    {
        var options = new WalsTrainer.Options { UseBiases = true, UnobservedWeight = 0, Target = WalsTarget.Label };
        Assert.NotNull(new MLContext().Recommenders().Trainers.Wals(options));
        typeof(WalsTrainer.Options).GetField(option)!.SetValue(options, value);
        var error = Assert.Throws<ArgumentException>(() => new MLContext().Recommenders().Trainers.Wals(options));
        Assert.Contains(nameof(WalsTrainer.Options.UseBiases), error.Message);
        Assert.Contains(option, error.Message);
    }

    [Fact]
    public void Fit_Cholesky_LossNeverRises()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 60; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40), useBiases: trial % 4 == 3);
            options.Solver = WalsSolver.Cholesky;
            options.NumberOfIterations = 12;
            Fit(new WalsProblem(random, 40, 40, random.NextDouble() / 2, options, trial % 2 == 0, trial % 3 == 0), out var reports);
            for (int iteration = 1; iteration < reports.Count; iteration++)
                Assert.True(reports[iteration].Loss <= reports[iteration - 1].Loss * (1 + 1e-6), $"Trial {trial}, iteration {iteration + 1}: {reports[iteration - 1].Loss} rose to {reports[iteration].Loss}.");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(128)]
    public void Fit_OneOrTwoThreads_GivesTheSameBits(int rank)
    {
        foreach (var (solver, useBiases) in new[] { (WalsSolver.Cholesky, false), (WalsSolver.ConjugateGradient, false), (WalsSolver.Cholesky, true), (WalsSolver.ConjugateGradient, true) })
        {
            float[][] Factors(int threads)
            {
                var options = new WalsTrainer.Options { ApproximationRank = rank, Solver = solver, NumberOfIterations = 3, NumberOfThreads = threads, UnobservedPopularityExponent = 0.5f };
                if (useBiases)
                    (options.UseBiases, options.UnobservedWeight, options.Target) = (true, 0, WalsTarget.Label);
                var model = Fit(new WalsProblem(new Random(4), 300, 200, 0.1, options), out _);
                return [model.UserMatrix.Padded.ToArray(), model.ItemMatrix.Padded.ToArray()];
            }
            Assert.Equal(Factors(1), Factors(2));
            Assert.Equal(Factors(1), Factors(5));
        }
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_RowsOutsideOfArrays_GivesTheSameFactorsListsAndMetrics(WalsSolver solver, bool useBiases)
    {
        var options = WalsProblem.RandomOptions(new Random(8), 20, useBiases);
        options.Solver = solver;
        var data = new WalsProblem(new Random(4), 300, 200, 0.1, options).Data;
        var trainer = new MLContext().Recommenders().Trainers.Wals(options);
        var model = trainer.Fit(data);

        var longModel = trainer.Fit(LongRows.Of(data));

        Assert.Equal(Values(model.UserMatrix), Values(longModel.UserMatrix));
        Assert.Equal(Values(model.ItemMatrix), Values(longModel.ItemMatrix));
        Assert.Equal(trainer.EstimateMemory(data), trainer.EstimateMemory(LongRows.Of(data)));
        var heldOut = new WalsProblem(new Random(5), 300, 200, 0.02, new WalsTrainer.Options()).Data;
        var recommenders = new MLContext().Recommenders();
        Assert.Equal($"{recommenders.Evaluate(model, heldOut)}", $"{recommenders.Evaluate(longModel, heldOut)}");
        Assert.Equal(model.FoldIn(RecommenderQuery.ForUser(3)), longModel.FoldIn(RecommenderQuery.ForUser(3)));

        static float[] Values(MLNetRecExt.Kernels.AlignedMatrix matrix) => matrix.Padded.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TakeFactors_AfterASweep_AreTheCopiesInTheMemoryOfTraining(bool useBiases)
    {
        var options = WalsProblem.RandomOptions(new Random(8), 20, useBiases);
        var data = new WalsProblem(new Random(4), 300, 200, 0.1, options).Data;
        var squares = new AlternatingLeastSquares(data.ByUser, 200, options.Settings, new(options.Solver, 20, Seed: 1, Threads: 1, default));
        squares.Sweep();
        var (copiedUsers, copiedItems) = (squares.CopyUserFactors(), squares.CopyItemFactors());

        var before = GC.GetAllocatedBytesForCurrentThread();
        var (users, items) = squares.TakeFactors();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.Equal(copiedUsers.Padded.ToArray(), users.Padded.ToArray());
        Assert.Equal(copiedItems.Padded.ToArray(), items.Padded.ToArray());
        Assert.Same(squares.ItemFactors, items);
    }

    /// <summary>A side larger than the caches is gathered first, one that is not is read in place, and of long rows block by block: at
    /// rank 250 in blocks of 512 rows, or of more where a row has few entries in them.</summary>
    [Theory]
    [InlineData(1500, 12, 0.45)]
    [InlineData(6000, 6, 0.1)]
    [InlineData(300, 200, 0.1)]
    public void Sweep_SideLargerThanTheCaches_GivesTheFactorsOfOneThatIsNot(int users, int items, double density)
    {
        var options = WalsProblem.RandomOptions(new Random(9), 250);
        var data = new WalsProblem(new Random(9), users, items, density, options).Data;
        var (expected, expectedLoss) = Swept(long.MaxValue, threads: 1);
        var (factors, loss) = Swept(0, threads: 2);

        // Sums over the entries of a row are cut where blocks are.
        Assert.InRange(TensorPrimitives.Distance<float>(expected, factors), 0, 1e-6 * TensorPrimitives.Norm<float>(expected));
        Assert.InRange(loss / expectedLoss, 1 - 1e-6, 1 + 1e-6);

        (float[] Items, double Loss) Swept(long mostCachedBytes, int threads)
        {
            var squares = new AlternatingLeastSquares(
                data.ByUser, items, options.Settings, new(WalsSolver.ConjugateGradient, 250, Seed: 1, threads) { MostCachedBytes = mostCachedBytes });
            squares.Sweep();
            return ([.. squares.CopyUserFactors().Padded, .. squares.CopyItemFactors().Padded], squares.Sweep());
        }
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_BFloat16_ComesNearTheObjectiveOfSingleWithTheSameBitsForAnyThreads(WalsSolver solver, bool useBiases)
    {
        var (single, expected) = Trained(WalsPrecision.Single, threads: 1);
        var (brief, loss) = Trained(WalsPrecision.BFloat16, threads: 1);
        Assert.InRange(loss / expected, 0.99, 1.01);
        Assert.NotEqual(single.UserMatrix.Padded.ToArray(), brief.UserMatrix.Padded.ToArray());
        var (other, _) = Trained(WalsPrecision.BFloat16, threads: 3);
        Assert.Equal(brief.UserMatrix.Padded.ToArray(), other.UserMatrix.Padded.ToArray());
        Assert.Equal(brief.ItemMatrix.Padded.ToArray(), other.ItemMatrix.Padded.ToArray());

        (WalsModel Model, double Loss) Trained(WalsPrecision precision, int threads)
        {
            var options = WalsProblem.RandomOptions(new Random(6), rank: 20, useBiases);
            (options.Solver, options.Precision, options.NumberOfThreads, options.NumberOfIterations) = (solver, precision, threads, 4);
            var problem = new WalsProblem(new Random(6), 120, 60, 0.3, options);
            var model = Fit(problem, out var reports);
            var loss = problem.Loss(model);
            Assert.InRange(reports[^1].Loss / loss, 0.98, 1.02);
            return (model, loss);
        }
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky)]
    [InlineData(WalsSolver.ConjugateGradient)]
    public void Fit_LabelsBeyondSinglePrecision_StopsWithTheIterationAndTheOption(WalsSolver solver)
    {
        var builder = new InteractionsBuilder(hasLabels: true, hasWeights: false, hasTimestamps: false);
        for (int user = 0; user < 10; user++)
            for (int item = 0; item < 10; item++)
                builder.Add(user, item, 1e30f);
        var data = builder.Build(IdMap.FromKeys(10), IdMap.FromKeys(10), DuplicateHandling.Last, default);
        var error = Assert.Throws<InvalidOperationException>(() =>
            new MLContext().Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, Solver = solver, Target = WalsTarget.Label }).Fit(data));
        Assert.Contains("iteration ", error.Message);
        Assert.Contains(nameof(WalsTrainer.Options.Regularization), error.Message);
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky)]
    [InlineData(WalsSolver.ConjugateGradient)]
    public void Fit_NothingRegularised_GivesFiniteFactors(WalsSolver solver)
    {
        // Rank above every row's length, λ = 0, w0 = 0: most directions are undetermined.
        var random = new Random(6);
        for (int trial = 0; trial < 100; trial++)
        {
            var options = new WalsTrainer.Options { ApproximationRank = 48, Regularization = 0, UnobservedWeight = 0, Solver = solver, Target = WalsTarget.Label, UseBiases = trial % 2 == 1 };
            var model = Fit(new WalsProblem(random, 30, 30, 0.1, options), out var reports);
            Assert.All(reports, report => Assert.True(double.IsFinite(report.Loss)));
            Assert.All(model.UserMatrix.Padded.ToArray(), value => Assert.True(float.IsFinite(value)));
            Assert.All(model.ItemMatrix.Padded.ToArray(), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void Fit_NegativeLabelWithConfidenceScale_NamesBoth()
    {
        var builder = new InteractionsBuilder(hasLabels: true, hasWeights: false, hasTimestamps: false);
        builder.Add(0, 0, -3);
        var data = builder.Build(IdMap.FromKeys(1), IdMap.FromKeys(1), DuplicateHandling.Last, default);
        var error = Assert.Throws<ArgumentException>(() =>
            new MLContext().Recommenders().Trainers.Wals(new WalsTrainer.Options { ConfidenceScale = 1 }).Fit(data));
        Assert.Contains("-3", error.Message);
        Assert.Contains(nameof(WalsTrainer.Options.ConfidenceScale), error.Message);
    }

    [Fact]
    public void Fit_LabelsThatDoNothing_WarnsWhatToSet()
    {
        var ratings = new WalsProblem(new Random(12), 20, 15, 0.3, new WalsTrainer.Options { ApproximationRank = 4 }).Data;
        var ones = new WalsProblem(new Random(12), 20, 15, 0.3, new WalsTrainer.Options { ApproximationRank = 4 }, hasLabels: false).Data;
        const string Warning = "Labels, from 1 to 5, do nothing: what was taken counts as 1. To predict ratings set Target to WalsTarget.Label "
            + "and UnobservedWeight to 0. Where labels are counts, set ConfidenceScale. To learn from liked items alone, read them with RelevantFrom.";

        Assert.Equal([Warning], Warnings(ratings, new() { ApproximationRank = 4 }));
        Assert.Empty(Warnings(ratings, new() { ApproximationRank = 4, ConfidenceScale = 1 }));
        Assert.Empty(Warnings(ratings, new() { ApproximationRank = 4, Target = WalsTarget.Label, UnobservedWeight = 0 }));
        Assert.Empty(Warnings(ones, new() { ApproximationRank = 4 }));

        static List<string> Warnings(Interactions data, WalsTrainer.Options options)
        {
            var ml = new MLContext();
            List<string> warnings = [];
            ml.Log += (_, line) =>
            {
                if (line.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                    warnings.Add(line.RawMessage);
            };
            ml.Recommenders().Trainers.Wals(options).Fit(data);
            return warnings;
        }
    }

    [Theory]
    [InlineData(nameof(WalsTrainer.Options.ApproximationRank), 0)]
    [InlineData(nameof(WalsTrainer.Options.ApproximationRank), 1025)]
    [InlineData(nameof(WalsTrainer.Options.NumberOfIterations), 0)]
    [InlineData(nameof(WalsTrainer.Options.NumberOfThreads), 0)]
    [InlineData(nameof(WalsTrainer.Options.EarlyStoppingRounds), -1)]
    [InlineData(nameof(WalsTrainer.Options.EarlyStoppingTolerance), -0.1f)]
    [InlineData(nameof(WalsTrainer.Options.Regularization), -1f)]
    [InlineData(nameof(WalsTrainer.Options.Regularization), float.NaN)]
    [InlineData(nameof(WalsTrainer.Options.Regularization), float.PositiveInfinity)]
    [InlineData(nameof(WalsTrainer.Options.RegularizationExponent), 1.1f)]
    [InlineData(nameof(WalsTrainer.Options.UnobservedWeight), -0.1f)]
    [InlineData(nameof(WalsTrainer.Options.UnobservedPopularityExponent), 2.5f)]
    [InlineData(nameof(WalsTrainer.Options.ConfidenceScale), -1f)]
    [InlineData(nameof(WalsTrainer.Options.UserWeightExponent), -3f)]
    [InlineData(nameof(WalsTrainer.Options.ItemWeightExponent), 3f)]
    [InlineData(nameof(WalsTrainer.Options.Solver), (WalsSolver)7)]
    [InlineData(nameof(WalsTrainer.Options.Target), (WalsTarget)7)]
    [InlineData(nameof(WalsTrainer.Options.Precision), (WalsPrecision)7)]
    public void Wals_OptionOutOfRange_NamesTheOptionAndTheValue(string option, object value)
    {
        var options = new WalsTrainer.Options();
        typeof(WalsTrainer.Options).GetField(option)!.SetValue(options, value);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new MLContext().Recommenders().Trainers.Wals(options));
        Assert.Equal(option, error.ParamName);
        Assert.Equal(value, error.ActualValue);
    }

    [Fact]
    public void Fit_EarlyStoppingTolerance_StopsWhereTheLossFlattens()
    {
        var options = new WalsTrainer.Options { ApproximationRank = 4, NumberOfIterations = 200, EarlyStoppingTolerance = 0.01f, Solver = WalsSolver.Cholesky };
        Fit(new WalsProblem(new Random(7), 60, 50, 0.2, options), out var reports);
        Assert.InRange(reports.Count, 2, 100);
        var gains = reports.Zip(reports.Skip(1), (before, after) => (before.Loss - after.Loss) / before.Loss).ToArray();
        Assert.True(gains[^1] < 0.01);
        Assert.All(gains[..^1], gain => Assert.True(gain >= 0.01));
    }

    [Fact]
    public void Fit_WithValidation_KeepsTheBestIteration()
    {
        var random = new Random(8);
        var problem = new WalsProblem(random, 80, 60, 0.25, new WalsTrainer.Options { ApproximationRank = 16, NumberOfIterations = 40, Regularization = 1e-4f, Target = WalsTarget.One });
        var split = new MLContext().Recommenders().Splits.RandomPerUser(problem.Data, 0.3, seed: 1);
        var progress = new CollectedProgress();
        problem.Options.Progress = progress;
        var model = new MLContext().Recommenders().Trainers.Wals(problem.Options).Fit(split.Train, split.Test);
        var best = progress.Reports.Max(report => report.ValidationMetric!.Value);
        Assert.Equal(best, RankingEvaluator.Ndcg(model, split.Test).Value, 12);
        var rounds = progress.Reports.Count - 1 - progress.Reports.FindIndex(report => report.ValidationMetric == best);
        Assert.True(rounds == problem.Options.EarlyStoppingRounds || progress.Reports.Count == 40);
    }

    private static float[] Row(ReadOnlySpan<float> factors, FactorModel model, float bias) => model.HasBiases ? [.. factors, bias] : factors.ToArray();

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual, double tolerance)
    {
        var scale = Math.Max(1e-3, expected.Max(Math.Abs));
        for (int k = 0; k < expected.Length; k++)
            Assert.InRange(Math.Abs(expected[k] - actual[k]) / scale, 0, tolerance);
    }

    private sealed class CollectedProgress : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Reports { get; } = [];

        public void Report(TrainingProgress value) => Reports.Add(value);
    }
}
