using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests;

public class RecommenderTests
{
    private static readonly MLContext Ml = new(1);
    private static readonly RecommendersCatalog Recommenders = Ml.Recommenders();
    private static readonly Interactions Data = Interactions(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
    private static readonly WalsModel Wals = Recommenders.Trainers.Wals(approximationRank: 4).Fit(Data);
    private static readonly Recommender<string, string> Films = Wals.For<string, string>();

    [Fact]
    public void Recommend_TextIds_GivesTheBestItemsWithScoreRankAndReason() =>
        AssertIds(IdMap.FromText(UserNames), UserName, IdMap.FromText(ItemNames), ItemName);

    [Fact]
    public void Recommend_Guids_GivesTheBestItemsWithScoreRankAndReason() =>
        AssertIds(
            IdMap.FromText([.. Enumerable.Range(0, Size).Select(user => Id(user).ToString())]), Id,
            IdMap.FromText([.. Enumerable.Range(0, Size).Select(item => Id(99 - item).ToString())]), item => Id(99 - item));

    [Fact]
    public void Recommend_Integers_GivesTheBestItemsWithScoreRankAndReason()
    {
        AssertIds(
            Numbers(DataKind.Int32, user => -user), user => -user,
            Numbers(DataKind.Int64, item => long.MinValue + item), item => long.MinValue + item);
        AssertIds(
            Numbers(DataKind.UInt32, user => uint.MaxValue - user), user => uint.MaxValue - (uint)user,
            Numbers(DataKind.UInt64, item => -1 - item), item => ulong.MaxValue - (ulong)item);
        AssertIds(IdMap.FromKeys(Size), user => (uint)user + 1, IdMap.FromKeys(Size), item => (uint)item + 1);

        static IdMap Numbers(DataKind kind, Func<int, long> id) => IdMap.FromIntegers([.. Enumerable.Range(0, Size).Select(id)], kind);
    }

    [Fact]
    public void For_IdsOfAnotherType_NamesTheRightCall()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromIntegers(ItemNumbers, DataKind.Int64));

