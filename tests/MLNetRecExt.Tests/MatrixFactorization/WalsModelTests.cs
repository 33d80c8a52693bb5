using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

public sealed class WalsModelTests
{
    private static (WalsProblem Problem, WalsModel Model) Train(int seed)
    {
        var random = new Random(seed);
        var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(40), useBiases: seed % 4 == 2);
        options.Solver = WalsSolver.Cholesky;
        var problem = new WalsProblem(random, 30, 50, 0.3, options, hasLabels: seed % 2 == 0, hasWeights: seed % 3 == 0);
        return (problem, new MLContext().Recommenders().Trainers.Wals(options).Fit(problem.Data));
    }

    private static ItemFeedback[] HistoryOf(WalsModel model, int user)
    {
        var history = new ItemFeedback[model.History.Length(user)];
        for (int e = 0; e < history.Length; e++)
            history[e] = new ItemFeedback(
                model.History.Indices(user)[e],
                model.History.HasLabels ? model.History.Labels(user)[e] : 1,
                model.History.HasWeights ? model.History.Weights(user)[e] : 1);
        return history;
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        var scale = 1e-3f;
        foreach (var value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (int k = 0; k < expected.Length; k++)
            Assert.InRange(Math.Abs(expected[k] - actual[k]) / scale, 0, 1e-4);
    }

    [Fact]
    public void FoldIn_AUsersOwnHistory_GivesTheTrainedEmbedding()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var (_, model) = Train(seed);
            for (int user = 0; user < model.Users.Count; user++)
            {
                AssertClose(model.UserFactors(user), model.FoldIn(RecommenderQuery.ForUser(user)));
                AssertClose(model.UserFactors(user), model.FoldIn(HistoryOf(model, user)));
                if (!model.IsKnownUser(user))
                    continue;
                float[] trained = new float[model.Items.Count], folded = new float[model.Items.Count];
                model.ScoreItems(RecommenderQuery.ForUser(user), trained);
                model.ScoreItems(RecommenderQuery.ForHistory(HistoryOf(model, user)), folded);
                AssertClose(trained.Where(float.IsFinite).ToArray(), folded.Where(float.IsFinite).ToArray());
            }
        }
    }

    [Fact]
    public void FoldIn_NewInteractionOnATrainedItem_ReplacesIt()
    {
        var (_, model) = Train(0);
        var history = HistoryOf(model, 0);
        var changed = history[0] with { Label = 5, Weight = 2 };
        var added = new ItemFeedback(Enumerable.Range(0, model.Items.Count).First(item => model.IsKnownItem(item) && !history.Any(entry => entry.Item == item)), 2);
        var joined = history.Skip(1).Append(added).Append(changed).ToArray();
        Assert.Equal(model.FoldIn(joined), model.FoldIn(RecommenderQuery.ForUser(0, new[] { changed, added })));
        Assert.NotEqual(model.FoldIn(history), model.FoldIn(joined));
    }

    [Fact]
    public void FoldIn_RepeatedAndUnknownItems_TheLastCountsAndTheUnknownDoNot()
    {
        var (_, model) = Train(0);
        var item = model.History.Indices(0)[0];
        var unknown = model.Items.Count - 1;
        Assert.False(model.IsKnownItem(unknown));
        Assert.Equal(
            model.FoldIn(new[] { new ItemFeedback(item, 4) }),
            model.FoldIn(new[] { new ItemFeedback(item, 1), new ItemFeedback(unknown), new ItemFeedback(1000), new ItemFeedback(item, 4) }));
        Assert.Equal(new float[model.ApproximationRank], model.FoldIn(new[] { new ItemFeedback(unknown) }));
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(1, -1)]
    public void FoldIn_BadEntry_NamesIt(float label, float weight)
    {
        var (_, model) = Train(0);
        var error = Assert.Throws<ArgumentException>(() => model.FoldIn(new[] { new ItemFeedback(0, label, weight) }));
        Assert.Contains("Label", error.Message);
    }

    [Fact]
    public void FoldIn_ManyThreads_GivesTheSameBits()
    {
        var (_, model) = Train(0);
        var expected = Enumerable.Range(0, model.Users.Count).Select(user => model.FoldIn(RecommenderQuery.ForUser(user))).ToArray();
        Parallel.For(0, 2000, run => Assert.Equal(expected[run % expected.Length], model.FoldIn(RecommenderQuery.ForUser(run % expected.Length))));
    }

    [Fact]
    public void Explain_AnyUserAndItem_AddsUpToTheScore()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var (problem, model) = Train(seed);
            for (int user = 0; user < model.Users.Count; user++)
            {
                if (problem.UserCount(user) == 0)
                {
                    Assert.Empty(model.Explain(user, 0));
                    continue;
                }
                for (int item = 0; item < model.Items.Count; item += 7)
                {
                    if (!model.IsKnownItem(item))
                        continue;
                    var contributions = model.Explain(user, item);
                    Assert.Equal(model.History.Indices(user).ToArray(), contributions.Select(part => part.Index).Order());
                    Assert.Equal(contributions.Select(part => part.Value).OrderDescending(), contributions.Select(part => part.Value));
                    var magnitude = contributions.Sum(part => Math.Abs(part.Value));
                    Assert.InRange(Math.Abs(contributions.Sum(part => (double)part.Value) - (model.Score(user, item) - model.Mean - model.ItemBias(item))), 0, 1e-4 * Math.Max(1, magnitude));
                }
            }
        }
    }

    [Fact]
    public void Explain_UnknownItem_SaysSo()
    {
        var (_, model) = Train(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(0, model.Items.Count - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(0, -1));
    }
}
