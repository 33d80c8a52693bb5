using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Tests.Evaluation;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests.Stages;

public sealed class RankedModelTests
{
    private readonly MLContext _ml = new(1);

    private RecommendersCatalog Recommenders => _ml.Recommenders();

    /// <summary>A ranker whose score is minus the popularity, minus the second source's score.</summary>
    private ITransformer Rarest(IDataView table) => _ml.Transforms.CustomMapping<Features, Scored>(
        (features, scored) => scored.Score = -features.ItemPopularity - features.SourceScores.GetValues()[^1], contractName: null).Fit(table);

    [Fact]
    public void RankingTable_ForcedCandidates_HasTheColumnsAsDocumented()
    {
        var train = TestModel.Rows(4, [3], [0, 1, 2], [0]);
        var first = new TestModel(train, new float[,] { { 1, 2, 3, 9 }, { 0, 0, 0, 0 }, { 9, 5, 6, 7 } });
        var popularity = new PopularityModel(train.Users, train.Items, train.ByUser);
        var candidates = Recommenders.Stages.Fuse([new(first, 2), new(popularity, 1)]);
        var taken = TestModel.Rows(4, [2], [3], [0]);

        var rows = _ml.Data.CreateEnumerable<Row>(Recommenders.Stages.RankingTable(candidates, taken), reuseRowObject: false).ToArray();

        // User 0: the first proposes 2, 1; popularity 0. User 1: all took 3 only as label: proposed by both. User 2 took nothing new that is proposed.
        Assert.Equal([(1u, 1u, 1u), (1u, 1u, 2u), (1u, 1u, 3u), (2u, 2u, 4u)], rows.Select(row => (row.GroupId, row.User, row.Item)).Order().ToArray());
        var two = rows.Single(row => row.GroupId == 1 && row.Item == 3);
        Assert.Equal([3f, 1f / 3], two.SourceScores);
        Assert.Equal([1f / 61, 0f], two.SourceRanks);
        Assert.Equal((1f / 3, 1f, 1f), (two.ItemPopularity, two.UserActivity, two.Label));
        var zero = rows.Single(row => row.GroupId == 1 && row.Item == 1);
        Assert.Equal([1f, 2f / 3], zero.SourceScores);
        Assert.Equal([0f, 1f / 61], zero.SourceRanks);
        Assert.Equal((2f / 3, 0f), (zero.ItemPopularity, zero.Label));
    }

