using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class WalsSmoothingTests
{
    [Theory]
    [InlineData(WalsSolver.Cholesky, 1)]
    [InlineData(WalsSolver.ConjugateGradient, 2)]
    public void Fit_ItemSmoothing_AddsToEachItemWhatItsDefinitionSaysAndChangesNothingElse(WalsSolver solver, int threads)
    {
        var random = new Random(1);
        for (int trial = 0; trial < 10; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40));
            (options.Solver, options.NumberOfThreads, options.ItemSmoothing) = (solver, threads, 0);
            var data = new WalsProblem(random, 40, 30, 0.2, options).Data;
            var plain = Fit(options, data);
            options.ItemSmoothing = 0.1f + random.NextSingle();

            var model = Fit(options, data);

            Assert.Same(plain.ItemMatrix, plain.SolvedItemMatrix);
            Assert.Equal(plain.ItemMatrix.Padded, model.SolvedItemMatrix.Padded);
            Assert.Equal(plain.UserMatrix.Padded, model.UserMatrix.Padded);
            AssertSmoothed(model, Enumerable.Range(0, 30));
            Assert.Equal(new float[model.ApproximationRank], model.ItemFactors(29));
        }
    }

    [Fact]
    public void FoldIn_SmoothedModel_SolvesWithTheItemsFromBefore()
    {
        var random = new Random(2);
        var options = WalsProblem.RandomOptions(random, rank: 6);
        (options.Target, options.ConfidenceScale, options.UserWeightExponent, options.ItemSmoothing) = (WalsTarget.One, 0, 0, 0.5f);
        var problem = new WalsProblem(random, 30, 20, 0.3, options, hasWeights: false);
        var model = Fit(options, problem.Data);

        var (expected, folded) = (problem.SolveQuery([1, 4, 7], model), model.FoldIn(new ItemFeedback[] { new(1), new(4), new(7) }));

        for (int k = 0; k < folded.Length; k++)
            Assert.Equal(expected[k], folded[k], 1e-4);
        var scores = new float[20];
        model.ScoreItems(RecommenderQuery.ForHistory(new ItemFeedback[] { new(1), new(4), new(7) }), scores);
        foreach (var item in Enumerable.Range(0, 20).Where(model.IsKnownItem))
            Assert.Equal(model.ItemFactors(item).ToArray().Zip(folded, (v, u) => (double)v * u).Sum(), scores[item], 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Save_SmoothedModel_FoldsInTheSameAfterLoading(bool keepsUsers)
    {
        var options = WalsProblem.RandomOptions(new Random(3), rank: 5);
        options.ItemSmoothing = 0.5f;
        var model = Fit(options, new WalsProblem(new Random(3), 30, 20, 0.3, options).Data);
        using var stream = new MemoryStream();
        model.Save(stream, new() { Users = keepsUsers });
        stream.Position = 0;

        var loaded = (WalsModel)RecommenderModel.Load(stream);

        Assert.Equal(model.Settings, loaded.Settings);
        Assert.Equal(model.ItemMatrix.Padded, loaded.ItemMatrix.Padded);
        Assert.Equal(model.FoldIn(new ItemFeedback[] { new(0), new(3) }), loaded.FoldIn(new ItemFeedback[] { new(0), new(3) }));
    }

    [Fact]
    public void Fit_InitialModel_StartsFromItsItemsBeforeTheyWereSmoothed()
    {
        var options = WalsProblem.RandomOptions(new Random(4), rank: 5);
        (options.Solver, options.ItemSmoothing) = (WalsSolver.ConjugateGradient, 0);
        var data = new WalsProblem(new Random(4), 30, 20, 0.3, options).Data;
        var plain = Fit(options, data);
        options.ItemSmoothing = 1;

        var trainer = new MLContext().Recommenders().Trainers.Wals(options);

        Assert.Equal(trainer.Fit(data, initial: plain).UserMatrix.Padded, trainer.Fit(data, initial: trainer.Fit(data)).UserMatrix.Padded);
    }

    [Fact]
    public void Wals_ItemSmoothingWhereLabelsArePredicted_SaysWhatToSet()
    {
        var options = new WalsTrainer.Options { Target = WalsTarget.Label, UnobservedWeight = 0, ItemSmoothing = 0.1f };

        var error = Assert.Throws<ArgumentException>(() => new MLContext().Recommenders().Trainers.Wals(options));

        Assert.Contains("set it to 0 or null, not 0.1", error.Message);
    }

    /// <summary>V_i + c Σ_u |S_u|^−1.5 U_u, in double.</summary>
    internal static void AssertSmoothed(WalsModel model, IEnumerable<int> items)
    {
        foreach (var item in items)
        {
            double[] expected = [.. model.SolvedItemMatrix[item].ToArray().Select(value => (double)value)];
            for (int user = 0; user < model.Users.Count; user++)
                for (int k = 0; k < expected.Length && model.History.Indices(user).Contains(item); k++)
                    expected[k] += model.Settings.ItemSmoothing * Math.Pow(model.History.Length(user), -1.5) * model.UserFactors(user)[k];
            for (int k = 0; k < expected.Length; k++)
                Assert.Equal(expected[k], model.ItemFactors(item)[k], 1e-5 * Math.Max(1, Math.Abs(expected[k])));
        }
    }

    private static WalsModel Fit(WalsTrainer.Options options, Interactions data) =>
        new MLContext().Recommenders().Trainers.Wals(options).Fit(data);
}
