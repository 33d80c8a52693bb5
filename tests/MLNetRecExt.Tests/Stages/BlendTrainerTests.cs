using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Stages;

public sealed class BlendTrainerTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _log = [];

    public BlendTrainerTests() => _ml.Log += (_, entry) => _log.Add($"{entry.Kind}: {entry.RawMessage}");

    private RecommendersCatalog Recommenders => _ml.Recommenders();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Blend_RandomModels_IsAsGoodAsItSaysAndNoWorseThanTheBestAlone(int seed)
    {
        var (train, heldOut, first) = TestModel.Random(seed, users: 60, items: 40);
        RecommenderModel[] models =
        [
            new TestModel(train, first), new TestModel(train, Informed(train, heldOut, seed, of: 2)),
            new TestModel(train, Informed(train, heldOut, seed, of: 3)),
        ];

        var weights = new BlendWeights(models, heldOut, 40, seed, new());
        var blend = Recommenders.Stages.Blend(models, heldOut, 40);

        Assert.Equal(1, weights.Best.Sum(), 1e-12);
        Assert.All(weights.Best, weight => Assert.InRange(weight, 0, 1));
        Assert.All(models.Zip(weights.Alone), pair => Assert.Equal(Ndcg(pair.First), pair.Second, 1e-12));
        Assert.Equal(Ndcg(blend), weights.BestNdcg, 1e-12);
        Assert.True(weights.BestNdcg >= weights.Alone.Max());
        Assert.Equal(weights.Best.Where(weight => weight > 0).Select(weight => (float)weight), blend.Sources.Select(source => source.Weight));

        double Ndcg(RecommenderModel model) => RankingEvaluator.Ndcg(model, heldOut).Value;
    }

    [Fact]
    public void Blend_ModelsThatKnowDifferentThings_ComesNearTheBestOfAGrid()
    {
        var (train, heldOut, _) = TestModel.Random(7, users: 80, items: 40);
        RecommenderModel[] models =
            [new TestModel(train, Informed(train, heldOut, 1, of: 2)), new TestModel(train, Informed(train, heldOut, 2, of: 3))];

        var weights = new BlendWeights(models, heldOut, 40, 1, new());

        var grid = Enumerable.Range(1, 99).Select(share => RankingEvaluator.Ndcg(new FusedModel(
            [new(models[0], 40, share / 100f), new(models[1], 40, 1 - share / 100f)], CandidateFusion.StandardizedScore), heldOut).Value);
        Assert.InRange(weights.BestNdcg, 0.99 * grid.Max(), double.PositiveInfinity);
        Assert.True(weights.BestNdcg > 1.005 * weights.Alone.Max());
    }

    [Fact]
    public void Blend_NothingGained_IsTheBestModelAlone()
    {
        var (train, heldOut, noise) = TestModel.Random(3, users: 60, items: 40);
        var perfect = new TestModel(train, Informed(train, heldOut, 1, of: 1));

        var blend = Recommenders.Stages.Blend([new TestModel(train, noise), perfect], heldOut);

        Assert.Same(perfect, Assert.Single(blend.Sources).Model);
    }

    [Fact]
    public void Blend_OtherIdsOrNothingToFindWeightsOn_SaysSo()
    {
        var (train, heldOut, scores) = TestModel.Random(3, users: 10, items: 20);
        var model = new TestModel(train, scores);
        var other = new TestModel(TestModel.Rows(3, [0], [1]), new float[2, 3]);

        Assert.Contains("other user or item ids", Assert.Throws<ArgumentException>(() => Recommenders.Stages.Blend([model, other], heldOut)).Message);
        Assert.Contains("0 sources", Assert.Throws<ArgumentException>(() => Recommenders.Stages.Blend([], heldOut)).Message);
        Assert.Contains("no interaction", Assert.Throws<ArgumentException>(
            () => Recommenders.Stages.Blend([model], TestModel.Rows(20, [.. Enumerable.Repeat(Array.Empty<int>(), 10)]))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Recommenders.Stages.Blend([model], heldOut, numberOfCandidates: 0));
    }

    [Fact]
    public void Fit_WithoutValidation_HoldsBackAndFitsAgainOnEverything()
    {
        var (train, _, _) = TestModel.Random(5, users: 80, items: 40);
        var popularity = new Counted(_ml);
        var trainer = Recommenders.Trainers.Blend([popularity, Recommenders.Trainers.ItemKnn()]);

        var model = trainer.Fit(train);

        Assert.InRange(popularity.Trained[0], train.Count * 0.8, train.Count * 0.95);
        Assert.All(popularity.Trained.Skip(1), count => Assert.Equal(train.Count, count));
        Assert.All(model.Sources, source => Assert.Equal(train.Count, source.Model.History.EntryCount));
        Assert.Equal(CandidateFusion.StandardizedScore, model.Fusion);
        Assert.Contains(_log, line => line.Contains("alone, weight"));
    }

    [Fact]
    public void Fit_WithValidation_FitsOnceAndFindsWeightsThere()
    {
        var (train, heldOut, _) = TestModel.Random(5, users: 80, items: 40);
        var popularity = new Counted(_ml);

        var model = Recommenders.Trainers.Blend([popularity, Recommenders.Trainers.ItemKnn()]).Fit(train, heldOut);

        Assert.Equal([train.Count], popularity.Trained);
        Assert.All(model.Sources, source => Assert.Equal(train.Count, source.Model.History.EntryCount));
    }

    [Fact]
    public void Fit_NothingToHoldBack_WarnsAndCountsAllAlike()
    {
        var train = TestModel.Rows(3, [0], [1], [1], [2]);

        var model = Recommenders.Trainers.Blend([Recommenders.Trainers.Popularity(), Recommenders.Trainers.ItemKnn()]).Fit(train);

        Assert.Equal([1f, 1f], model.Sources.Select(source => source.Weight));
        Assert.Contains(_log, line => line.StartsWith("Warning") && line.Contains("ValidationShare"));
    }

    [Fact]
    public void Blend_NoMember_IsRefused()
    {
        Assert.Contains("1 to 255", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.Blend([])).Message);
        Assert.Contains(
            "Members[1] is null", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.Blend([Recommenders.Trainers.Popularity(), null!])).Message);
    }

    /// <summary>Scores that know every so many-th held-out item, and noise below.</summary>
    private static float[,] Informed(Interactions train, Interactions heldOut, int seed, int of)
    {
        var random = new Random(seed);
        var scores = new float[train.Users.Count, train.Items.Count];
        for (int user = 0; user < train.Users.Count; user++)
        {
            for (int item = 0; item < train.Items.Count; item++)
                scores[user, item] = random.NextSingle();
            foreach (var item in heldOut.ByUser.Indices(user))
                if ((user + item) % of == 0)
                    scores[user, item] += 1;
        }
        return scores;
    }

    /// <summary>Popularity that notes how many interactions it was trained on.</summary>
    private sealed class Counted(MLContext ml) : RecommenderTrainer<PopularityModel, PopularityTrainer.Options>(ml, new())
    {
        public List<int> Trained { get; } = [];

        protected override PopularityModel Train(TrainingInput input)
        {
            Trained.Add(input.Train.Count);
            return new(input.Train.Users, input.Train.Items, input.Train.ByUser);
        }
    }
}
