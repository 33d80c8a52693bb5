using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Evaluation;

public class TransformerModelTests
{
    private static readonly InteractionColumns Columns = new("User", "Item", "Label");
    private readonly MLContext _mlContext = new();

    [Fact]
    public void Evaluate_TransformerOfOurModel_SameReportAsTheModel()
    {
        var (train, heldOut) = (View(seed: 1, heldOut: false), View(seed: 1, heldOut: true));
        var transformer = _mlContext.Recommenders().Trainers.Wals(Options()).Fit(train);
        Compare(transformer, transformer.Model, train, heldOut);
    }

    [Fact]
    public void Evaluate_RawIdsOfAnyKind_SameReportAsTheModel()
    {
        Check(id => $"id {id}");
        Check(id => (int)id);
        Check(id => -(long)id << 40);
        Check(id => id);
        Check(id => ulong.MaxValue - id);

        void Check<T>(Func<uint, T> id)
        {
            var (train, heldOut) = (View(2, heldOut: false, id), View(2, heldOut: true, id));
            var transformer = _mlContext.Recommenders().Trainers.Wals(Options()).Fit(train);
            Compare(transformer, transformer.Model, train, heldOut);
        }
    }

    [Fact]
    public void Evaluate_KeyColumns_SameReportAsTheModel()
    {
        var keys = _mlContext.Transforms.Conversion.MapValueToKey([new("User"), new InputOutputColumnPair("Item")]).Fit(View(seed: 5, heldOut: false));
        var (train, heldOut) = (keys.Transform(View(seed: 5, heldOut: false)), keys.Transform(View(seed: 5, heldOut: true)));
        var transformer = _mlContext.Recommenders().Trainers.Wals(Options()).Fit(train);
        Compare(transformer, transformer.Model, train, heldOut);
    }

    [Fact]
    public void Evaluate_ChainThatMapsIdsToKeys_SameReportAsTheModel()
    {
        var (train, heldOut) = (View(seed: 3, heldOut: false), View(seed: 3, heldOut: true));
        var options = Options();
        (options.UserColumnName, options.ItemColumnName) = ("UserKey", "ItemKey");
        var chain = _mlContext.Transforms.Conversion.MapValueToKey([new("UserKey", "User"), new InputOutputColumnPair("ItemKey", "Item")])
            .Append(_mlContext.Recommenders().Trainers.Wals(options)).Fit(train);
        var report = _mlContext.Recommenders().Evaluate(chain, train, heldOut, Columns, new() { BootstrapSamples = 0, PairErrors = true });
        var ids = _mlContext.Recommenders().Data.ReadInteractions(train, Columns);
        var direct = _mlContext.Recommenders().Trainers.Wals(Options()).Fit(ids);
        var expected = _mlContext.Recommenders().Evaluate(
            direct, _mlContext.Recommenders().Data.ReadInteractions(heldOut, Columns, new() { IdsOf = ids }), new() { BootstrapSamples = 0, PairErrors = true });
        Assert.Equal(expected.Ndcg(20).Mean, report.Ndcg(20).Mean, 1e-12);
        Assert.Equal(expected["RMSE"].Mean, report["RMSE"].Mean, 1e-6);
    }

    [Fact]
    public void Evaluate_StockRegressionOnKeys_RanksByItsScore()
    {
        // A linear model over one-hot items: whatever the user, an item has one score, which its training rows show.
        var train = View(seed: 4, heldOut: false);
        var heldOut = View(seed: 4, heldOut: true);
        var model = _mlContext.Transforms.Categorical.OneHotEncoding("Features", "Item")
            .Append(_mlContext.Regression.Trainers.Sdca(maximumNumberOfIterations: 5)).Fit(train);
        var ids = _mlContext.Recommenders().Data.ReadInteractions(train, Columns);
        var scores = new float[ids.Users.Count, ids.Items.Count];
        foreach (var row in _mlContext.Data.CreateEnumerable<ScoredRow>(model.Transform(train), reuseRowObject: false))
            for (int user = 0; user < ids.Users.Count; user++)
                scores[user, ids.Items.IndexOf(row.Item)] = row.Score;
        var expected = _mlContext.Recommenders().Evaluate(
            new TestModel(ids, scores), _mlContext.Recommenders().Data.ReadInteractions(heldOut, Columns, new() { IdsOf = ids }), new() { BootstrapSamples = 50 });
        var report = _mlContext.Recommenders().Evaluate(model, train, heldOut, Columns, new() { BootstrapSamples = 50 });
        Assert.Equal(expected.Estimates, report.Estimates);
    }

    [Fact]
    public void Evaluate_NoScoreColumn_NamesTheColumnsThereAre()
    {
        var train = View(seed: 1, heldOut: false);
        var model = _mlContext.Transforms.CopyColumns("Copy", "Label").Fit(train);
        Assert.Contains("Copy", Assert.Throws<ArgumentException>(() => _mlContext.Recommenders().Evaluate(model, train, train, Columns)).Message);
        Assert.Contains("Single", Assert.Throws<ArgumentException>(() => _mlContext.Recommenders().Evaluate(model, train, train, Columns, scoreColumnName: "User")).Message);
    }

    private void Compare(ITransformer transformer, RecommenderModel model, IDataView train, IDataView heldOut)
    {
        var recommenders = _mlContext.Recommenders();
        var options = new RankingEvaluationOptions { Cutoffs = [5, 20], BootstrapSamples = 100, PairErrors = true };
        var expected = recommenders.Evaluate(model, recommenders.Data.ReadInteractions(heldOut, Columns, new() { Users = model.Users, Items = model.Items }), options);
        var report = recommenders.Evaluate(transformer, train, heldOut, Columns, options);
        // A transformer has no embeddings to measure diversity on.
        Assert.Equal(expected.Estimates.Where(estimate => !estimate.Name.StartsWith("IntraListDiversity", StringComparison.Ordinal)), report.Estimates);
        Assert.Equal(expected.ColdPairs, report.ColdPairs);
    }

    private static WalsTrainer.Options Options() => new() { LabelColumnName = "Label", ApproximationRank = 4, NumberOfIterations = 5, NumberOfThreads = 1 };

    private IDataView View(int seed, bool heldOut) => View(seed, heldOut, id => id);

    private IDataView View<T>(int seed, bool heldOut, Func<uint, T> id)
    {
        var random = new Random(seed);
        var rows = new List<Row<T>>();
        for (uint user = 1; user <= 30; user++)
            for (uint item = 1; item <= 25; item++)
                if (random.NextDouble() < 0.4 && random.NextDouble() < 0.25 == heldOut)
                    rows.Add(new Row<T> { User = id(user), Item = id(item), Label = 1 + (user * item) % 5 });
        return _mlContext.Data.LoadFromEnumerable(rows);
    }

    private sealed class ScoredRow
    {
        public uint Item { get; set; }
        public float Score { get; set; }
    }

    private sealed class Row<T>
    {
        public T User { get; set; } = default!;
        public T Item { get; set; } = default!;
        public float Label { get; set; }

        [VectorType(3)]
        public float[] Unused { get; set; } = [1, 2, 3];

        public string? Note { get; set; }
    }
}
