using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests.Stages;

public sealed class StagesPersistenceTests
{
    private readonly MLContext _ml = new(1);

    private RerankedModel Staged()
    {
        var recommenders = _ml.Recommenders();
        var data = recommenders.Data.ReadInteractions(Text(_ml));
        var wals = recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, NumberOfThreads = 1 }).Fit(data);
        var popularity = recommenders.Trainers.Popularity().Fit(recommenders.Data.ReadInteractions(Text(_ml)));
        var fused = recommenders.Stages.Fuse([new(wals, 6), new(popularity, 3, 0.5f)], CandidateFusion.Interleaved);
        var pairs = Enumerable.Range(0, Size).Select(user => new TextRow { User = UserName(user), Item = ItemName(user) });
        var withheld = recommenders.Data.ReadInteractions(_ml.Data.LoadFromEnumerable(pairs), options: new() { IdsOf = data });
        var ranker = _ml.Transforms.Concatenate("Features", "SourceScores", "SourceRanks", "ItemPopularity", "UserActivity")
            .Append(_ml.Regression.Trainers.Sdca()).Fit(recommenders.Stages.RankingTable(fused, withheld));
        var features = recommenders.Data.ReadFeatures(
            _ml.Data.LoadFromEnumerable(Enumerable.Range(0, Size).Select(item => new FactRow { Item = ItemName(item), Genres = item % 3 == 0 ? "third" : "other", Year = 1990 + item })),
            "Item", ["Genres", "Year"]);
        return recommenders.Stages.Rerank(recommenders.Stages.Rank(fused, ranker), new RerankOptions
        {
            NumberOfCandidates = 7,
            Diversity = 0.2f,
            Calibration = 0.3f,
            MaxPerCategory = 4,
            FreshnessHalfLife = 5,
            AsOf = 2000,
            ExcludedItems = [2],
            ItemFeatures = features,
            CategoryColumnName = "Genres",
            DateColumnName = "Year",
            SimilarityOf = wals,
        });
    }

    [Fact]
    public void WithItems_StagesOverModelsThatCan_PassThemOn()
    {
        var recommenders = _ml.Recommenders();
        var data = recommenders.Data.ReadInteractions(Text(_ml), options: new() { Items = ItemFeatures.Ids });
        var wals = recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, ItemFeatures = ItemFeatures }).Fit(data);
        var content = recommenders.Trainers.ContentBased(ItemFeatures).Fit(data);
        var fused = recommenders.Stages.Fuse([new(wals, 100), new(content, 100)]);
        var ranker = _ml.Transforms.CopyColumns("Score", "ItemPopularity")
            .Fit(_ml.Data.LoadFromEnumerable(new[] { new { ItemPopularity = 1f } }));
        var stages = recommenders.Stages.Rerank(recommenders.Stages.Rank(fused, ranker), new RerankOptions { Diversity = 0.1f });
        var popularity = recommenders.Stages.Fuse([new(wals), new(recommenders.Trainers.Popularity().Fit(data))]);

        var added = stages.WithItems(NewItemFeatures);

        var news = added.Items.IndexOf("new item 0");
        Assert.Contains(news, added.TopItems(RecommenderQuery.ForUser(0), 100).Select(entry => entry.Item));
        Assert.Equal(content.ItemFeatureNames, added.ItemFeatureNames);
        Assert.NotEmpty(added.ItemFeatures(0));
        Assert.Equal(content.ItemFeatures(0), added.ItemFeatures(0));
        Assert.Contains("cannot add items", Assert.Throws<NotSupportedException>(() => popularity.WithItems(NewItemFeatures)).Message);
    }

    [Fact]
    public void SaveAndLoad_AllStages_GivesTheSameLists()
    {
        var model = Staged();
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;

        var loaded = Assert.IsType<RerankedModel>(RecommenderModel.Load(stream, new() { AllowPipelines = true }));

        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(model.Options with { ItemFeatures = null, SimilarityOf = null, ExcludedItems = null }, loaded.Options with { ItemFeatures = null, SimilarityOf = null, ExcludedItems = null });
        Assert.Equal(model.Options.ItemFeatures!.Column("Genres").Categories, loaded.Options.ItemFeatures!.Column("Genres").Categories);
        for (int user = 0; user < Size; user++)
        {
            Assert.NotEmpty(model.TopItems(RecommenderQuery.ForUser(user), 5));
            Assert.Equal(model.TopItems(RecommenderQuery.ForUser(user), 5), loaded.TopItems(RecommenderQuery.ForUser(user), 5));
        }
        Assert.Equal(model.TopItems(RecommenderQuery.ForHistory(1, 5), 5), loaded.TopItems(RecommenderQuery.ForHistory(1, 5), 5));
        Assert.Same(loaded.History, loaded.Candidates.History);
    }

    [Fact]
    public void Load_AllStagesInAnotherProcess_GivesTheSameLists()
    {
        var model = Staged();
        var path = Path.GetTempFileName();
        try
        {
            _ml.Model.Save(_ml.Recommenders().Transforms.TopItems(model, LoadModelProgram.NumberOfItems).Fit(Text(_ml)), Text(_ml).Schema, path);

            var lists = LoadModelProgram.Run("top", path, Size);

            Assert.Equal(LoadModelProgram.Lists(model), lists);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ModelSaveAndLoad_PipelineWithTopItems_GivesTheSameLists()
    {
        var model = Staged();
        var users = _ml.Data.LoadFromEnumerable(UserNames.Select(name => new UserRow { User = name }));
        var transformer = _ml.Recommenders().Transforms.TopItems(model, 4).Fit(users);
        using var stream = new MemoryStream();
        _ml.Model.Save(transformer, users.Schema, stream);
        stream.Position = 0;

        var loaded = new MLContext().Model.Load(stream, out _);

        Assert.Equal(Lists(transformer), Lists(loaded));

        string[] Lists(ITransformer t) => [.. _ml.Data.CreateEnumerable<ListRow>(t.Transform(users), reuseRowObject: false).Select(row => string.Join(",", row.Items))];
    }

    [Fact]
    public void Load_TruncatedOrCorrupted_GivesTheOneException()
    {
        var recommenders = _ml.Recommenders();
        var data = recommenders.Data.ReadInteractions(Text(_ml));
        var fused = recommenders.Stages.Fuse([new(recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 1 }).Fit(data), 3), new(recommenders.Trainers.Popularity().Fit(data))]);
        using var stream = new MemoryStream();
        recommenders.Stages.Rerank(fused, new RerankOptions { Diversity = 0.5f, ExcludedItems = [1] }).Save(stream);
        var bytes = stream.ToArray();

        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => RecommenderModel.Load(new MemoryStream(bytes, 0, length)));
        for (int at = 8; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x41;
            Assert.Throws<InvalidDataException>(() => RecommenderModel.Load(new MemoryStream(bytes)));
            bytes[at] ^= 0x41;
        }
    }

    [Fact]
    public void Save_ModelWithoutFormat_SaysSo()
    {
        var model = _ml.Recommenders().Stages.Rerank(new TestModel(TestModel.Rows(2, [0], [1]), new float[2, 2]), new RerankOptions());

        Assert.Throws<NotSupportedException>(() => model.Save(new MemoryStream()));
    }

    private sealed class ListRow
    {
        public string[] Items { get; set; } = [];
    }

    private sealed class FactRow
    {
        public string Item = "";
        public string Genres = "";
        public float Year;
    }
}
