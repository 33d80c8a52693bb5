using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

public sealed class WalsItemFeaturesTests
{
    private const int Users = 40, Items = 30, Kinds = 6;

    private static readonly MLContext Ml = new();

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.Cholesky, true)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_EveryOptionOn_ReportsTheDenseObjective(WalsSolver solver, bool useBiases)
    {
        var random = new Random(1);
        for (int trial = 0; trial < 25; trial++)
        {
            var problem = Problem(random, 1 + random.Next(40), solver, useBiases);
            var model = Fit(problem, out var losses);
            Assert.InRange(losses[^1] / problem.Loss(model), 1 - 1e-5, 1 + 1e-5);
        }
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.Cholesky, true)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_ItemThatNobodyTook_IsWhatItsFeaturesSay(WalsSolver solver, bool useBiases)
    {
        var random = new Random(2);
        for (int trial = 0; trial < 10; trial++)
        {
            var problem = Problem(random, 1 + random.Next(40), solver, useBiases);
            var model = Fit(problem, out _);
            Assert.Equal(0, problem.ItemCount(Items - 1));
            Assert.True(model.IsKnownItem(Items - 1));
            AssertClose(problem.Prior(Items - 1, model), Row(model, Items - 1), 1e-4);
            Assert.True(float.IsFinite(model.Score(0, Items - 1)));
        }
    }

    [Theory]
    [InlineData(WalsSolver.Cholesky, false)]
    [InlineData(WalsSolver.ConjugateGradient, false)]
    [InlineData(WalsSolver.Cholesky, true)]
    [InlineData(WalsSolver.ConjugateGradient, true)]
    public void Fit_UntilNothingMoves_BothSidesEqualADenseSolve(WalsSolver solver, bool useBiases)
    {
        var problem = Problem(new Random(3), rank: 5, solver, useBiases);
        (problem.Options.NumberOfIterations, problem.Options.Regularization) = (400, 0.3f);
        var model = Fit(problem, out _);
        for (int user = 0; user < Users; user++)
            if (problem.UserCount(user) > 0)
                AssertClose(problem.SolveUser(user, model), [.. model.UserFactors(user), .. useBiases ? new[] { model.UserBias(user) } : []], 5e-3);
        for (int item = 0; item < Items; item++)
            if (problem.ItemCount(item) > 0)
                AssertClose(problem.SolveItem(item, model), Row(model, item), 5e-3);
    }

    [Fact]
    public void Fit_Cholesky_LossNeverRises()
    {
        var random = new Random(4);
        for (int trial = 0; trial < 30; trial++)
        {
            var problem = Problem(random, 1 + random.Next(40), WalsSolver.Cholesky, useBiases: trial % 3 == 2);
            problem.Options.NumberOfIterations = 12;
            Fit(problem, out var losses);
            for (int iteration = 1; iteration < losses.Count; iteration++)
                Assert.True(losses[iteration] <= losses[iteration - 1] * (1 + 1e-6), $"Trial {trial}, iteration {iteration + 1}: {losses[iteration - 1]} rose to {losses[iteration]}.");
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(70)]
    public void Fit_OneOrMoreThreads_GivesTheSameBits(int rank)
    {
        float[] Factors(int threads)
        {
            var problem = Problem(new Random(5), rank, WalsSolver.ConjugateGradient, useBiases: false);
            problem.Options.NumberOfThreads = threads;
            return Fit(problem, out _).ItemMatrix.Padded.ToArray();
        }
        Assert.Equal(Factors(1), Factors(2));
        Assert.Equal(Factors(1), Factors(5));
    }

    [Fact]
    public void FoldIn_HistoryWithAnItemThatNobodyTook_EqualsADenseSolve()
    {
        var problem = Problem(new Random(6), rank: 8, WalsSolver.Cholesky, useBiases: false);
        (problem.Options.ConfidenceScale, problem.Options.UserWeightExponent) = (0, 0);
        var model = Fit(problem, out _);

        AssertClose(problem.SolveQuery([2, Items - 1], model), model.FoldIn(new ItemFeedback[] { new(Items - 1), new(2) }), 1e-4);
        Assert.Contains(model.TopItems(RecommenderQuery.ForHistory(0), Items), entry => entry.Item == Items - 1);
        Assert.Equal(model.FoldIn(new ItemFeedback[] { new(Items - 1) }), Reload(model).FoldIn(new ItemFeedback[] { new(Items - 1) }));
    }

    [Fact]
    public void TopItems_PlantedColours_RanksItemsThatNobodyTookByThem()
    {
        // Even users take even items, odd ones odd items; two items of either kind are in the features alone.
        var random = new Random(7);
        var rows = Enumerable.Range(0, 60).SelectMany(user => Enumerable.Range(4, 36).Where(item => user % 2 == item % 2 && random.NextDouble() < 0.4)
            .Select(item => new Taken { User = $"u{user}", Item = $"{item + 1}" })).ToArray();
        var features = ReadFeatures([.. Enumerable.Range(0, 40).Select(item => new[] { item % 2 == 0 ? "red" : "blue", "all", $"own {item}" })]);
        var model = Ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 6, ItemFeatures = features }).Fit(Ml.Data.LoadFromEnumerable(rows)).Model;

        int[] cold = [0, 1, 2, 3];
        Assert.All(cold, item => Assert.Equal(0, model.ItemPopularity[item]));
        for (int user = 0; user < 60; user++)
        {
            var index = model.Users.IndexOf($"u{user}");
            var list = model.TopItems(RecommenderQuery.ForUser(index), 4, new TopItemsOptions { Filter = ItemFilter.Only(cold) });
            Assert.Equal([true, true, false, false], list.Select(entry => entry.Item % 2 == user % 2));
            Assert.True(list[1].Score > 2 * list[2].Score);
        }
    }

    [Fact]
    public void Fit_FeaturesThatMayNotSayAnything_ChangesNothing()
    {
        var problem = Problem(new Random(8), rank: 8, WalsSolver.Cholesky, useBiases: false);
        problem.Options.FeatureRegularization = 1e6f;
        var with = Fit(problem, out _);
        problem.Options.ItemFeatures = null;
        var without = Fit(problem, out _);
        for (int item = 0; item < Items - 1; item++)
            AssertClose(Array.ConvertAll(Row(without, item), value => (double)value), Row(with, item), 1e-3);
    }

    [Fact]
    public void Wals_FeaturesWithoutRegularization_NamesBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => Ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ItemFeatures = ReadFeatures([["a"]]), Regularization = 0 }));
        Assert.Contains(nameof(WalsTrainer.Options.ItemFeatures), error.Message);
        Assert.Contains(nameof(WalsTrainer.Options.Regularization), error.Message);
    }

    [Fact]
    public void Fit_FeaturesOfOtherItems_SaysWhatIdsLookLike()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromText(["x"]), [0], [0]);
        var error = Assert.Throws<ArgumentException>(() => Ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ItemFeatures = ReadFeatures([["a"]]) }).Fit(data));
        Assert.Contains("'1'", error.Message);
        Assert.Contains("'x'", error.Message);
    }

    /// <summary>At rank 256 a row of more than 512 entries is solved block by block.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_LongItemsInBlocks_ReportsTheDenseObjectiveWithTheSameBitsForAnyThreads(bool useBiases)
    {
        (WalsProblem Problem, WalsModel Model, double Loss) Train(int threads)
        {
            var problem = Problem(new Random(9), rank: 250, WalsSolver.ConjugateGradient, useBiases, users: 1500, items: 12, density: 0.45);
            (problem.Options.NumberOfIterations, problem.Options.NumberOfThreads) = (3, threads);
            var model = Fit(problem, out var losses);
            return (problem, model, losses[^1]);
        }
        var (problem, model, loss) = Train(1);
        Assert.True(Enumerable.Range(0, 12).Max(problem.ItemCount) > 512);
        Assert.InRange(loss / problem.Loss(model), 1 - 1e-5, 1 + 1e-5);
        AssertClose(problem.Prior(11, model), Row(model, 11), 1e-4);
        Assert.Equal(model.ItemMatrix.Padded.ToArray(), Train(3).Model.ItemMatrix.Padded.ToArray());
    }

    private static WalsProblem Problem(Random random, int rank, WalsSolver solver, bool useBiases, int users = Users, int items = Items, double density = 0.3)
    {
        var options = WalsProblem.RandomOptions(random, rank, useBiases);
        options.Solver = solver;
        options.FeatureRegularization = 0.1f + random.NextSingle();
        // Item 3 has no feature, the last has all.
        var kinds = Enumerable.Range(0, items).Select(item => Enumerable.Range(0, Kinds).Where(_ => item == items - 1 || (item != 3 && random.Next(3) == 0)).Select(kind => $"{kind}").ToArray()).ToArray();
        options.ItemFeatures = ReadFeatures(kinds);
        var weights = Enumerable.Range(0, Kinds).Select(kind => Math.Log(1 + (double)items / kinds.Count(own => own.Contains($"{kind}")))).ToArray();
        return new WalsProblem(random, users, items, density, options)
        {
            Features = [.. kinds.Select(own =>
            {
                var vector = weights.Select((weight, kind) => own.Contains($"{kind}") ? weight : 0).ToArray();
                var length = Math.Sqrt(vector.Sum(value => value * value));
                return length > 0 ? Array.ConvertAll(vector, value => value / length) : vector;
            })],
        };
    }

    private static SideFeatures ReadFeatures(string[][] kinds) => Ml.Recommenders().Data.ReadFeatures(
        Ml.Data.LoadFromEnumerable(kinds.Select((own, item) => new Described { Item = $"{item + 1}", Kinds = own }).ToArray()), "Item", ["Kinds"]);

    private static WalsModel Fit(WalsProblem problem, out List<double> losses)
    {
        var reports = losses = [];
        problem.Options.Progress = new CollectedProgress(reports);
        return Ml.Recommenders().Trainers.Wals(problem.Options).Fit(problem.Data);
    }

    private static WalsModel Reload(WalsModel model)
    {
        var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        return (WalsModel)RecommenderModel.Load(stream);
    }

    private static float[] Row(WalsModel model, int item) => [.. model.ItemFactors(item), .. model.HasBiases ? new[] { model.ItemBias(item) } : []];

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual, double tolerance)
    {
        var scale = Math.Max(1e-3, expected.Max(Math.Abs));
        for (int k = 0; k < expected.Length; k++)
            Assert.InRange(Math.Abs(expected[k] - actual[k]) / scale, 0, tolerance);
    }

    private sealed class CollectedProgress(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }

    private sealed class Described
    {
        public string Item = "";
        public string[] Kinds = [];
    }

    private sealed class Taken
    {
        public string User = "", Item = "";
    }
}
