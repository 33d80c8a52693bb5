using Microsoft.ML;

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
    [InlineData(WalsSolver.Cholesky)]
    [InlineData(WalsSolver.ConjugateGradient)]
    public void Fit_EveryOptionOn_ReportsTheDenseObjective(WalsSolver solver)
    {
        var random = new Random(1);
        for (int trial = 0; trial < 50; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40));
            options.Solver = solver;
            var problem = new WalsProblem(random, 5 + random.Next(60), 5 + random.Next(60), 0.3, options, trial % 2 == 0, trial % 3 == 0);
            var model = Fit(problem, out var reports);
            var expected = problem.Loss(model.UserMatrix, model.ItemMatrix);
            Assert.InRange(reports[^1].Loss / expected, 1 - 1e-5, 1 + 1e-5);
        }
    }

    [Fact]
    public void Fit_Cholesky_UsersEqualADenseSolve()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 30; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40));
            options.Solver = WalsSolver.Cholesky;
            var problem = new WalsProblem(random, 30, 50, 0.3, options);
            var model = Fit(problem, out _);
            for (int user = 0; user < 30; user++)
            {
                if (problem.UserCount(user) == 0)
                {
                    Assert.Equal(new float[options.ApproximationRank], model.UserFactors(user).ToArray());
                    continue;
                }
                AssertClose(problem.SolveUser(user, model.ItemMatrix), model.UserFactors(user), 1e-4);
            }
        }
    }

    [Fact]
    public void Fit_Cholesky_LossNeverRises()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 60; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40));
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
        foreach (var solver in Enum.GetValues<WalsSolver>())
        {
            float[][] Factors(int threads)
            {
                var options = new WalsTrainer.Options { ApproximationRank = rank, Solver = solver, NumberOfIterations = 3, NumberOfThreads = threads, UnobservedPopularityExponent = 0.5f };
                var model = Fit(new WalsProblem(new Random(4), 300, 200, 0.1, options), out _);
                return [model.UserMatrix.Padded.ToArray(), model.ItemMatrix.Padded.ToArray()];
            }
            Assert.Equal(Factors(1), Factors(2));
            Assert.Equal(Factors(1), Factors(5));
        }
    }

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
