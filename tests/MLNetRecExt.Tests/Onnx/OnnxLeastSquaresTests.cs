namespace MLNetRecExt.Tests.Onnx;

public sealed class OnnxLeastSquaresTests
{
    /// <summary>Weights up to 1000 beside a small λ.</summary>
    [Fact]
    public void HistoryEmbedding_BadlyConditioned_IsNearTheExactSolution()
    {
        var random = new Random(3);
        var pairs = Enumerable.Range(0, 40).SelectMany(user => Enumerable.Range(0, 30).Where(_ => random.NextDouble() < 0.3).Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(40), IdMap.FromKeys(30), [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]);
        var model = new WalsTrainer(new Microsoft.ML.MLContext(), new WalsTrainer.Options { ApproximationRank = 6, Regularization = 0.001f, RegularizationExponent = 0, UnobservedWeight = 0.02f }).Fit(data);
        ItemFeedback[] history = [.. Enumerable.Range(0, 5).Select(item => new ItemFeedback(item * 3, 1, MathF.Pow(10, item - 1)))];
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding, new OnnxExportOptions { HistoryWeightsColumnName = "Weights" });

        var embedding = file.Embeddings(
            ("History", [history.Select(entry => entry.Item + 1L).ToArray()]),
            ("Weights", [history.Select(entry => entry.Weight).ToArray()]))[0];

        var exact = Solve(model, history, regularization: 0.001, unobservedWeight: 0.02);
        var distance = Math.Sqrt(embedding.Zip(exact, (a, b) => (a - b) * (a - b)).Sum() / exact.Sum(value => value * value));
        Assert.True(distance < 1e-5, $"{distance}");
    }

    [Fact]
    public void HistoryEmbedding_ItemThatNobodyTook_IsAsTheModelFoldsItIn()
    {
        var random = new Random(4);
        var pairs = Enumerable.Range(0, 40).SelectMany(user => Enumerable.Range(1, 29).Where(_ => random.NextDouble() < 0.3).Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(40), IdMap.FromKeys(30), [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]);
        var model = new WalsTrainer(new Microsoft.ML.MLContext(), new WalsTrainer.Options { ApproximationRank = 6, UnobservedWeight = 0.2f, ItemFeatures = Checkerboard.ItemFeatures }).Fit(data);
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding);

        var embedding = file.Embeddings(("History", [new[] { 1L, 8L }]))[0];

        var folded = model.FoldIn(new ItemFeedback[] { new(0), new(7) });
        Assert.Equal(0, model.ItemPopularity[0]);
        for (int k = 0; k < folded.Length; k++)
            Assert.Equal(folded[k], embedding[k], 1e-5f);
    }

    /// <summary>(w0 Σ_all v vᵀ + Σ (w − w0) v vᵀ + λ I) x = Σ w v, by Gauss in double.</summary>
    private static double[] Solve(WalsModel model, ItemFeedback[] history, double regularization, double unobservedWeight)
    {
        var rank = model.ApproximationRank;
        var a = new double[rank, rank + 1];
        for (int k = 0; k < rank; k++)
            a[k, k] = regularization;
        for (int item = 0; item < model.Items.Count; item++)
            Add(item, unobservedWeight, 0);
        foreach (var entry in history)
            Add(entry.Item, entry.Weight - unobservedWeight, entry.Weight);
        for (int k = 0; k < rank; k++)
            for (int row = 0; row < rank; row++)
            {
                if (row == k)
                    continue;
                var factor = a[row, k] / a[k, k];
                for (int column = 0; column <= rank; column++)
                    a[row, column] -= factor * a[k, column];
            }
        return [.. Enumerable.Range(0, rank).Select(k => a[k, rank] / a[k, k])];

        void Add(int item, double coefficient, double target)
        {
            var v = model.SolvedItemMatrix[item];
            for (int i = 0; i < rank; i++)
            {
                for (int j = 0; j < rank; j++)
                    a[i, j] += coefficient * v[i] * v[j];
                a[i, rank] += target * v[i];
            }
        }
    }
}
