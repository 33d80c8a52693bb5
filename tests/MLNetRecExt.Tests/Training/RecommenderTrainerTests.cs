using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests;

public class RecommenderTrainerTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_RawTextIdsInChain_ScoresThroughPredictionEngine()
    {
        var chain = _ml.Transforms.CopyColumns("Copy", "Label").Append(_ml.Recommenders().Trainers.Popularity());
        var model = chain.Fit(Text(_ml));

        using var engine = _ml.Model.CreatePredictionEngine<TextRow, Scored>(model);

        Assert.Equal((Size / 2f - 1) / Size, engine.Predict(new TextRow { User = UserName(3), Item = ItemName(4) }).Score);
        Assert.True(float.IsNaN(engine.Predict(new TextRow { User = UserName(3), Item = "nothing" }).Score));
    }

    [Fact]
    public void Fit_KeysOfMapValueToKeyInChain_ScoresRawIds()
    {
        var chain = _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("UserKey", "User"), new InputOutputColumnPair("ItemKey", "Item")])
            .Append(_ml.Recommenders().Trainers.Popularity("UserKey", "ItemKey"));
        var model = chain.Fit(Text(_ml));

        using var engine = _ml.Model.CreatePredictionEngine<TextRow, Scored>(model);

        Assert.Equal((Size / 2f - 1) / Size, engine.Predict(new TextRow { User = UserName(3), Item = ItemName(4) }).Score);
        Assert.True(float.IsNaN(engine.Predict(new TextRow { User = "nobody", Item = ItemName(4) }).Score));
    }

    [Fact]
    public void Fit_KeysOfAnotherMap_IsRefusedAtScoring()
    {
        var trainer = _ml.Recommenders().Trainers.Popularity();
        var map = _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("User"), new InputOutputColumnPair("Item")]);
        var text = Text(_ml);
        var model = trainer.Fit(map.Fit(text).Transform(text));
        var reversed = _ml.Data.LoadFromEnumerable(_ml.Data.CreateEnumerable<TextRow>(text, reuseRowObject: false).Reverse().ToArray());

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Transform(map.Fit(reversed).Transform(text)));

        Assert.Contains("Column 'User'", error.Message);
        Assert.Contains("MapValueToKey", error.Message);
    }

    [Fact]
    public void Append_CacheCheckpointAndStockTransformsAround_Works()
    {
        var chain = _ml.Transforms.Conversion.MapValueToKey("UserKey", "User")
            .Append(_ml.Transforms.Conversion.MapValueToKey("ItemKey", "Item"))
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.Recommenders().Trainers.Popularity("UserKey", "ItemKey"))
            .Append(_ml.Transforms.CopyColumns("Rank", "Score"))
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.Transforms.NormalizeMinMax("Rank", fixZero: false));
        var view = chain.Fit(Text(_ml)).Transform(Text(_ml));

        Assert.All(view.GetColumn<float>("Score"), score => Assert.Equal((Size / 2f - 1) / Size, score));
        Assert.Equal(Pairs().Count(), view.GetColumn<float>("Rank").Count());
    }

    [Fact]
    public void CrossValidate_StockRegression_EvaluatesScores()
    {
        var chain = _ml.Transforms.Conversion.MapValueToKey("UserKey", "User")
            .Append(_ml.Transforms.Conversion.MapValueToKey("ItemKey", "Item"))
            .Append(_ml.Recommenders().Trainers.Popularity("UserKey", "ItemKey"));

        var folds = _ml.Regression.CrossValidate(Text(_ml), chain, numberOfFolds: 3, labelColumnName: "Label");

        Assert.Equal(3, folds.Count);
        // Labels are 1 and a score is the share of users: 1 − share is the error.
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.MeanAbsoluteError, 1 - (Size / 2f - 1) / Size, 1));
    }

    [Fact]
    public void GetOutputSchema_Shape_IsThatOfTheTransformedSchema()
    {
        var options = new PopularityTrainer.Options { ScoreColumnName = "Liking", ReasonColumnName = "Reason" };
        var trainer = _ml.Recommenders().Trainers.Popularity(options);
        var text = Text(_ml);

        var shape = trainer.GetOutputSchema(SchemaShapes.Of(text.Schema));

        Assert.Equal(Describe(SchemaShapes.Of(trainer.Fit(text).GetOutputSchema(text.Schema))), Describe(shape));
        var score = Assert.Single(shape, column => column.Name == "Liking");
        Assert.Equal(["ScoreColumnKind", "ScoreValueKind"], score.Annotations.Select(annotation => annotation.Name));
    }

    [Fact]
    public void GetOutputSchema_ScoreColumnThere_HidesTheOldOne()
    {
        var trainer = _ml.Recommenders().Trainers.Popularity(new PopularityTrainer.Options { ScoreColumnName = "Label" });
        var text = Text(_ml);

        var shape = trainer.GetOutputSchema(SchemaShapes.Of(text.Schema));

        Assert.Equal(4, shape.Count);
        Assert.Equal(Describe(SchemaShapes.Of(trainer.Fit(text).GetOutputSchema(text.Schema))), Describe(shape));
    }

    [Fact]
    public void GetOutputSchema_WrongColumn_SaysFoundNeededAndRemedy()
    {
        var trainer = _ml.Recommenders().Trainers.Popularity("Label");
        var shape = SchemaShapes.Of(Text(_ml).Schema);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(shape));

        Assert.Contains("Column 'Label' is Single", error.Message);
        Assert.Contains("load the ids as Int64 or text", error.Message);
        Assert.Equal(error.Message, Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(Text(_ml))).Message);
    }

    private static IEnumerable<string> Describe(SchemaShape shape) => shape.Select(column =>
        $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} {string.Join(",", Describe(column.Annotations))}");
}
