using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Stages;

public sealed class RerankedModelTests
{
    private const int ItemCount = 8;

    private readonly MLContext _ml = new(1);

    // User 0 took items 6 (comedy) and 7 (drama); the model's order for user 0 is 0, 1, 2, … with scores 1, 0.9, 0.8 …
    private static readonly Interactions Train = TestModel.Rows(ItemCount, [6, 7], [0, 1, 2, 3, 4, 5]);

    private static readonly string[][] Genres = [["comedy"], ["comedy"], ["comedy"], ["drama"], ["comedy", "drama"], ["drama"], ["comedy"], ["drama"]];

    private static TestModel Model()
    {
        var scores = new float[2, ItemCount];
        for (int item = 0; item < ItemCount; item++)
            scores[0, item] = scores[1, item] = 1 - item / 10f;
        return new TestModel(Train, scores);
    }

    private SideFeatures Features(params float[] dates) => _ml.Recommenders().Data.ReadFeatures(
        _ml.Data.LoadFromEnumerable(Enumerable.Range(0, ItemCount).Select(item => new Row { Item = (uint)item + 1, Genres = Genres[item], Year = dates.ElementAtOrDefault(item) })),
        "Item", ["Genres", "Year"]);

    private RerankOptions ByGenre => new() { ItemFeatures = Features(), CategoryColumnName = "Genres" };

    private int[] List(RerankOptions options, int length = 6, int user = 0) =>
        [.. _ml.Recommenders().Stages.Rerank(Model(), options).TopItems(RecommenderQuery.ForUser(user), length).Select(entry => entry.Item)];

    [Fact]
    public void TopItems_NoRule_IsTheModelsOwnList()
    {
        var reranked = _ml.Recommenders().Stages.Rerank(Model(), new RerankOptions());

        Assert.Equal(Model().TopItems(RecommenderQuery.ForUser(0), 4), reranked.TopItems(RecommenderQuery.ForUser(0), 4));
        Assert.Equal(Model().Score(0, 3), reranked.Score(0, 3));
    }

    [Fact]
    public void TopItems_MaxPerCategory_SkipsWhatWouldBeOneTooMany()
    {
        Assert.Equal([0, 1, 3, 5], List(ByGenre with { MaxPerCategory = 2 }));
        Assert.Equal([0, 3], List(ByGenre with { MaxPerCategory = 1 }));
    }

    [Fact]
    public void TopItems_DiversityByCategories_IsMaximalMarginalRelevance()
    {
        // Relevance of candidates 0…5: 1, .8, .6, .4, .2, 0. Taken 0 first; then 1: .4 − .5·1, 2: .3 − .5, 3: .2 − 0, 4: .1 − .5·½, 5: 0.
        // Then 1: −.1, 2: −.2, 4: .1 − .25, 5: −.5; then 4: −.15, 2: −.2, 5: −.5.
        Assert.Equal([0, 3, 1, 4, 2, 5], List(ByGenre with { Diversity = 0.5f }));
    }

    [Fact]
    public void TopItems_DiversityByEmbeddings_EqualsBruteForce()
    {
        var model = RandomFactorModel.Create(rank: 5, users: 6, items: 40, seed: 9);
        var reranked = _ml.Recommenders().Stages.Rerank(model, new RerankOptions { Diversity = 0.4f, NumberOfCandidates = 15 });

        for (int user = 0; user < 6; user++)
        {
            var candidates = model.TopItems(RecommenderQuery.ForUser(user), 15);
            var (low, high) = ((double)candidates.Min(c => c.Score), (double)candidates.Max(c => c.Score));
            var left = candidates.ToList();
            var expected = new List<int>();
            while (expected.Count < 10)
            {
                var next = left.MaxBy(c => 0.6 * (c.Score - low) / (high - low) - 0.4 * expected.Select(item => Cosine(item, c.Item)).DefaultIfEmpty(0).Max());
                left.Remove(next);
                expected.Add(next.Item);
            }
            Assert.Equal(expected, reranked.TopItems(RecommenderQuery.ForUser(user), 10).Select(entry => entry.Item));
        }

        double Cosine(int item, int other)
        {
            var (a, b) = (model.ItemFactors(item).ToArray(), model.ItemFactors(other).ToArray());
            return a.Zip(b).Sum(p => (double)p.First * p.Second) / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
        }
    }

    [Fact]
    public void TopItems_Calibration_FollowsTheMixOfTheHistory()
    {
        // The history is half comedy, half drama: the list takes them in turn, best first, and the film of both keeps the balance.
        Assert.Equal([4], List(ByGenre with { Calibration = 1 }, length: 1));
        Assert.Equal([0, 3, 1, 5], List(ByGenre with { Calibration = 0.9f }, length: 6).Where(item => item != 4).Take(4));

        // What is greedy by hand in double: −λ KL of the best first item.
        var p = 0.5;
        var one = p * Math.Log(p / (0.99 * 1 + 0.01 * p)) + p * Math.Log(p / (0.01 * p));
        Assert.True(0.5 * 1 - 0.5 * one < 0.5 * 0.2);
        Assert.Equal(4, List(ByGenre with { Calibration = 0.5f }, length: 1)[0]);
    }

    [Fact]
    public void TopItems_Freshness_HalvesRelevancePerHalfLife()
    {
        // Relevance 1, .8, .6, .4, .2, 0 with ages 20, 10, 0, 0, 0, 0 and a half-life of 10: .25, .4, .6, .4, .2, 0.
        var features = Features(2000, 2010, 2020, 2020, 2020, 2020, 1990, 1990);

        Assert.Equal([2, 1, 3, 0, 4, 5], List(new RerankOptions { FreshnessHalfLife = 10, ItemFeatures = features, DateColumnName = "Year" }));
        Assert.Equal([0, 1, 2, 3, 4, 5], List(new RerankOptions { FreshnessHalfLife = 10, AsOf = 2000, ItemFeatures = features, DateColumnName = "Year" }));
    }