        Assert.Contains("For<string, …>", Assert.Throws<ArgumentException>(() => model.For<int, long>()).Message);
        Assert.Contains("For<…, Int64>", Assert.Throws<ArgumentException>(() => model.For<string, Guid>()).Message);
        Assert.Same(model, model.For<string, string>().Model);
    }

    [Fact]
    public void Recommend_UnknownUser_GetsThePopularItemsWithTheirReasonOrAnException()
    {
        var list = Films.Recommend("nobody", 3);

        Assert.Equal(
            Enumerable.Range(0, 3).Select(item => new Recommendation<string>(ItemName(item), 5f / 12, item + 1, RecommendationReason.Popularity)),
            list);
        var strict = Wals.For<string, string>(new RecommenderOptions { Fallback = RecommendationFallback.None });
        Assert.Contains("User 'nobody'", Assert.Throws<ArgumentException>(() => strict.Recommend("nobody")).Message);
        Assert.Contains("User 'nobody'", Assert.Throws<ArgumentException>(() => strict.Recommend([UserName(0), "nobody"])).Message);
        Assert.Contains("history is empty", Assert.Throws<ArgumentException>(() => strict.RecommendFor(Array.Empty<string>())).Message);
        Assert.Equal(RecommendationReason.FoldIn, strict.Recommend("nobody", [new(ItemName(1))])[0].Reason);
    }

    [Fact]
    public void ScoreExplainSimilar_UnknownIds_AreNamed()
    {
        var lenient = Wals.For<string, string>(new RecommenderOptions { UnknownItems = UnknownItemHandling.LeaveOut });
        foreach (var recommender in new[] { Films, lenient })
        {
            foreach (var ask in new Action[]
            {
                () => recommender.Score("nobody", ItemName(1)),
                () => recommender.Score([(UserName(0), ItemName(1)), ("nobody", ItemName(1))]),
                () => recommender.Explain("nobody", ItemName(1)),
                () => recommender.Explain([(UserName(0), ItemName(1)), ("nobody", ItemName(1))]),
                () => recommender.SimilarUsers("nobody"),
                () => recommender.SimilarUsers([UserName(0), "nobody"]),
            })
                Assert.Contains("User 'nobody' is not known", Assert.Throws<ArgumentException>(ask).Message);
            foreach (var ask in new Action[]
            {
                () => recommender.Score(UserName(0), "nothing"),
                () => recommender.Explain(UserName(0), "nothing"),
                () => recommender.ExplainFor([ItemName(1)], "nothing"),
                () => recommender.Similar("nothing"),
                () => recommender.Similar([ItemName(0), "nothing"]),
            })
                Assert.Contains("Item 'nothing' is not known", Assert.Throws<ArgumentException>(ask).Message);
        }
    }

    [Fact]
    public void RecommendFor_UnknownItems_AreNamedOrLeftOut()
    {
        foreach (var ask in new Action[]
        {
            () => Films.RecommendFor([ItemName(1), "nothing"]),
            () => Films.RecommendFor([[ItemName(1)], [ItemName(1), "nothing"]]),
            () => Films.ExplainFor(["nothing"], ItemName(1)),
            () => Films.Recommend(UserName(0), [new("nothing")]),
            () => Films.Only([ItemName(1), "nothing"]),
            () => Films.Except(["nothing"]),
        })
        {
            var message = Assert.Throws<ArgumentException>(ask).Message;
            Assert.Contains("Item 'nothing' is not known", message);
            Assert.Contains("LeaveOut", message);
        }

        var lenient = Wals.For<string, string>(new RecommenderOptions { UnknownItems = UnknownItemHandling.LeaveOut });
        Assert.Equal(Films.RecommendFor([ItemName(1)]), lenient.RecommendFor([ItemName(1), "nothing"]));
        Assert.Equal(
            Films.Recommend("nobody", filter: Films.Only([ItemName(4)])),
            lenient.RecommendFor(["nothing"], filter: lenient.Only([ItemName(4), "nothing"])));
        Assert.Contains("none of the 1 items", Assert.Throws<ArgumentException>(() => lenient.ExplainFor(["nothing"], ItemName(1))).Message);
        var strict = Wals.For<string, string>(new() { UnknownItems = UnknownItemHandling.LeaveOut, Fallback = RecommendationFallback.None });
        Assert.Contains("'nothing' first", Assert.Throws<ArgumentException>(() => strict.RecommendFor(["nothing"])).Message);
    }

    [Fact]
    public void RecommendFor_LabelsAndWeights_AreThoseOfTheModelsQuery()
    {
        HistoryEntry<string>[] history = [new(ItemName(1), 2, 0.5f), new(ItemName(4)), new(ItemName(3), Weight: 2)];
        ItemFeedback[] same = [new(1, 2, 0.5f), new(4), new(3, Weight: 2)];

        AssertSame(Wals.TopItems(RecommenderQuery.ForHistory(same), 5), Films.RecommendFor(history, 5), RecommendationReason.FoldIn);
        AssertSame(Wals.TopItems(RecommenderQuery.ForUser(0, same), 5), Films.Recommend(UserName(0), history, 5), RecommendationReason.FoldIn);
        HistoryEntry<string>[] bad = [new(ItemName(1), float.NaN)];
        Assert.Contains("must be finite", Assert.Throws<ArgumentException>(() => Films.RecommendFor(bad)).Message);
        var mean = Recommenders.Trainers.Mean(new MeanTrainer.Options()).Fit(Data).For<string, string>();
        Assert.Throws<NotSupportedException>(() => mean.RecommendFor([ItemName(1)]));
    }

    [Fact]
    public void ManyAtOnce_EqualOneAtATime()
    {
        string[] users = [.. UserNames, "nobody"];
        (string, string)[] pairs = [.. from user in UserNames from item in ItemNames select (user, item)];
        string[][] histories = [.. Enumerable.Range(0, Size).Select(item => new[] { ItemName(item), ItemName((item + 2) % Size) })];
        foreach (var model in new RecommenderModel[] { Wals, new ParityModel(Wals.Users, Wals.Items), Recommenders.Stages.Fuse([new(Wals, 8)]) })
        {
            var recommender = model.For<string, string>(new RecommenderOptions { NumberOfThreads = 3 });
            var filter = recommender.Except([ItemName(2)]);
            Assert.Equal(users.Select(user => recommender.Recommend(user, 4, filter)), recommender.Recommend(users, 4, filter));
            Assert.Equal(histories.Select(history => recommender.RecommendFor(history, 4, filter)), recommender.RecommendFor(histories, 4, filter));
            Assert.Equal(pairs.Select(pair => recommender.Score(pair.Item1, pair.Item2)), recommender.Score(pairs));
            if (!model.CanExplain)
            {
                Assert.Throws<NotSupportedException>(() => recommender.Explain(pairs));
                continue;
            }
            Assert.Equal(ItemNames.Select(item => recommender.Similar(item, 4, filter)), recommender.Similar(ItemNames, 4, filter));
            Assert.Equal(UserNames.Select(user => recommender.SimilarUsers(user, 4)), recommender.SimilarUsers(UserNames, 4));
            Assert.Equal(pairs.Select(pair => recommender.Explain(pair.Item1, pair.Item2)), recommender.Explain(pairs));
        }
        Assert.Empty(Films.Recommend(Array.Empty<string>()));
        Assert.Empty(Films.SimilarUsers(Array.Empty<string>()));
    }

    [Fact]
    public void ManyAtOnce_Cancelled_Throws()
    {
        var cancelled = new CancellationToken(canceled: true);

        foreach (var ask in new Action[]
        {
            () => Films.Recommend(UserNames, cancellationToken: cancelled),
            () => Films.RecommendFor([ItemNames], cancellationToken: cancelled),
            () => Films.Similar(ItemNames, cancellationToken: cancelled),
            () => Films.SimilarUsers(UserNames, cancellationToken: cancelled),
            () => Films.Explain([(UserName(0), ItemName(0))], cancelled),
            () => Films.Score([(UserName(0), ItemName(0))], cancelled),
        })
            Assert.ThrowsAny<OperationCanceledException>(ask);
    }

    [Fact]
    public void SimilarAndExplain_Ids_AreThoseOfTheModelsIndices()
    {
        AssertSame(Wals.SimilarItems(3, 4), Films.Similar(ItemName(3), 4), RecommendationReason.Model);
        Assert.Equal(
            Wals.SimilarUsers(3, 4).Select((entry, place) => new SimilarUser<string>(UserName(entry.User), entry.Score, place + 1)),
            Films.SimilarUsers(UserName(3), 4));
        Assert.Equal(
            Wals.Explain(3, 5).Select(part => (ContributionOf.Item, ItemName(part.Index), part.Value)),
            Films.Explain(UserName(3), ItemName(5)).Select(part => (part.Of, part.Item!, part.Value)));
        Assert.Equal(
            Wals.Explain(RecommenderQuery.ForHistory(1, 3), 5).Select(part => part.Value),
            Films.ExplainFor([ItemName(1), ItemName(3)], ItemName(5)).Select(part => part.Value));
        var byUsers = Recommenders.Trainers.UserKnn().Fit(Data).For<string, string>().Explain(UserName(3), ItemName(3));
        Assert.NotEmpty(byUsers);
        Assert.All(byUsers, part => Assert.Equal((ContributionOf.User, null, true), (part.Of, part.Item, UserNames.Contains(part.User))));
        var byFeatures = Recommenders.Trainers.ContentBased(ItemFeatures).Fit(Data).For<string, string>().Explain(UserName(3), ItemName(3));
        Assert.Equal([("Parity", "name 1")], byFeatures.Select(part => (part.Feature!, part.Category!)));
    }

    [Fact]
    public void Filters_OnManyThreads_LetThroughWhatTheySay()
    {
        var odd = Films.Where(ItemFeatures, film => film.Has("Parity", "name 1"));
        var few = Films.Only([ItemName(1), ItemName(2), ItemName(3)]);
        (ItemFilter Filter, Func<int, bool> Passes)[] cases =
        [
            (odd, item => item % 2 == 1),
            (few, item => item is 1 or 2 or 3),
            (odd.And(few), item => item is 1 or 3),
            (Films.Except([ItemName(1)]).And(odd), item => item % 2 == 1 && item != 1),
            (Films.Except([ItemName(1)]).And(Films.Except([ItemName(2)])), item => item is not (1 or 2)),
            (Films.Only([]), _ => false),
            (Films.Except([]), _ => true),
        ];
        var all = UserNames.Select(user => Films.Recommend(user, Size)).ToArray();

        Parallel.For(0, 20 * Size, run =>
        {
            foreach (var (filter, passes) in cases)
                Assert.Equal(
                    all[run % Size].Where(entry => passes(Array.IndexOf(ItemNames, entry.Item))).Select(entry => (entry.Item, entry.Score)),
                    Films.Recommend(UserName(run % Size), Size, filter).Select(entry => (entry.Item, entry.Score)));
        });
    }

    [Fact]
    public void Where_FeaturesOfNoItem_SaysWhatIdsLookLike()
    {
        var error = Assert.Throws<ArgumentException>(() => Films.Where(UserFeatures, _ => true));

        Assert.Contains("'item 0'", error.Message);
    }

    /// <summary>Everybody by id gets what the model says by index.</summary>
    private static void AssertIds<TUser, TItem>(IdMap users, Func<int, TUser> userId, IdMap items, Func<int, TItem> itemId)
        where TUser : notnull
        where TItem : notnull
    {
        var model = new ParityModel(users, items);
        var recommender = model.For<TUser, TItem>();
        for (int user = 0; user < Size; user++)
        {
            Assert.Equal(
                Expected(RecommenderQuery.ForUser(user), RecommendationReason.Model),
                recommender.Recommend(userId(user), 4));
            Assert.Equal(model.Score(user, 3), recommender.Score(userId(user), itemId(3)));
        }
        Assert.Equal(Expected(RecommenderQuery.ForHistory(3), RecommendationReason.FoldIn), recommender.RecommendFor([itemId(3)], 4));
        var filter = recommender.Only([itemId(7), itemId(8)]);
        Assert.Equal([itemId(8)], recommender.Recommend(userId(1), 4, filter).Select(entry => entry.Item));
        Assert.Equal(RecommendationReason.Popularity, recommender.Recommend(userId(50), 1)[0].Reason);
        var error = Assert.Throws<ArgumentException>(() => recommender.RecommendFor([itemId(50)]));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"'{itemId(50)}'"), error.Message);

        IEnumerable<Recommendation<TItem>> Expected(RecommenderQuery query, RecommendationReason reason) =>
            model.TopItems(query, 4).Select((entry, place) => new Recommendation<TItem>(itemId(entry.Item), entry.Score, place + 1, reason));
    }

    private static void AssertSame(ItemScore[] expected, IReadOnlyList<Recommendation<string>> actual, RecommendationReason reason) =>
        Assert.Equal(expected.Select((entry, place) => new Recommendation<string>(ItemName(entry.Item), entry.Score, place + 1, reason)), actual);

    private static Guid Id(int number) => new(number, 0xab, 0xcd, [1, 2, 3, 4, 5, 6, 7, 8]);
}
