using Microsoft.ML;
using Microsoft.ML.Data;

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WithItems_FeaturesOfZerosAndOnes_EmbedsAsTrainingEmbedsWhatNobodyTook(bool useBiases)
    {
        // Such numbers do not depend on how many items have them, as the weights of categories do.
        var random = new Random(9);
        float[][] numbers = [.. Enumerable.Range(0, Items)
            .Select(item => Enumerable.Range(0, Kinds).Select(_ => (float)random.Next(2)).ToArray())];
        var all = ReadNumbers(numbers, 0);
        var rows = Enumerable.Range(0, 200).Select(_ => (User: random.Next(Users), Item: random.Next(Items - 2))).Distinct().ToArray();
        var training = Fit(all, all.Ids);

        var before = ReadNumbers(numbers[..^2], 0);
        var model = Fit(before, before.Ids);
        var added = (WalsModel)model.WithItems(ReadNumbers(numbers[^2..], Items - 2));

        for (int item = 0; item < Items; item++)
            AssertClose(Array.ConvertAll(Row(training, item), value => (double)value), Row(added, item), 1e-4);
        var history = new ItemFeedback[] { new(0), new(Items - 1, 3) };
        AssertClose(Array.ConvertAll(training.FoldIn(history), value => (double)value), added.FoldIn(history), 1e-4);
        Assert.Equal(useBiases, added.ItemBias(Items - 1) != 0);

        WalsModel Fit(SideFeatures features, IdMap items) => Ml.Recommenders().Trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 20,
            Solver = WalsSolver.Cholesky,
            ItemFeatures = features,
            UseBiases = useBiases,
            UnobservedWeight = useBiases ? 0 : 0.1f,
            Target = useBiases ? WalsTarget.Label : WalsTarget.One,
            NumberOfIterations = 3,
        }).Fit(Interactions.Create(
            IdMap.FromKeys(Users), items, [.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)],
            [.. rows.Select(row => 1f + row.Item % 5)]));
    }

    [Fact]
    public void WithItems_ColumnsOfAnotherKindOrMissing_AreRefusedByName()
    {
        var problem = Problem(new Random(10), rank: 4, WalsSolver.Cholesky, useBiases: false);
        var model = Fit(problem, out _);

        var numbers = Assert.Throws<ArgumentException>(() => model.WithItems(ReadNumbers([[1, 0]], Items)));
        Assert.Contains("no feature 'Kinds'", numbers.Message);
        var data = Ml.Data.LoadFromEnumerable(new[] { new { Item = $"{Items + 1}", Kinds = 3f } });
        var kind = Assert.Throws<ArgumentException>(() => model.WithItems(Ml.Recommenders().Data.ReadFeatures(data, "Item", ["Kinds"])));
        Assert.Contains("have Kinds: number, and the model learned Kinds: 6 categories", kind.Message);
        var gap = Assert.Throws<ArgumentException>(() => model.WithItems(ReadFeatures([["1"]], from: Items + 5)));
        Assert.Contains("from 31", gap.Message);
    }

    [Fact]
    public void WithItems_UnknownCategoriesAlone_LeaveTheItemUnknown()
    {
        var problem = Problem(new Random(11), rank: 4, WalsSolver.Cholesky, useBiases: false);
        var model = Fit(problem, out _);

        var added = model.WithItems(ReadFeatures([["never seen"], ["1", "never seen"]], from: Items));

        Assert.Equal(Items + 2, added.Items.Count);
        Assert.Equal([false, true], new[] { Items, Items + 1 }.Select(added.IsKnownItem));
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

    private static SideFeatures ReadFeatures(string[][] kinds, int from = 0) => Ml.Recommenders().Data.ReadFeatures(
        Ml.Data.LoadFromEnumerable(kinds.Select((own, item) => new Described { Item = $"{from + item + 1}", Kinds = own }).ToArray()),
        "Item", ["Kinds"]);

    private static SideFeatures ReadNumbers(float[][] numbers, int from) => Ml.Recommenders().Data.ReadFeatures(
        Ml.Data.LoadFromEnumerable(
            numbers.Select((own, item) => new Measured { Item = $"{from + item + 1}", Numbers = own }).ToArray(),
            Shape(numbers[0].Length)),
        "Item", ["Numbers"]);

    private static SchemaDefinition Shape(int size)
    {
        var schema = SchemaDefinition.Create(typeof(Measured));
        schema["Numbers"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
        return schema;
    }

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

    private sealed class Measured
    {
        public string Item = "";
        public float[] Numbers = [];
    }

    private sealed class Taken
    {
        public string User = "", Item = "";
    }
}
