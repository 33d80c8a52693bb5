using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Baselines;

public class PopularityTrainerTests : ConformanceTests<PopularityModel, PopularityTrainer.Options>
{
    protected override PopularityTrainer.Options Options() => new PopularityTrainer.Options();

    protected override RecommenderTrainer<PopularityModel, PopularityTrainer.Options> Trainer(MLContext ml, PopularityTrainer.Options options) =>
        ml.Recommenders().Trainers.Popularity(options);

    protected override bool Personalises => false;

    [Fact]
    public void Fit_SomeInteractions_ScoreIsTheShareOfUsers()
    {
        var data = Interactions.Create(IdMap.FromKeys(4), IdMap.FromKeys(3), [0, 1, 2, 0], [0, 0, 0, 2]);

        var model = Train(data);

        Assert.Equal([0.75f, float.NaN, 0.25f], Enumerable.Range(0, 3).Select(item => model.Score(1, item)));
        Assert.Equal([new ItemScore(2, 0.25f)], model.TopItems(RecommenderQuery.ForUser(1), 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Fit_HalfLife_CountsRecentInteractionsMost(int unitsPerSecond)
    {
        const long start = 1_600_000_000, day = 86_400;
        var random = new Random(1);
        var pairs = Enumerable.Range(0, 60).Select(n => (User: n % 20, Item: (n % 20 + 2 * (n / 20)) % 7, Time: start + random.NextInt64(100 * day))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(25), IdMap.FromKeys(8), [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)],
            timestamps: [.. pairs.Select(pair => pair.Time * unitsPerSecond)]);

        var model = Train(data, options => options.HalfLifeDays = 30);
        var endless = Train(data, options => options.HalfLifeDays = 1e6f);

        var latest = pairs.Max(pair => pair.Time);
        for (int item = 0; item < 7; item++)
        {
            Assert.Equal(pairs.Where(pair => pair.Item == item).Sum(pair => Math.Pow(2, (pair.Time - latest) / (30.0 * day))) / 25, model.Score(1, item), 1e-6);
            Assert.Equal(Train(data).Score(1, item), endless.Score(1, item), 1e-4f);
        }
        var scores = Enumerable.Range(0, 7).OrderByDescending(item => model.Score(1, item)).ToArray();
        Assert.Equal(scores.Except(data.ByUser.Indices(3).ToArray()), model.TopItems(RecommenderQuery.ForUser(3), 8).Select(entry => entry.Item));
        Assert.Equal(Enumerable.Range(0, 7).OrderByDescending(item => data.ByItem.Length(item)).First(), model.TopItems(
            RecommenderQuery.Nobody, 1, new TopItemsOptions { Fallback = RecommendationFallback.Popularity })[0].Item);
    }

    [Fact]
    public void SaveAndLoad_HalfLife_GivesTheSameScores()
    {
        var data = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 1, 2, 0], [0, 0, 1, 2], timestamps: [1_600_000_000, 1_600_900_000, 1_602_000_000, 1_603_000_000]);
        var model = Train(data, options => options.HalfLifeDays = 7);
        using var stream = new MemoryStream();

        model.Save(stream);
        stream.Position = 0;
        var loaded = (PopularityModel)RecommenderModel.Load(stream);

        Assert.Equal(7, loaded.HalfLifeDays);
        AssertSameScores(model, loaded);
    }

    [Fact]
    public void Fit_HalfLifeWithoutDays_SaysWhatIsNeeded()
    {
        Assert.Contains("does not tell", Assert.Throws<ArgumentException>(() => Train(Board(), options => options.HalfLifeDays = 7)).Message);
        var none = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(1), [0], [0]);
        Assert.Contains("HalfLifeDays needs to know when", Assert.Throws<ArgumentException>(() => Train(none, options => options.HalfLifeDays = 7)).Message);
    }

    [Fact]
    public void TopItems_History_LeavesOutWhatItHolds()
    {
        var model = Train(Interactions.Create(IdMap.FromKeys(4), IdMap.FromKeys(3), [0, 1, 2, 0, 3], [0, 0, 0, 2, 1]));

        Assert.Equal([1, 2], model.TopItems(RecommenderQuery.ForHistory(0), 3).Select(entry => entry.Item));
    }
}
