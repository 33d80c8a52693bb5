using Microsoft.ML;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class SoftmaxDnnModelTests
{
    private static SoftmaxDnnModel Model(float recencyHalfLife = 0, float temperature = 0, int[]? hiddenLayers = null, bool skipConnection = false)
    {
        var random = new Random(1);
        var pairs = Enumerable.Range(0, 40).SelectMany(user => Enumerable.Range(1, 29).Where(_ => random.NextDouble() < 0.3).Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(40), IdMap.FromKeys(30), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            timestamps: [.. pairs.Select(_ => (long)random.Next(1000))]);
        return new MLContext().Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 12,
            HiddenLayers = hiddenLayers ?? [20],
            SkipConnection = skipConnection,
            NumberOfIterations = 3,
            RecencyHalfLife = recencyHalfLife,
            Temperature = temperature,
        }).Fit(data);
    }

    private static RecommenderQuery HistoryOf(SoftmaxDnnModel model, int user) => RecommenderQuery.ForHistory(
        [.. new TakenItems(model.History, user).InTime().Select(entry => model.History.Indices(user)[entry])]);

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(2, 0.1f, true)]
    public void Embed_HistoryOfAKnownUser_IsTheirEmbeddingToTheBit(float recencyHalfLife, float temperature, bool skipConnection)
    {
        var model = Model(recencyHalfLife, temperature, skipConnection: skipConnection);
        for (int user = 0; user < 40; user++)
            Assert.Equal(model.UserFactors(user).ToArray(), model.Embed(HistoryOf(model, user)));
    }

    [Fact]
    public void Embed_KnownUserWithNews_IsTheJoinedHistory()
    {
        var model = Model(recencyHalfLife: 2);
        var old = HistoryOf(model, 3).History.ToArray();
        ItemFeedback[] news = [new(old[1].Item), new(0), new(old[0].Item, Weight: 2)];

        var embedding = model.Embed(RecommenderQuery.ForUser(3, news));

        Assert.Equal(model.Embed(RecommenderQuery.ForHistory((ItemFeedback[])[.. old[2..], news[0], news[2]])), embedding);
        Assert.NotEqual(model.Embed(RecommenderQuery.ForUser(3)), embedding);
    }

    [Fact]
    public void Embed_SkipConnectionWithoutHiddenLayers_IsTheMeanOfTheHistory()
    {
        var model = Model(hiddenLayers: [], skipConnection: true);
        var embedding = model.Embed(RecommenderQuery.ForHistory(3, 7));
        for (int k = 0; k < embedding.Length; k++)
            Assert.Equal((model.Tower.History[3][k] + model.Tower.History[7][k]) / 2, embedding[k], 1e-6);
    }

    [Fact]
    public void Embed_Recency_HalvesWithEachSoManyEntries()
    {
        var settings = new SoftmaxDnnSettings(RecencyHalfLife: 2, Temperature: 0, SkipConnection: false);
        float[] weights = [1, 3, 1, 1, 1];
        settings.ToShares(weights);
        double[] expected = [0.25, 3 / Math.Pow(2, 1.5), 0.5, 1 / Math.Sqrt(2), 1];
        for (int i = 0; i < weights.Length; i++)
            Assert.Equal(expected[i] / expected.Sum(), weights[i], 1e-6);
    }

    [Fact]
    public void Embed_NothingKnown_IsZero()
    {
        var model = Model();
        Assert.Equal(new float[12], model.Embed(RecommenderQuery.Nobody));
        Assert.Equal(new float[12], model.Embed(RecommenderQuery.ForHistory(0)));
        Assert.Throws<ArgumentException>(() => model.Embed(RecommenderQuery.ForHistory((ItemFeedback[])[new(1, Weight: -1)])));
    }

    [Fact]
    public void Probabilities_KnownItems_AreTheSoftmaxOfTheScores()
    {
        var model = Model();
        var probabilities = model.Probabilities(RecommenderQuery.ForUser(5));
        var sum = Enumerable.Range(1, 29).Sum(item => Math.Exp(model.Score(5, item)));
        for (int item = 1; item < 30; item++)
        {
            Assert.Equal(Math.Exp(model.Score(5, item)) / sum, probabilities[item], 1e-6);
            Assert.Equal(probabilities[item], model.Probability(RecommenderQuery.ForUser(5), item));
        }
        Assert.Equal(float.NaN, probabilities[0]);
        Assert.Equal(float.NaN, model.Probability(RecommenderQuery.ForUser(5), 30));
        Assert.Equal(float.NaN, model.Probability(RecommenderQuery.Nobody, 5));
    }

    [Fact]
    public void ScoreItems_Temperature_IsTheCosineOverIt()
    {
        var model = Model(temperature: 0.1f);
        var user = model.UserFactors(4);
        var item = model.ItemFactors(6);
        double dot = 0, userSquares = 0, itemSquares = 0;
        for (int k = 0; k < user.Length; k++)
            (dot, userSquares, itemSquares) = (dot + user[k] * item[k], userSquares + user[k] * user[k], itemSquares + item[k] * item[k]);
        Assert.Equal(dot / Math.Sqrt(userSquares * itemSquares) / 0.1, model.Score(4, 6), 1e-4);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0.1f)]
    public void Explain_EachEntry_IsWhatTheScoreLosesWithoutIt(float recencyHalfLife, float temperature)
    {
        var model = Model(recencyHalfLife, temperature, skipConnection: temperature > 0);
        ItemFeedback[] history = [new(4, Weight: 2), new(9), new(17), new(0)];
        foreach (var item in (int[])[9, 21])
        {
            var contributions = model.Explain(RecommenderQuery.ForHistory(history), item);

            // Nobody took item 0.
            Assert.Equal([4, 9, 17], contributions.Select(entry => entry.Index).Order());
            Assert.Equal(contributions.OrderByDescending(entry => entry.Value), contributions);
            foreach (var (_, taken, _, _, contribution) in contributions)
                Assert.Equal(Score(history) - Score([.. history.Where(entry => entry.Item != taken)]), contribution, 1e-5);

            float Score(ItemFeedback[] history)
            {
                var scores = new float[model.Items.Count];
                model.ScoreItems(RecommenderQuery.ForHistory(history), scores);
                return scores[item];
            }
        }
    }

    [Fact]
    public void Explain_KnownUser_IsThatOfTheirHistory()
    {
        var model = Model();
        Assert.Equal(model.Explain(HistoryOf(model, 7), 3), model.Explain(7, 3));
        Assert.Equal(model.History.Indices(7).ToArray(), model.Explain(7, 3).Select(entry => entry.Index).Order());
    }

    [Fact]
    public void Explain_OnlyEntry_IsTheWholeScore()
    {
        var model = Model();
        var scores = new float[model.Items.Count];
        model.ScoreItems(RecommenderQuery.ForHistory(5), scores);
        var (_, item, _, _, contribution) = Assert.Single(model.Explain(RecommenderQuery.ForHistory(5), 8));
        Assert.Equal(5, item);
        Assert.Equal(scores[8], contribution, 1e-5);
    }

    [Fact]
    public void Explain_NothingKnown_IsEmptyOrSaysSo()
    {
        var model = Model();
        Assert.Empty(model.Explain(RecommenderQuery.ForHistory(0), 5));
        Assert.Empty(model.Explain(RecommenderQuery.Nobody, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(3, 30));
    }
}
