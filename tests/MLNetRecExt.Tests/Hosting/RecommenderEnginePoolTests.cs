using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests;

public sealed class RecommenderEnginePoolTests : IDisposable
{
    private const int Threads = 8, Calls = 20_000;

    private readonly MLContext _ml = new(1);
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predict_ScoresFromManyThreads_EqualOneThread(bool loaded)
    {
        var trained = Train();
        using var pool = _ml.Recommenders().CreateEnginePool<TextRow, Scored>(loaded ? SaveAndLoad(trained) : trained);
        var expected = new float[Size * Size];
        for (int pair = 0; pair < expected.Length; pair++)
            expected[pair] = trained.Model.Score(trained.Model.Users.IndexOf(UserName(pair / Size)), trained.Model.Items.IndexOf(ItemName(pair % Size)));

        Hammer(random =>
        {
            var pair = random.Next(expected.Length);
            return expected[pair] == pool.Predict(new TextRow { User = UserName(pair / Size), Item = ItemName(pair % Size) }).Score;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predict_TopItemsFromManyThreads_EqualOneThread(bool loaded)
    {
        var model = Train().Model;
        var top = _ml.Recommenders().Transforms.TopItems(model, numberOfItems: 4).Fit(Text(_ml));
        using var pool = _ml.Recommenders().CreateEnginePool<UserRow, TextItems>(loaded ? SaveAndLoad(top) : top);
        var expected = Enumerable.Range(0, Size).Select(user => model.TopItems(RecommenderQuery.ForUser(model.Users.IndexOf(UserName(user))), 4)).ToArray();

        Hammer(random =>
        {
            var user = random.Next(Size);
            var answer = pool.Predict(new UserRow { User = UserName(user) });
            return expected[user].Select(entry => entry.Score).SequenceEqual(answer.Scores)
                && expected[user].Select(entry => model.Items.GetText(entry.Item)).SequenceEqual(answer.Items);
        });
    }

    [Fact]
    public void CreateEnginePool_LoadedPipeline_PacksTheItemsBeforeTheFirstRow()
    {
        var top = _ml.Recommenders().Transforms.TopItems(Train().Model, numberOfItems: 4).Fit(Text(_ml));
        var loaded = SaveAndLoad(top);
        var model = Assert.IsType<WalsModel>(loaded.AsRecommender());
        Assert.False(model.PackedItems.IsPacked);

        using var pool = _ml.Recommenders().CreateEnginePool<UserRow, TextItems>(loaded);

        Assert.True(model.PackedItems.IsPacked);
    }

    // Scores are not searched for.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CreateEnginePool_Scores_PacksNothing(bool loaded)
    {
        var trained = Train();
        var transformer = loaded ? SaveAndLoad(trained) : trained;

        using var pool = _ml.Recommenders().CreateEnginePool<TextRow, Scored>(transformer);

        Assert.False(Assert.IsType<WalsModel>(transformer.AsRecommender()).PackedItems.IsPacked);
    }

    [Fact]
    public void Score_ModelFromManyThreads_EqualsOneThread()
    {
        var model = Train().Model;
        var expected = new float[Size * Size];
        for (int pair = 0; pair < expected.Length; pair++)
            expected[pair] = model.Score(pair / Size, pair % Size);

        Hammer(random =>
        {
            var pair = random.Next(expected.Length);
            return expected[pair] == model.Score(pair / Size, pair % Size);
        });
    }

    [Fact]
    public void Predict_AfterARowThatThrows_StaysRight()
    {
        var model = Train().Model;
        var top = _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options { HistoryColumnName = "History", HistoryLabelsColumnName = "Labels" })
            .Fit(_ml.Data.LoadFromEnumerable(Array.Empty<HistoryRow>()));
        using var pool = _ml.Recommenders().CreateEnginePool<HistoryRow, TextItems>(top);
        var good = new HistoryRow { History = [ItemName(1)], Labels = [1] };
        var expected = pool.Predict(good).Items;

        Assert.ThrowsAny<Exception>(() => pool.Predict(new HistoryRow { History = [ItemName(1)], Labels = [1, 2] }));

        Assert.Equal(expected, pool.Predict(good).Items);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CreateEnginePool_AnyPipeline_AnswersARowOfItsOwnFirst(bool refusesIt)
    {
        var seen = new List<string>();
        var look = _ml.Transforms.CustomMapping<UserRow, UserRow>(
            (row, same) =>
            {
                seen.Add(row.User);
                same.User = row.User.Length == 0 && refusesIt ? throw new InvalidOperationException("no user") : row.User;
            },
            contractName: null);
        var top = look.Append(_ml.Recommenders().Transforms.TopItems(Train().Model, numberOfItems: 4)).Fit(Text(_ml));

        using var pool = _ml.Recommenders().CreateEnginePool<UserRow, TextItems>(top);

        Assert.Equal([""], seen);
        Assert.Equal(4, pool.Predict(new UserRow { User = UserName(1) }).Items.Length);
    }

    [Fact]
    public void CreateEnginePool_RowsThatNeedAnArgument_StillAnswers()
    {
        var top = _ml.Recommenders().Transforms.TopItems(Train().Model, numberOfItems: 4).Fit(Text(_ml));
        using var pool = _ml.Recommenders().CreateEnginePool<RowOf, TextItems>(top);
        Assert.Equal(4, pool.Predict(new RowOf(UserName(1))).Items.Length);
    }

    private sealed class RowOf(string user)
    {
        public string User { get; set; } = user;
    }

    [Fact]
    public void CreateEnginePool_WrongColumns_ThrowsAtOnce()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Recommenders().CreateEnginePool<UserRow, Scored>(Train()));
    }

    [Fact]
    public void Predict_Disposed_Throws()
    {
        var trained = Train();
        var pool = _ml.Recommenders().CreateEnginePool<TextRow, Scored>(trained);
        pool.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pool.Predict(new TextRow()));
        Assert.NotEmpty(trained.Transform(Text(_ml)).GetColumn<float>("Score"));
    }

    private RecommenderTransformer<WalsModel> Train() =>
        _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4 }).Fit(Text(_ml));

    private ITransformer SaveAndLoad(ITransformer transformer)
    {
        _ml.Model.Save(transformer, Text(_ml).Schema, _path);
        return _ml.Model.Load(_path, out _);
    }

    private static void Hammer(Func<Random, bool> isRight)
    {
        int wrong = 0;
        var threads = Enumerable.Range(0, Threads).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (int call = 0; call < Calls; call++)
            {
                if (!isRight(random))
                    Interlocked.Increment(ref wrong);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(0, wrong);
    }
}