    [Fact]
    public void Without_RankerThatReadsUsersOrMayHoldTheirIds_IsRefused()
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 5, users: 30, items: 10);
        var model = new PopularityModel(train.Users, train.Items, train.ByUser);
        var table = Recommenders.Stages.RankingTable(model, heldOut, 5);
        var named = new PopularityModel(
            IdMap.FromText([.. Enumerable.Range(0, train.Users.Count).Select(user => $"u{user}")], isKey: true), train.Items, train.ByUser);
        var reader = _ml.Transforms.CustomMapping<Asking, Scored>((row, scored) => scored.Score = row.User, contractName: null).Fit(table);

        var left = Recommenders.Stages.Rank(model, Rarest(table), 5).Without([1, 2]);
        var reading = Assert.Throws<NotSupportedException>(() => Recommenders.Stages.Rank(model, reader, 5).Without([1]));
        var holding = Assert.Throws<NotSupportedException>(() => Recommenders.Stages.Rank(named, Rarest(table), 5).Without([1]));

        Assert.Equal((false, true), (left.IsKnownUser(1), left.IsKnownUser(3)));
        Assert.Contains("reads their column", reading.Message);
        Assert.Contains("Train on raw ids", holding.Message);
    }

    [Fact]
    public void RankingTable_NothingTaken_SaysSo()
    {
        var train = TestModel.Rows(3, [0], [1, 2]);
        var model = new PopularityModel(train.Users, train.Items, train.ByUser);

        Assert.Contains("nothing to learn", Assert.Throws<ArgumentException>(() => Recommenders.Stages.RankingTable(model, TestModel.Rows(3, [0], []))).Message);
    }

    [Fact]
    public void TopItems_Ranker_SortsTheCandidatesOnly()
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 4, users: 150, items: 40);
        var model = new TestModel(train, scores);
        var table = Recommenders.Stages.RankingTable(model, heldOut, 10);
        var ranked = Recommenders.Stages.Rank(model, Rarest(table), 10);
        var users = Enumerable.Range(0, 150).Where(ranked.IsKnownUser).ToArray();
        var lists = ranked.TopItems(users, 20);

        for (int list = 0; list < users.Length; list++)
        {
            var user = users[list];
            var expected = model.TopItems(RecommenderQuery.ForUser(user), 10).Select(entry => entry.Item)
                .OrderByDescending(item => -model.ItemPopularity[item] / 150f - scores[user, item]).ThenBy(item => item);
            Assert.Equal(expected, lists.Items(list).ToArray());
            Assert.Equal(lists.Scores(list)[0], ranked.Score(user, lists.Items(list)[0]));
        }
        var all = new float[40];
        ranked.ScoreItems(RecommenderQuery.ForUser(users[0]), all);
        Assert.Equal(ranked.Score(users[0], 3), all[3]);
    }

    [Fact]
    public void TopItems_TextIds_ReachTheRanker()
    {
        var (users, items) = (IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var model = new ParityModel(users, items);
        ITransformer ranker = _ml.Transforms.CustomMapping<TextIds, Scored>((row, scored) => scored.Score = row.User.Length + row.Item.Length + (row.Item == "item 9" ? 5 : 0), contractName: null)
            .Fit(Recommenders.Stages.RankingTable(model, Withheld(users, items)));
        var ranked = Recommenders.Stages.Rank(model, ranker);

        Assert.Equal("item 9", items.GetText(ranked.TopItems(RecommenderQuery.ForUser(0), 1)[0].Item));
        Assert.NotEmpty(ranked.TopItems(RecommenderQuery.ForHistory(1, 3), 3));
    }

    [Fact]
    public void Rank_NoSuchScoreColumn_SaysWhichThereAre()
    {
        var train = TestModel.Rows(3, [0], [1, 2]);
        var model = new PopularityModel(train.Users, train.Items, train.ByUser);
        var ranker = Rarest(Recommenders.Stages.RankingTable(model, TestModel.Rows(3, [1], [])));

        Assert.Contains("'Rank'", Assert.Throws<ArgumentException>(() => Recommenders.Stages.Rank(model, ranker, scoreColumnName: "Rank")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Recommenders.Stages.Rank(model, ranker, 0));
    }

    private static Interactions Withheld(IdMap users, IdMap items)
    {
        var builder = new InteractionsBuilder(hasLabels: false, hasWeights: false, hasTimestamps: false);
        for (int user = 0; user < Size; user++)
            builder.Add(user, user);
        return builder.Build(users, items, DuplicateHandling.Last, default);
    }

    private sealed class Features
    {
        public VBuffer<float> SourceScores { get; set; }
        public float ItemPopularity { get; set; }
    }

    private sealed class Asking
    {
        [KeyType(30)]
        public uint User { get; set; }
    }

    private sealed class TextIds
    {
        public string User { get; set; } = "";
        public string Item { get; set; } = "";
    }

    private sealed class Row
    {
        [KeyType(int.MaxValue)] public uint GroupId { get; set; }
        [KeyType(3)] public uint User { get; set; }
        [KeyType(4)] public uint Item { get; set; }
        [VectorType(2)] public float[] SourceScores { get; set; } = [];
        [VectorType(2)] public float[] SourceRanks { get; set; } = [];
        public float ItemPopularity { get; set; }
        public float UserActivity { get; set; }
        public float Label { get; set; }
    }
}
