using Microsoft.ML;

namespace MLNetRecExt.Tests.Models;

public class ModelInfoTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    [Fact]
    public void Info_OfATrainedModel_SaysTrainerOptionsAndData()
    {
        var data = Data();
        var options = new WalsTrainer.Options { NumberOfIterations = 2, Regularization = 0.25f, UserColumnName = "Who", NumberOfThreads = 3 };

        var info = Recommenders.Trainers.Wals(options).Fit(data).Info!;

        Assert.Equal(("WalsTrainer", 3, 4, 5), (info.Trainer, info.Users, info.Items, info.Interactions));
        Assert.Equal((100L, 500L), (info.EarliestTimestamp, info.LatestTimestamp));
        Assert.StartsWith("0.2.0", info.LibraryVersion);
        options.CompleteFrom(data);
        Assert.Equal(["ApproximationRank", "ItemSmoothing", "UnobservedPopularityExponent", "UnobservedWeight"], info.FromData);
        Assert.Equal(FormattableString.Invariant($"{options.UnobservedWeight}"), info.Options["UnobservedWeight"]);
        Assert.Equal(("0.25", "2", "ConjugateGradient", "False", "42", "Last"), (info.Options["Regularization"], info.Options["NumberOfIterations"],
            info.Options["Solver"], info.Options["UseBiases"], info.Options["Seed"], info.Options["Duplicates"]));
        Assert.DoesNotContain(info.Options.Keys, name => name.EndsWith("ColumnName") || name is "NumberOfThreads" or "MemoryLimitMegabytes" or "Progress");
        Assert.Contains("5 interactions of 3 users and 4 items, timestamps 100 to 500", info.ToString());
        Assert.Contains("UnobservedPopularityExponent 0 (from the data)", info.ToString());
    }

    [Fact]
    public void Info_OptionsThatAreArraysOrNull_AreListedOrLeftOut()
    {
        var network = Recommenders.Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { HiddenLayers = [8, 4], NumberOfIterations = 1 }).Fit(Data()).Info!;
        var ease = Recommenders.Trainers.Ease(new EaseTrainer.Options { Regularization = 3 }).Fit(Data()).Info!;

        Assert.Equal("[8, 4]", network.Options["HiddenLayers"]);
        Assert.DoesNotContain("CheckpointPath", network.Options.Keys);
        Assert.DoesNotContain("TopWeightsPerItem", ease.Options.Keys);
        Assert.Empty(ease.FromData);
    }

    [Fact]
    public void Info_OfASweep_HasTheValueOfEachModel()
    {
        float[] values = [0, 0.125f, 0.5f];

        var models = Recommenders.Trainers.Ease(new EaseTrainer.Options()).FitSwept(Data(), values).ToArray();

        Assert.Equal(["0", "0.125", "0.5"], models.Select(model => model.Info!.Options["DiagonalRelaxation"]));
    }

    [Fact]
    public void Info_SavedAndLoaded_IsTheSameAndItsBytesDoNotDependOnThreads()
    {
        var (model, file) = (Model(1), new MemoryStream());
        model.Save(file);
        file.Position = 0;
        var one = Save(model);

        Assert.Equal(one, Save(Model(2)));
        Assert.Equal(model.Info!.ToString(), RecommenderModel.Load(file).Info!.ToString());
        Assert.Equal(one, Save(RecommenderModel.Load(new MemoryStream(one))));

        static RecommenderModel Model(int threads) => Recommenders.Trainers.Ease(new EaseTrainer.Options { NumberOfThreads = threads }).Fit(Data());
    }

    [Fact]
    public void Info_OfATrainedModel_SaysWhenAndForHowLongUnlessTimesAreLeftOut()
    {
        var before = DateTimeOffset.UtcNow;
        var model = Recommenders.Trainers.Popularity().Fit(Data());
        var after = DateTimeOffset.UtcNow;

        Assert.InRange(model.Info!.Trained!.Value, before, after);
        Assert.InRange(model.Info.TrainingTime!.Value, TimeSpan.Zero, after - before + TimeSpan.FromMilliseconds(100));
        var file = new MemoryStream();
        model.Save(file);
        file.Position = 0;
        var loaded = RecommenderModel.Load(file).Info!;
        Assert.Equal((model.Info.Trained, model.Info.TrainingTime), (loaded.Trained, loaded.TrainingTime));
        Assert.Contains($", trained {loaded.Trained:u} in ", loaded.ToString());
        var timeless = RecommenderModel.Load(new MemoryStream(Save(model))).Info!;
        Assert.Equal((null, null), (timeless.Trained, timeless.TrainingTime));
        Assert.DoesNotContain("trained", timeless.ToString());
    }

    [Fact]
    public void WithMetrics_ReportOfTheModel_IsOnTheCardOfANewOne()
    {
        var model = Recommenders.Trainers.Popularity().Fit(Data());
        var report = Recommenders.Evaluate(model, Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(4), [0, 1], [2, 3]));

        var judged = model.WithMetrics(report);

        Assert.Empty(model.Info!.Metrics);
        Assert.Equal(report.Ndcg(20).Mean, judged.Info!.Metrics["NDCG@20"]);
        Assert.All(judged.Info.Metrics.Values, value => Assert.True(double.IsFinite(value)));
        var loaded = RecommenderModel.Load(new MemoryStream(Save(judged))).Info!;
        Assert.Equal(judged.Info.Metrics, loaded.Metrics);
        Assert.Contains(FormattableString.Invariant($"NDCG@20 {report.Ndcg(20).Mean:0.0000}"), loaded.ToString());
        var fused = Recommenders.Stages.Fuse([new(model)]).WithMetrics(report);
        Assert.Equal(("FusedModel", 3, 4, 5), (fused.Info!.Trainer, fused.Info.Users, fused.Info.Items, fused.Info.Interactions));
    }

    [Fact]
    public void Info_OfStages_IsThatOfEachModel()
    {
        var fused = Recommenders.Stages.Fuse([new(Recommenders.Trainers.Popularity().Fit(Data()))]);

        var loaded = (FusedModel)RecommenderModel.Load(new MemoryStream(Save(fused)));

        Assert.Null(loaded.Info);
        Assert.Equal("PopularityTrainer", loaded.Sources[0].Model.Info!.Trainer);
    }

    private static byte[] Save(RecommenderModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream, new SaveOptions { Times = false });
        return stream.ToArray();
    }

    private static Interactions Data() => Interactions.Create(
        IdMap.FromKeys(3), IdMap.FromKeys(4), [0, 0, 1, 1, 2], [0, 1, 1, 2, 3], timestamps: [100, 200, 500, 300, 400]);
}