    [Fact]
    public void TopItems_ItemWithoutDate_IsAsOldAsTheOldestCandidate()
    {
        var features = Features(float.NaN, 2010, 2020, 2020, 2020, 2020, 1990, 1990);

        // Item 0: 1 · ½; item 1: .8 · ½.
        Assert.Equal([2, 0, 1, 3, 4, 5], List(new RerankOptions { FreshnessHalfLife = 10, ItemFeatures = features, DateColumnName = "Year" }));
    }

    [Fact]
    public void TopItems_ExcludedItems_AreUnknown()
    {
        var reranked = _ml.Recommenders().Stages.Rerank(Model(), new RerankOptions { ExcludedItems = [0, 2, 99, -1] });

        Assert.Equal([1, 3, 4, 5], reranked.TopItems(RecommenderQuery.ForUser(0), 6).Select(entry => entry.Item));
        Assert.False(reranked.IsKnownItem(0));
        Assert.True(float.IsNaN(reranked.Score(0, 2)));
        var popular = reranked.TopItems(RecommenderQuery.Nobody, 8, new TopItemsOptions { Fallback = RecommendationFallback.Popularity });
        Assert.DoesNotContain(popular, entry => entry.Item is 0 or 2);
    }

    [Fact]
    public void TopItems_Filters_AreKept()
    {
        var reranked = _ml.Recommenders().Stages.Rerank(Model(), new RerankOptions { ExcludedItems = [1] });

        var filter = ItemFilter.Only([1, 2, 3, 4]).And(ItemFilter.Except([4]));
        Assert.Equal([2, 3], reranked.TopItems(RecommenderQuery.ForUser(0), 8, new TopItemsOptions { Filter = filter }).Select(entry => entry.Item));
        Assert.Equal(7, reranked.TopItems(RecommenderQuery.ForUser(0), 8, new TopItemsOptions { ExcludeSeen = false }).Length);
    }

    public static TheoryData<string, RerankOptions> BadOptions => new()
    {
        { nameof(RerankOptions.NumberOfCandidates), new() { NumberOfCandidates = 0 } },
        { nameof(RerankOptions.Diversity), new() { Diversity = -0.1f } },
        { nameof(RerankOptions.Diversity), new() { Diversity = float.NaN } },
        { nameof(RerankOptions.Diversity), new() { Diversity = 0.5f } },
        { nameof(RerankOptions.Calibration), new() { Calibration = 1.1f } },
        { nameof(RerankOptions.Calibration), new() { Calibration = 0.5f } },
        { nameof(RerankOptions.Diversity), new() { Calibration = 0.6f, Diversity = 0.6f } },
        { nameof(RerankOptions.MaxPerCategory), new() { MaxPerCategory = 0 } },
        { nameof(RerankOptions.MaxPerCategory), new() { MaxPerCategory = 2 } },
        { nameof(RerankOptions.FreshnessHalfLife), new() { FreshnessHalfLife = 0 } },
        { nameof(RerankOptions.FreshnessHalfLife), new() { FreshnessHalfLife = 3 } },
        { nameof(RerankOptions.AsOf), new() { AsOf = double.NaN } },
    };

    [Theory, MemberData(nameof(BadOptions))]
    public void Rerank_BadOption_NamesIt(string option, RerankOptions options) =>
        Assert.Contains(option, Assert.ThrowsAny<ArgumentException>(() => _ml.Recommenders().Stages.Rerank(Model(), options)).Message);

    [Fact]
    public void TopItems_Dates_CountInDays()
    {
        // One day old, and ten: halved once, and ten times.
        var days = Enumerable.Range(0, ItemCount).Select(item => new Row { Item = (uint)item + 1, Day = new DateTime(2024, 1, 11).AddDays(item == 0 ? -10 : item == 1 ? -1 : 0) });
        var features = _ml.Recommenders().Data.ReadFeatures(_ml.Data.LoadFromEnumerable(days), "Item", ["Day"]);

        // Relevance 1, .8, .6, .4, .2, 0 becomes 1/1024, .4, .6, .4, .2, 0.
        Assert.Equal([2, 1, 3, 4, 0, 5], List(new RerankOptions { FreshnessHalfLife = 1, ItemFeatures = features, DateColumnName = "Day" }));
    }

    [Fact]
    public void Rerank_WrongFeatures_SaysWhatIsNeeded()
    {
        Assert.Contains("'Genre'; there are Genres, Year", Error(ByGenre with { CategoryColumnName = "Genre" }));
        Assert.Contains("needs categories", Error(ByGenre with { CategoryColumnName = "Year" }));
        Assert.Contains("not one number", Error(ByGenre with { DateColumnName = "Genres" }));
        Assert.Contains("ReadFeatures", Error(new RerankOptions { CategoryColumnName = "Genres" }));
        var others = _ml.Data.LoadFromEnumerable(new[] { new Named { Item = "x", Genres = ["comedy"] } });
        Assert.Contains("'x'", Error(new RerankOptions { ItemFeatures = _ml.Recommenders().Data.ReadFeatures(others, "Item", ["Genres"]), CategoryColumnName = "Genres" }));

        string Error(RerankOptions options) => Assert.ThrowsAny<ArgumentException>(() => _ml.Recommenders().Stages.Rerank(Model(), options)).Message;
    }

    internal sealed class Row
    {
        public uint Item;
        public string[] Genres = [];
        public float Year;
        public DateTime Day;
    }

    private sealed class Named
    {
        public string Item = "";
        public string[] Genres = [];
    }
}
