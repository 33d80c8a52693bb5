using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;
using static MLNetRecExt.Testing.Checkerboard;

namespace MLNetRecExt.Testing;

/// <summary>What every trainer and its model must do, as checks that any test framework runs.</summary>
/// <remarks>
/// Derive a test class per trainer, and per choice of options that makes a difference. Give options and trainer, and call <see cref="Run"/>
/// with each of <see cref="Checks"/>. A check that fails throws what Xunit's <see cref="Assert"/> throws, whatever framework runs it.
/// </remarks>
/// <example>With xunit:<code>
/// public class MyTrainerTests : RecommenderConformance&lt;MyModel, MyTrainer.Options&gt;
/// {
///     public static TheoryData&lt;string&gt; Names =&gt; [.. Checks];
///
///     [Theory, MemberData(nameof(Names))]
///     public void Conforms(string check) =&gt; Run(check);
///
///     protected override MyTrainer.Options Options() =&gt; new() { NumberOfNeighbors = 10 };
///
///     protected override MyTrainer Trainer(MLContext ml, MyTrainer.Options options) =&gt; new(ml, options);
/// }
/// </code></example>
/// <typeparam name="TModel">The model that is trained.</typeparam>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
public abstract class RecommenderConformance<TModel, TOptions>
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions
{
    private static readonly (string Name, MethodInfo Method, object[] Arguments)[] All =
    [
        .. from method in typeof(RecommenderConformance<TModel, TOptions>).GetMethods()
           from check in method.GetCustomAttributes<ConformanceCheckAttribute>()
           let cases = check.Arguments.Count > 0 ? $"({string.Join(", ", check.Arguments)})" : ""
           select (method.Name + cases, method, check.Arguments.ToArray()),
    ];

    private readonly MLContext _ml = new(1);

    /// <summary>The names of all checks; of one with cases <c>Fit_OneUserOrOneItem_GivesFiniteScores(1, 5)</c> and others.</summary>
    public static IEnumerable<string> Checks => All.Select(check => check.Name);

    /// <summary>Runs one check. It returns when the trainer conforms, and throws when it does not.</summary>
    /// <param name="check">One of <see cref="Checks"/>.</param>
    /// <exception cref="ArgumentException">There is no check of that name.</exception>
    /// <exception cref="Xunit.Sdk.XunitException">The trainer or its model breaks the promise; the message shows how.</exception>
    public void Run(string check)
    {
        var (_, method, arguments) = Array.Find(All, one => one.Name == check);
        if (method is null)
            throw new ArgumentException($"There is no check '{check}'; there are {string.Join(", ", Checks)}.", nameof(check));
        method.Invoke(this, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    /// <summary>Fresh options that learn the <see cref="Checkerboard"/> quickly. All data has timestamps, in views the column
    /// <c>Time</c>.</summary>
    protected abstract TOptions Options();

    /// <summary>The trainer with these options.</summary>
    /// <param name="ml">What the trainer is made with.</param>
    /// <param name="options">From <see cref="Options"/>, sometimes changed.</param>
    protected abstract RecommenderTrainer<TModel, TOptions> Trainer(MLContext ml, TOptions options);

    /// <summary>Whether different users get different scores on the checkerboard, where all labels are 1.</summary>
    /// <value>Default true.</value>
    protected virtual bool Personalises => true;

    /// <summary>Whether lists that do not leave out what was taken hold it.</summary>
    /// <value>Default true.</value>
    protected virtual bool RecommendsSeenItems => true;

    /// <summary>Whether an item that nobody takes is known all the same, by its features.</summary>
    /// <value>Default false.</value>
    protected virtual bool KnowsUntakenItems => false;

    /// <summary>Features of items that training does not see, for models that can take them in: as a trainer's own features need
    /// them.</summary>
    /// <value>Default <see cref="Checkerboard.NewItemFeatures"/>.</value>
    protected virtual SideFeatures NewItemFeatures => Checkerboard.NewItemFeatures;

    private int FirstKnownItem => KnowsUntakenItems ? 0 : 1;

    /// <summary>The item withheld from each user leads their list; without personalisation the first that they have not taken.</summary>
    [ConformanceCheck]
    public void Fit_Checkerboard_TheWithheldItemComesOutOnTop()
    {
        var model = Train(Board());

        // Every item of the board is taken equally often: without personalisation the first that is not seen leads.
        for (int user = 0; user < Size; user++)
            Assert.Equal(
                Personalises ? user : Enumerable.Range(0, Size).First(item => !Pairs().Contains((user, item))),
                model.TopItems(RecommenderQuery.ForUser(user), 1)[0].Item);
    }

    /// <summary>One score, all scores, a list and a batch of lists hold the same values, best first, equal ones by lower index.</summary>
    [ConformanceCheck]
    public void Score_KnownPairs_EqualsScoreItemsAndTopItemsToTheBit()
    {
        var data = RandomInteractions(seed: 1);
        var model = Train(data);
        var all = new TopItemsOptions { ExcludeSeen = false };
        var users = Enumerable.Range(0, model.Users.Count).ToArray();
        var batch = model.TopItems(users, model.Items.Count, all);

        var scores = new float[model.Items.Count];
        foreach (var user in users)
        {
            model.ScoreItems(RecommenderQuery.ForUser(user), scores);
            AssertSameBits(Enumerable.Range(0, scores.Length).Select(item => model.Score(user, item)), scores);

            var expected = Enumerable.Range(0, scores.Length).Where(item => !float.IsNaN(scores[item]) && (RecommendsSeenItems || !data.ByUser.Indices(user).Contains(item)))
                .OrderByDescending(item => scores[item]).ThenBy(item => item).ToArray();
            var list = model.TopItems(RecommenderQuery.ForUser(user), model.Items.Count, all);
            Assert.Equal(expected, list.Select(entry => entry.Item));
            AssertSameBits(expected.Select(item => scores[item]), list.Select(entry => entry.Score));
            Assert.Equal(expected, batch.Items(user).ToArray());
            AssertSameBits(list.Select(entry => entry.Score), batch.Scores(user).ToArray());
        }
    }

    /// <summary>Only pairs of a known user and a known item have a score.</summary>
    [ConformanceCheck]
    public void Score_TrainedModel_IsFiniteForKnownPairsAndNaNOtherwise()
    {
        var data = RandomInteractions(seed: 2);
        var model = Train(data);

        // User and item 0 take part in no interaction.
        for (int user = 0; user <= data.Users.Count; user++)
            for (int item = 0; item <= data.Items.Count; item++)
            {
                var known = user >= 0 && user < data.Users.Count && data.ByUser.Length(user) > 0
                    && item >= 0 && item < data.Items.Count && (KnowsUntakenItems || data.ByItem.Length(item) > 0);
                Assert.True(known ? float.IsFinite(model.Score(user, item)) : float.IsNaN(model.Score(user, item)), $"user {user}, item {item}: {model.Score(user, item)}");
            }
        Assert.False(model.IsKnownUser(0));
        Assert.Equal(KnowsUntakenItems, model.IsKnownItem(0));
    }

    /// <summary>Who is not known gets an empty list, or on request the most popular items.</summary>
    [ConformanceCheck]
    public void TopItems_UserWithoutInteractions_IsEmptyOrPopular()
    {
        var data = RandomInteractions(seed: 3);
        var model = Train(data);
        var mostTaken = Enumerable.Range(0, data.Items.Count).OrderByDescending(data.ByItem.Length);

        foreach (var query in new[] { RecommenderQuery.Nobody, RecommenderQuery.ForUser(0) })
        {
            Assert.Empty(model.TopItems(query, 5));
            var popular = model.TopItems(query, 5, new TopItemsOptions { Fallback = RecommendationFallback.Popularity });
            Assert.Equal(mostTaken.Take(5), popular.Select(entry => entry.Item));
        }
    }

    /// <summary>A list of full length holds every known item but those taken.</summary>
    [ConformanceCheck]
    public void TopItems_SeenAndUnknownItems_AreNeverRecommendedAndNoOtherIsLost()
    {
        var data = RandomInteractions(seed: 4);
        var model = Train(data);

        for (int user = 1; user < data.Users.Count; user++)
        {
            var seen = data.ByUser.Indices(user).ToArray();
            var list = model.TopItems(RecommenderQuery.ForUser(user), data.Items.Count).Select(entry => entry.Item);
            Assert.Equal(Enumerable.Range(FirstKnownItem, data.Items.Count - FirstKnownItem).Except(seen), list.Order());
        }
    }

    /// <summary>The smallest data trains.</summary>
    /// <param name="users">How many users.</param>
    /// <param name="items">How many items.</param>
    [ConformanceCheck(1, 1)]
    [ConformanceCheck(1, 5)]
    [ConformanceCheck(5, 1)]
    public void Fit_OneUserOrOneItem_GivesFiniteScores(int users, int items)
    {
        var pairs = from user in Enumerable.Range(0, users) from item in Enumerable.Range(0, items) select (user, item);
        var model = Train(InOrder(IdMap.FromKeys(users), IdMap.FromKeys(items), [.. pairs.Select(p => p.user)], [.. pairs.Select(p => p.item)]));

        foreach (var (user, item) in pairs)
            Assert.True(float.IsFinite(model.Score(user, item)));
        Assert.Empty(model.TopItems(RecommenderQuery.ForUser(0), 3));
        Assert.Equal(RecommendsSeenItems ? items : 0, model.TopItems(RecommenderQuery.ForUser(0), items, new TopItemsOptions { ExcludeSeen = false }).Length);
    }

    /// <summary>However large, small or mixed labels and weights are, every known pair has a finite score; or training is refused with a
    /// sentence about labels, weights or divergence. Ordinary ones are not refused.</summary>
    [ConformanceCheck]
    public void Fit_ExtremeLabelsAndWeights_GivesFiniteScoresOrRefuses()
    {
        float[] labels = [1e-30f, 1, 1e10f, 1e20f, -3e38f], weights = [1e-30f, 1, 1e10f, 1e20f, 3e38f];
        foreach (var label in labels)
            foreach (var weight in weights)
                foreach (var every in new[] { 1, 3 })
                    CheckScores(label, weight, every);

        // Every so many pairs are extreme, the labels in other places than the weights; the others are 1.
        void CheckScores(float label, float weight, int every)
        {
            var data = Pairs().Index().ToArray();
            var what = FormattableString.Invariant($"label {label} and weight {weight} of every {every} pairs");
            try
            {
                AssertFiniteScores(
                    Train(InOrder(IdMap.FromKeys(Size), IdMap.FromKeys(Size),
                        [.. data.Select(pair => pair.Item.User)], [.. data.Select(pair => pair.Item.Item)],
                        [.. data.Select(pair => pair.Index % every == 0 ? label : 1)],
                        [.. data.Select(pair => (pair.Index + 1) % every == 0 ? weight : 1)])),
                    what);
            }
            catch (Exception error)
                when (error.GetType() == typeof(ArgumentException) || error.GetType() == typeof(InvalidOperationException))
            {
                Assert.False((label, weight) == (1, 1), $"{what}: refused by '{error.Message}'");
                Assert.Matches("(?i)label|weight|diverged", error.Message);
            }
        }
    }

    /// <summary>However large or small labels and weights of a history are, every known item has a finite score, in lists too; or the
    /// query is refused with a sentence about labels or weights. Ordinary ones are not refused, and what is no finite number or a negative
    /// weight always is.</summary>
    [ConformanceCheck]
    public void TopItems_ExtremeHistory_GivesFiniteScoresOrRefuses()
    {
        (float Label, float Weight)[] noNumbers = [(float.NaN, 1), (float.NegativeInfinity, 1), (1, float.NaN), (1, float.PositiveInfinity), (1, -1)];
        foreach (var (label, weight) in noNumbers)
            Assert.Contains("must be finite", Assert.Throws<ArgumentException>(() => AskWith(label, weight, others: 1)).Message);
        var model = Train(RandomInteractions(seed: 11));
        if (!model.CanFoldIn)
            return;
        float[] labels = [0, 1e-30f, 1, -1, 1e10f, -1e20f, float.MaxValue], weights = [0, 1e-30f, 1, 1e10f, 1e20f, float.MaxValue];
        foreach (var label in labels)
            foreach (var weight in weights)
                foreach (var query in new[] { AskWith(label, weight, 1), AskWith(label, weight, label), OfUser(label, weight) })
                    AssertFiniteScoresOrRefused(model, query, mayBeRefused: (label, weight) is not ((0 or 1, 0 or 1)));

        // The extreme entry among two that have another label.
        static RecommenderQuery AskWith(float label, float weight, float others) =>
            RecommenderQuery.ForHistory(new ItemFeedback[] { new(2, others), new(5, label, weight), new(9, others) });

        static RecommenderQuery OfUser(float label, float weight) => RecommenderQuery.ForUser(3, new ItemFeedback[] { new(5, label, weight) });
    }

    /// <summary>Training twice gives the same model.</summary>
    [ConformanceCheck]
    public void Fit_SameSeed_GivesTheSameBits()
    {
        var data = RandomInteractions(seed: 5);

        AssertSameScores(Train(data), Train(data));
    }

    /// <summary>The model does not depend on the number of threads.</summary>
    /// <param name="threads">How many threads.</param>
    [ConformanceCheck(2)]
    [ConformanceCheck(5)]
    public void Fit_AnyNumberOfThreads_GivesTheBitsOfOne(int threads)
    {
        var data = RandomInteractions(seed: 6);

        AssertSameScores(Train(data, options => options.NumberOfThreads = 1), Train(data, options => options.NumberOfThreads = threads));
    }

    /// <summary>Of rows of the same pair the last counts.</summary>
    [ConformanceCheck]
    public void Fit_RepeatedRows_EqualsTheMergedData()
    {
        // The first of each pair is overruled by the last.
        int[] users = [1, 2, 1, 2, 3, 1], items = [1, 2, 1, 3, 1, 4];
        float[] labels = [9, 2, 1, 3, 1, 2];
        var repeated = InOrder(IdMap.FromKeys(4), IdMap.FromKeys(5), users, items, labels);
        var merged = InOrder(IdMap.FromKeys(4), IdMap.FromKeys(5), users[1..], items[1..], labels[1..]);

        AssertSameScores(Train(merged), Train(repeated));
    }

    /// <summary>A training that starts from a model finds what that has learned by id, in whatever order ids come: after one iteration its
    /// scores are nearer to the model's than those of a training from the start. A trainer that cannot start from one says so.</summary>
    [ConformanceCheck]
    public void Fit_InitialModelWhoseIdsMoved_FindsThemById()
    {
        var initial = Train(NamedBoard());
        var trainer = Trainer(_ml, Once());
        if (!trainer.CanWarmStart)
        {
            Assert.Contains("Wals", Assert.Throws<NotSupportedException>(() => trainer.Fit(NamedBoard(), initial: initial)).Message);
            return;
        }

        var warm = trainer.Fit(NamedBoard(isReversed: true), initial: initial);

        for (int user = 0; user < Size; user++)
            Assert.Equal(UserName(Size - 1 - user), warm.Users.GetText(user));
        if (Personalises)
            Assert.InRange(Distance(warm, initial), 0, 0.5 * Distance(trainer.Fit(NamedBoard(isReversed: true)), initial));

        TOptions Once()
        {
            var options = Options();
            if (options is IterativeTrainerOptions iterative)
                iterative.NumberOfIterations = 1;
            return options;
        }

        static double Distance(RecommenderModel one, RecommenderModel other)
        {
            var sum = 0.0;
            for (int user = 0; user < Size; user++)
                for (int item = 0; item < Size; item++)
                    sum += Math.Pow(one.Score(Size - 1 - user, Size - 1 - item) - other.Score(user, item), 2);
            return sum;
        }
    }

    /// <summary>A training that starts from a model gives the same bits again, on any number of threads.</summary>
    [ConformanceCheck]
    public void Fit_InitialModel_GivesTheSameBitsOnAnyNumberOfThreads()
    {
        if (!Trainer(_ml, Options()).CanWarmStart)
            return;
        var (before, now) = (RandomInteractions(seed: 12), RandomInteractions(seed: 13));
        var initial = Train(before);

        AssertSameScores(From(1), From(3));

        TModel From(int threads)
        {
            var options = Options();
            options.NumberOfThreads = threads;
            return Trainer(_ml, options).Fit(now, initial: initial);
        }
    }

    /// <summary>A model of another kind, of other ids or of another rank is refused with what was found and what is needed.</summary>
    [ConformanceCheck]
    public void Fit_InitialModelThatDoesNotFit_SaysWhatIsNeeded()
    {
        var trainer = Trainer(_ml, Options());
        if (!trainer.CanWarmStart)
            return;

        var popularity = _ml.Recommenders().Trainers.Popularity().Fit(Board());
        var kind = Assert.Throws<ArgumentException>(() => trainer.Fit(Board(), initial: popularity)).Message;
        Assert.Contains(typeof(TModel).Name, kind);
        Assert.Contains("PopularityModel", kind);
        var ids = Assert.Throws<ArgumentException>(() => trainer.Fit(NamedBoard(), initial: Train(Board()))).Message;
        Assert.Contains("keys without values", ids);
        Assert.Contains("text ids", ids);
        if (typeof(TOptions).GetField("ApproximationRank") is { } rank)
        {
            var other = Train(Board(), options => rank.SetValue(options, 3));
            Assert.Contains("rank 3", Assert.Throws<ArgumentException>(() => trainer.Fit(Board(), initial: other)).Message);
        }
    }

    /// <summary>A model that takes in new interactions knows them as those of training, on any number of threads, in files too, and is
    /// itself as it was. A model that cannot says so.</summary>
    [ConformanceCheck]
    public void Append_NewUsersItemsAndInteractions_AreKnownFromThenOn()
    {
        var data = RandomInteractions(seed: 14);
        var (model, untouched) = (Train(data), Train(data));
        // User and item 0 had no interaction; user 40 and item 30 were not there.
        var news = InOrder(IdMap.FromKeys(41), IdMap.FromKeys(31), [40, 40, 0, 3, 3], [30, 1, 2, 30, 4], [5, 4, 3, 2, 1]);
        if (!model.CanAppend)
        {
            Assert.Contains("initial", Assert.Throws<NotSupportedException>(() => model.Append(news)).Message);
            return;
        }

        var appended = model.Append(news, numberOfThreads: 1);

        Assert.IsType(model.GetType(), appended);
        Assert.Equal((41, 31), (appended.Users.Count, appended.Items.Count));
        Assert.True(appended.IsKnownUser(40) && appended.IsKnownUser(0) && appended.IsKnownItem(30));
        Assert.Contains(30, appended.History.Indices(40).ToArray());
        Assert.DoesNotContain(appended.TopItems(RecommenderQuery.ForUser(3), 31), entry => entry.Item is 30 or 4);
        Assert.True(float.IsFinite(appended.Score(5, 30)) && float.IsFinite(appended.Score(40, 5)));
        Assert.Equal(data.Count + news.Count - (data.ByUser.Indices(3).Contains(4) ? 1 : 0), appended.Info!.Interactions);
        Assert.Equal(news.Count, appended.Info.Appended);
        AssertSameScores(untouched, model);
        AssertSameScores(appended, model.Append(news, numberOfThreads: 3));
        using var stream = new MemoryStream();
        appended.Save(stream);
        stream.Position = 0;
        AssertSameScores(appended, RecommenderModel.Load(stream));
        Assert.Contains("text ids", Assert.Throws<ArgumentException>(() => model.Append(NamedBoard())).Message);
    }

    /// <summary>Keys, text and integers come back as they went in, and the transformer appends the model's scores.</summary>
    /// <param name="kind">The kind of ids.</param>
    [ConformanceCheck("keys"), ConformanceCheck("text keys"), ConformanceCheck("String"), ConformanceCheck("Int32")]
    [ConformanceCheck("Int64"), ConformanceCheck("UInt32"), ConformanceCheck("UInt64")]
    public void Fit_IdsOfAnyKind_GivesTheOriginalIdsBack(string kind)
    {
        var view = IdView(kind);

        var transformer = Trainer(_ml, Options()).Fit(view);

        var model = transformer.Model;
        Assert.Equal(kind.EndsWith("keys"), model.Users.IsKey);
        for (int user = 0; user < Size; user++)
        {
            var top = model.TopItems(RecommenderQuery.ForUser(model.Users.IndexOf(Id(UserName, user))), 1)[0];
            var item = Enumerable.Range(0, Size).Single(item => model.Items.GetText(top.Item) == Id(ItemName, item));
            if (Personalises)
                Assert.Equal(user, item);
            else
                Assert.DoesNotContain((user, item), Pairs());
        }
        var scores = transformer.Transform(view).GetColumn<float>("Score").ToArray();
        AssertSameBits(Pairs().Select(pair => model.Score(
            model.Users.IndexOf(Id(UserName, pair.User)), model.Items.IndexOf(Id(ItemName, pair.Item)))), scores);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));

        string Id(Func<int, string> name, int id) => kind is "text keys" or "String" ? name(id) : Number(kind, id);
    }

    /// <summary>The native file holds the model to the bit, whatever the ids are.</summary>
    /// <param name="kind">The kind of ids.</param>
    [ConformanceCheck("keys"), ConformanceCheck("text keys"), ConformanceCheck("String"), ConformanceCheck("Int32")]
    [ConformanceCheck("Int64"), ConformanceCheck("UInt32"), ConformanceCheck("UInt64")]
    public void SaveAndLoad_IdsOfAnyKind_GivesTheSameModel(string kind)
    {
        var model = Trainer(_ml, Options()).Fit(IdView(kind)).Model;
        using var stream = new MemoryStream();

        model.Save(stream);
        stream.Position = 0;
        var loaded = RecommenderModel.Load(stream, new LoadOptions { AllowPipelines = true });

        Assert.Equal(model.GetType(), loaded.GetType());
        Assert.Equal(stream.Length, stream.Position);
        Assert.True(loaded.Users.Extends(model.Users) && model.Users.Extends(loaded.Users));
        Assert.True(loaded.Items.Extends(model.Items) && model.Items.Extends(loaded.Items));
        AssertSameScores(model, loaded);
        for (int user = 0; user < Size; user++)
            Assert.Equal(model.TopItems(RecommenderQuery.ForUser(user), 3), loaded.TopItems(RecommenderQuery.ForUser(user), 3));
        if (model.CanFoldIn)
            Assert.Equal(model.TopItems(RecommenderQuery.ForHistory(1, 3), 3), loaded.TopItems(RecommenderQuery.ForHistory(1, 3), 3));
    }

    /// <summary>A pipeline saved by ML.NET holds the model to the bit, and gives the same scores.</summary>
    [ConformanceCheck]
    public void ModelSaveAndLoad_TrainedTransformer_GivesTheSameModelAndScores()
    {
        var view = Text(_ml);
        var trained = Trainer(_ml, Options()).Fit(view);
        using var stream = new MemoryStream();

        _ml.Model.Save(trained, view.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext(2).Model.Load(stream, out _);

        Assert.IsType(trained.Model.GetType(), loaded.AsRecommender());
        AssertSameScores(trained.Model, loaded.AsRecommender());
        AssertSameBits(trained.Transform(view).GetColumn<float>("Score"), loaded.Transform(view).GetColumn<float>("Score"));
    }

    /// <summary>Items that come after training are known by their features in all that the model does, and nothing else changes; a model
    /// that cannot take them in says so.</summary>
    [ConformanceCheck]
    public void WithItems_NewItems_AreKnownAndAllElseIsAsItWas()
    {
        var model = Trainer(_ml, Options()).Fit(Text(_ml)).Model;
        if (!model.CanAddItems)
        {
            Assert.Contains("cannot add items", Assert.Throws<NotSupportedException>(() => model.WithItems(NewItemFeatures)).Message);
            return;
        }
        var (before, count) = (Scores(model), model.Items.Count);

        var added = Assert.IsType<TModel>(model.WithItems(NewItemFeatures));

        Assert.Equal(count, model.Items.Count);
        Assert.True(added.Items.Extends(model.Items));
        Assert.Equal(before, Scores(model));
        foreach (var (old, now) in before.Zip(Scores(added)))
            AssertSameBits(old, now[..count]);
        int[] news = [.. Enumerable.Range(count, added.Items.Count - count)];
        Assert.Equal(["new item 0", "new item 1"], news.Select(added.Items.GetText));
        Assert.All(news, item => Assert.True(added.IsKnownItem(item) && added.ItemPopularity[item] == 0));
        var only = new TopItemsOptions { Filter = ItemFilter.Only(news) };
        for (int user = 0; user < Size; user++)
        {
            var list = added.TopItems(RecommenderQuery.ForUser(added.Users.IndexOf(UserName(user))), 2, only);
            if (Personalises)
                Assert.Equal([count + user % 2, count + 1 - user % 2], list.Select(entry => entry.Item));
            Assert.All(list, entry => Assert.True(float.IsFinite(entry.Score)));
        }
        AssertServes(added, news);
        Assert.Same(added.Items, added.WithItems(NewItemFeatures).Items);
    }

    /// <summary>A model without some users knows the others as before, and of those who went neither id nor entries, in memory or in a
    /// file; one that cannot be without them says why.</summary>
    [ConformanceCheck]
    public void Without_SomeUsers_OthersAreAsTheyWereAndTheFileHasNothingOfThem()
    {
        var (data, times) = Secretive();
        var model = Train(data);
        if (IsRefused(() => model.Without([3, 5])))
            return;
        string[] gone = [data.Users.GetText(3), data.Users.GetText(5)];

        var left = model.For<string, string>().Without(gone).Model;

        Assert.Equal(model.GetType(), left.GetType());
        Assert.Equal(data.Users.Count - 2, left.Users.Count);
        Assert.All(gone, id => Assert.Equal(-1, left.Users.IndexOf(id)));
        Assert.Equal(model.ItemPopularity.ToArray(), left.ItemPopularity.ToArray());
        var options = new TopItemsOptions { Fallback = RecommendationFallback.Popularity };
        for (int user = 0; user < left.Users.Count; user++)
        {
            var before = model.Users.IndexOf(left.Users.GetText(user));
            Assert.Equal(model.History.Indices(before).ToArray(), left.History.Indices(user).ToArray());
            // Where neighbors are what users are known by, those who went are missed.
            if (!model.CanCompareUsers || model.CanCompareItems)
                Assert.Equal(
                    model.TopItems(RecommenderQuery.ForUser(before), 5, options),
                    left.TopItems(RecommenderQuery.ForUser(user), 5, options));
        }
        Assert.Equal(model.TopItems(RecommenderQuery.Nobody, 5, options), left.TopItems(RecommenderQuery.Nobody, 5, options));
        var file = Bytes(left);
        AssertSameScores(left, Load(file));
        AssertLacks(file, gone, [.. times(3), .. times(5)]);
        Assert.Equal(data.Users.GetText(4), Load(file).Users.GetText(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Without([-1]));
    }

    /// <summary>A file without users has none of their ids and entries in it, and its model answers histories as the whole one does; where
    /// that cannot be, saving is refused with the reason.</summary>
    [ConformanceCheck]
    public void Save_WithoutUsers_AnswersHistoriesAndHasNothingOfUsers()
    {
        var (data, times) = Secretive();
        var model = Train(data);
        var without = new SaveOptions { Users = false };
        if (!model.CanFoldIn || IsRefused(() => model.Save(Stream.Null, without)))
        {
            Assert.Throws<NotSupportedException>(() => model.Save(Stream.Null, without));
            return;
        }

        var file = Bytes(model, without);
        var loaded = Load(file);

        Assert.Equal((0, 0), (loaded.Users.Count, loaded.History.EntryCount));
        AssertLacks(file, [.. Enumerable.Range(0, data.Users.Count).Select(data.Users.GetText)],
            [.. Enumerable.Range(0, data.Users.Count).SelectMany(times)]);
        Assert.Equal(model.ItemPopularity.ToArray(), loaded.ItemPopularity.ToArray());
        var options = new TopItemsOptions { Fallback = RecommendationFallback.Popularity };
        foreach (var history in new int[][] { [1, 3], [2, 9, 17], [5] })
        {
            var query = RecommenderQuery.ForHistory(history.Select(item => new ItemFeedback(item, 1 + item % 5)).ToArray());
            Assert.Equal(model.TopItems(query, 5), loaded.TopItems(query, 5));
        }
        Assert.Equal(model.TopItems(RecommenderQuery.Nobody, 5, options), loaded.TopItems(RecommenderQuery.Nobody, 5, options));
    }

    /// <summary>The options that declare a range are searched over it, and what is found trains.</summary>
    [ConformanceCheck]
    public void Tune_TwoTrials_BothTrainAndTheBetterIsTaken()
    {
        var tuning = new TunerOptions { Trials = 2 };

        var found = _ml.Recommenders().Tune(options => Trainer(_ml, options), Options(), Board(), Diagonal(), tuning);

        Assert.Equal(2, found.Trials.Count);
        Assert.All(found.Trials, trial => Assert.Null(trial.Error));
        Assert.Equal(found.Trials.Max(trial => trial.CautiousMetric), found.Best.CautiousMetric);
        var ranges = typeof(TOptions).GetFields().Where(field => field.GetCustomAttribute<TuneRangeAttribute>() is not null);
        Assert.Subset(ranges.Select(field => field.Name).ToHashSet(), found.Best.Values.Keys.ToHashSet());
        Assert.True(float.IsFinite(Trainer(_ml, found.Options).Fit(Board()).Score(1, 1)));
    }

    /// <summary>Evaluation judges every user; on the withheld items of the checkerboard a model that personalises is perfect.</summary>
    [ConformanceCheck]
    public void Evaluate_WithheldItems_GivesAReportOfEveryUser()
    {
        var report = _ml.Recommenders().Evaluate(Train(Board()), Diagonal());

        Assert.Equal((Size, Size, 0), (report.EvaluatedUsers, report.HeldOutPairs, report.ColdPairs));
        if (Personalises)
            Assert.Equal(1, report.Ndcg(20).Mean);
        else
            Assert.InRange(report.Ndcg(20).Mean, 0, 1);
    }

    /// <summary>A history that comes with a query is answered without what it holds; or refused, where the model cannot fold in.</summary>
    [ConformanceCheck]
    public void TopItems_History_ExcludesItAndEqualsScoreItemsToTheBit()
    {
        var model = Train(RandomInteractions(seed: 7));
        var query = RecommenderQuery.ForHistory(2, 5, 9);
        var scores = new float[model.Items.Count];
        if (!model.CanFoldIn)
        {
            Assert.Throws<NotSupportedException>(() => model.TopItems(query, 3));
            Assert.Throws<NotSupportedException>(() => model.ScoreItems(query, scores));
            return;
        }

        var list = model.TopItems(query, model.Items.Count);

        model.ScoreItems(query, scores);
        Assert.Equal(Enumerable.Range(FirstKnownItem, model.Items.Count - FirstKnownItem).Except([2, 5, 9]), list.Select(entry => entry.Item).Order());
        AssertSameBits(list.Select(entry => scores[entry.Item]), list.Select(entry => entry.Score));
        Assert.Equal(KnowsUntakenItems, model.TopItems(RecommenderQuery.ForHistory(0), 3).Length > 0);
    }

    /// <summary>A history of even items gets even items.</summary>
    [ConformanceCheck]
    public void TopItems_HistoryOfOneColour_FindsTheSameColour()
    {
        var model = Train(Board());

        foreach (var history in new int[][] { [1, 3, 5], [0, 2, 8] })
        {
            if (!model.CanFoldIn)
            {
                Assert.Throws<NotSupportedException>(() => model.TopItems(RecommenderQuery.ForHistory(history), 3));
                continue;
            }
            var list = model.TopItems(RecommenderQuery.ForHistory(history), 3).Select(entry => entry.Item).ToArray();
            if (Personalises)
                Assert.All(list, item => Assert.Equal(history[0] % 2, item % 2));
            else
                Assert.Equal(Enumerable.Range(0, Size).Except(history).Take(3), list);
        }
    }

    /// <summary>Similar items come best first, without the item itself, under filters too; a model that cannot compare items says
    /// so.</summary>
    [ConformanceCheck]
    public void SimilarItems_EveryItem_AreTheMostSimilarOthersOrRefused()
    {
        var model = Train(RandomInteractions(seed: 8));
        if (!model.CanCompareItems)
        {
            Assert.Contains("cannot compare items", Assert.Throws<NotSupportedException>(() => model.SimilarItems(1, 3)).Message);
            return;
        }
        var items = Enumerable.Range(0, model.Items.Count).ToArray();
        var batch = model.SimilarItems(items, model.Items.Count);
        var filter = ItemFilter.Except([2, 3, 5, 7, 11]);

        var found = 0;
        foreach (var item in items)
        {
            var list = model.SimilarItems(item, model.Items.Count);
            AssertBestFirst(list.Select(entry => (entry.Item, entry.Score)), other => other != item && model.IsKnownItem(other));
            Assert.Equal(list, model.SimilarItems(item, 3).Concat(list.Skip(3)));
            Assert.Equal(list.Select(entry => entry.Item), batch.Items(item).ToArray());
            Assert.Equal(model.IsKnownItem(item) ? RecommendationReason.Model : RecommendationReason.Unknown, batch.Reason(item));
            Assert.Equal(
                list.Where(entry => entry.Item is not (2 or 3 or 5 or 7 or 11)),
                model.SimilarItems(item, model.Items.Count, new TopItemsOptions { Filter = filter }));
            found += list.Length;
        }
        Assert.InRange(found, model.Items.Count, model.Items.Count * model.Items.Count);
        Assert.Empty(model.SimilarItems(model.Items.Count, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SimilarItems(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SimilarItems(1, 0));
    }

    /// <summary>Similar users come best first, without the user; a model that cannot compare users says so.</summary>
    [ConformanceCheck]
    public void SimilarUsers_EveryUser_AreTheMostSimilarOthersOrRefused()
    {
        var model = Train(RandomInteractions(seed: 9));
        if (!model.CanCompareUsers)
        {
            Assert.Contains("cannot compare users", Assert.Throws<NotSupportedException>(() => model.SimilarUsers(1, 3)).Message);
            return;
        }
        var found = 0;
        for (int user = 0; user < model.Users.Count; user++)
        {
            var list = model.SimilarUsers(user, model.Users.Count);
            AssertBestFirst(list.Select(entry => (entry.User, entry.Score)), other => other != user && model.IsKnownUser(other));
            Assert.Equal(list, model.SimilarUsers(user, 3).Concat(list.Skip(3)));
            found += list.Length;
        }
        Assert.InRange(found, model.Users.Count, model.Users.Count * model.Users.Count);
        Assert.Empty(model.SimilarUsers(model.Users.Count, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SimilarUsers(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SimilarUsers(1, 0));
    }

    /// <summary>An explanation names what the user took, similar users or features, largest part first; a model that cannot explain says
    /// so.</summary>
    [ConformanceCheck]
    public void Explain_EveryPair_NamesWhatIsKnownOrIsRefused()
    {
        var model = Train(RandomInteractions(seed: 10));
        if (!model.CanExplain)
        {
            Assert.Contains("cannot explain scores", Assert.Throws<NotSupportedException>(() => model.Explain(1, 1)).Message);
            return;
        }
        var found = 0;
        for (int user = 1; user < model.Users.Count; user++)
        {
            var taken = model.History.Indices(user).ToArray();
            for (int item = FirstKnownItem; item < model.Items.Count; item++)
            {
                var parts = model.Explain(user, item);
                Assert.Equal(parts.OrderByDescending(part => part.Value).ThenBy(part => part.Index), parts);
                Assert.All(parts, part => Assert.True(part.Of switch
                {
                    ContributionOf.Item => taken.Contains(part.Index) && part.Feature is null,
                    ContributionOf.User => part.Index != user && model.History.Indices(part.Index).Contains(item),
                    _ => part is { Index: -1, Feature.Length: > 0, Category.Length: > 0 },
                }));
                Assert.All(parts, part => Assert.True(float.IsFinite(part.Value)));
                found += parts.Length;
            }
        }
        Assert.NotEqual(0, found);
        Assert.Empty(model.Explain(RecommenderQuery.Nobody, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(1, -1));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(1, model.Items.Count));
        Assert.Contains($"Item index {model.Items.Count} is not known", error.Message);
    }

    /// <summary>−1, the index of an id that was not found, is refused everywhere.</summary>
    [ConformanceCheck]
    public void Score_IdThatWasNotFound_IsRefused()
    {
        var model = Train(Board());

        foreach (var ask in new Action[]
        {
            () => model.Score(-1, 1), () => model.Score(1, -1), () => model.TopItems([-1], 3),
            () => RecommenderQuery.ForUser(-1), () => RecommenderQuery.ForHistory(1, -1), () => ItemFilter.Only([-1]),
        })
            Assert.Contains("For<TUser, TItem>()", Assert.Throws<ArgumentOutOfRangeException>(ask).Message);
        Assert.Empty(model.TopItems(RecommenderQuery.Nobody, 3));
    }

    /// <summary>Rows with a bad label, weight or id change nothing; or are refused on request, with row and value.</summary>
    [ConformanceCheck]
    public void Fit_BadRows_AreLeftOut()
    {
        var rows = Pairs().Select((pair, time) => new WeightedRow { User = UserName(pair.User), Item = ItemName(pair.Item), Time = time }).ToList();
        var clean = _ml.Data.LoadFromEnumerable(rows.ToArray());
        rows.InsertRange(5,
        [
            new() { User = "bad user", Item = ItemName(1), Label = float.NaN },
            new() { User = UserName(1), Item = "bad item", Label = float.PositiveInfinity },
            new() { User = UserName(1), Item = ItemName(2), Weight = -1 },
            new() { User = UserName(1), Item = ItemName(2), Weight = float.NaN },
            new() { User = "", Item = ItemName(2) },
            new() { User = "bad user", Item = "" },
        ]);
        var dirty = _ml.Data.LoadFromEnumerable(rows);

        var expected = Trainer(_ml, WithColumns()).Fit(clean).Model;
        var actual = Trainer(_ml, WithColumns()).Fit(dirty).Model;

        Assert.Equal(-1, actual.Users.IndexOf("bad user"));
        AssertSameScores(expected, actual);
        var strict = WithColumns();
        strict.BadRows = BadRowHandling.Throw;
        var error = Assert.Throws<InvalidDataException>(() => Trainer(_ml, strict).Fit(dirty));
        Assert.Contains("Row 6", error.Message);
        Assert.Contains("'Label' is 'NaN'", error.Message);

        TOptions WithColumns()
        {
            var options = Options();
            (options.LabelColumnName, options.WeightColumnName) = ("Label", "Weight");
            return options;
        }
    }

    /// <summary>Training on nothing is refused, with counts of what was left out.</summary>
    [ConformanceCheck]
    public void Fit_NoUsableRow_SaysWhatBecameOfTheRows()
    {
        var view = _ml.Data.LoadFromEnumerable(new IdRow<string>[] { new() { User = "", Item = "x" }, new() { User = "a", Item = "" } });

        var error = Assert.Throws<ArgumentException>(() => Trainer(_ml, Options()).Fit(view));

        Assert.Contains("No usable row", error.Message);
        Assert.Contains("2 without a user or item id", error.Message);
        Assert.Throws<ArgumentException>(() => Trainer(_ml, Options()).Fit(Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(1), [], [])));
    }

    /// <summary>What a trainer estimates to need beyond its limit is refused before it is taken, with the option to change.</summary>
    [ConformanceCheck]
    public void Fit_MoreThanTheMemoryLimit_IsRefusedBeforeItIsTaken()
    {
        var options = Options();
        options.MemoryLimitMegabytes = 1;
        var trainer = Trainer(_ml, options);
        // Two pairs, and more and more users and items, until a megabyte is not enough.
        for (int size = 50_000; size <= 1_000_000; size *= 4)
        {
            var data = Interactions.Create(IdMap.FromKeys(size), IdMap.FromKeys(size), [0, 1], [0, 1]);
            var need = trainer.EstimateMemory(data);
            if (need <= 1_000_000)
                continue;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<InsufficientMemoryException>(() => trainer.Fit(data));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, need / 2);
            Assert.Contains("may take 1 MB", error.Message);
            Assert.Contains(nameof(options.MemoryLimitMegabytes), error.Message);
            Assert.Throws<InsufficientMemoryException>(() => trainer.Fit(data, data));
            return;
        }
        // A trainer that estimates nothing, or hardly anything, is not refused.
        Assert.NotNull(trainer.Fit(Board()));
    }

    /// <summary>A cancelled token ends training before it begins.</summary>
    [ConformanceCheck]
    public void Fit_CancelledBefore_Throws()
    {
        var options = Options();
        options.CancellationToken = new CancellationToken(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => Trainer(_ml, options).Fit(Text(_ml)));
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer(_ml, options).Fit(Board()));
    }

    /// <summary>A trainer with iterations reports each, and looks at the token before the next.</summary>
    [ConformanceCheck]
    public void Fit_CancelledAtTheFirstReport_ThrowsWithoutFinishing()
    {
        using var source = new CancellationTokenSource();
        var options = Options();
        var progress = new CancelAtFirstReport(source);
        (options.Progress, options.CancellationToken) = (progress, source.Token);

        // A trainer that has no iterations reports none, and then there was nothing to cancel.
        var isCancelled = false;
        try
        {
            Trainer(_ml, options).Fit(Board());
        }
        catch (OperationCanceledException)
        {
            isCancelled = true;
        }

        Assert.Equal(progress.Reports > 0, isCancelled);
        Assert.Equal(options is IterativeTrainerOptions ? 1 : 0, progress.Reports);
    }

    /// <summary>The trainer tells a pipeline the columns that its transformer then has.</summary>
    [ConformanceCheck]
    public void GetOutputSchema_Shape_IsThatOfTheRealSchema()
    {
        var text = Text(_ml);
        var trainer = Trainer(_ml, Options());

        var shape = trainer.GetOutputSchema(ShapeOf(text));

        Assert.Equal(Describe(ShapeOf(trainer.Fit(text).Transform(text))), Describe(shape));
        Assert.Contains(shape, column => column.Name == "Score");

        static IEnumerable<string> Describe(SchemaShape shape) => shape.Select(column =>
            $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} {string.Join(",", Describe(column.Annotations))}");
    }

    /// <summary>A missing column and one of a wrong type are refused as ML.NET's own estimators and transformers refuse them.</summary>
    [ConformanceCheck]
    public void Fit_WrongColumns_ThrowsArgumentOutOfRangeException()
    {
        var good = Text(_ml);
        var trainer = Trainer(_ml, Options());
        var transformer = trainer.Fit(good);

        var missing = _ml.Transforms.DropColumns("Item").Fit(good).Transform(good);
        var wrong = _ml.Transforms.CopyColumns("Item", "Label").Fit(good).Transform(good);
        foreach (var bad in new[] { missing, wrong })
            foreach (var use in new Action[]
            {
                () => trainer.Fit(bad), () => trainer.GetOutputSchema(ShapeOf(bad)), () => transformer.Transform(bad),
                () => transformer.GetOutputSchema(bad.Schema),
            })
                Assert.Contains("'Item'", Assert.Throws<ArgumentOutOfRangeException>(use).Message);
    }

    /// <summary>Every option with a range is refused outside of it, and accepted at both ends.</summary>
    [ConformanceCheck]
    public void Constructor_OptionOutOfRange_NamesOptionValueAndRange()
    {
        var tried = 0;
        foreach (var field in Options().GetType().GetFields())
        {
            if (field.GetCustomAttribute<OptionRangeAttribute>() is not { } range)
                continue;
            var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            var whole = type == typeof(int);
            var below = range.MinExclusive ? range.Min : whole ? range.Min - 1 : Below(type, range.Min);
            double[] outside = whole ? [below, range.Max + 1] : [below, Above(type, range.Max), double.NaN, double.PositiveInfinity];
            // What the type itself cannot hold, nobody can set.
            foreach (var bad in outside.Where(value => !whole || value is >= int.MinValue and <= int.MaxValue))
            {
                var options = Options();
                field.SetValue(options, Convert.ChangeType(bad, type));

                var error = Assert.Throws<ArgumentOutOfRangeException>(() => Trainer(_ml, options));

                Assert.Equal(field.Name, error.ParamName);
                Assert.Contains(field.Name, error.Message);
                Assert.Contains(range.ToString(), error.Message);
                Assert.Equal(field.GetValue(options), error.ActualValue);
                tried++;
            }
            foreach (var good in whole ? new[] { range.MinExclusive ? range.Min + 1 : range.Min, range.Max } : [range.MinExclusive ? Above(type, range.Min) : range.Min, range.Max])
            {
                var options = Options();
                field.SetValue(options, Convert.ChangeType(good, type));
                try
                {
                    Assert.NotNull(Trainer(_ml, options));
                }
                catch (ArgumentException error) when (error is not ArgumentOutOfRangeException)
                {
                    // It excludes another option, which is no matter of its range.
                }
            }
        }
        Assert.True(tried >= 2);

        static double Below(Type type, double value) => type == typeof(float) ? MathF.BitDecrement((float)value) : Math.BitDecrement(value);
        static double Above(Type type, double value) => type == typeof(float) ? MathF.BitIncrement((float)value) : Math.BitIncrement(value);
    }

    /// <summary>Every option of named choices refuses others.</summary>
    [ConformanceCheck]
    public void Constructor_UndefinedEnumValue_NamesOptionAndChoices()
    {
        var tried = 0;
        foreach (var field in Options().GetType().GetFields().Where(field => field.FieldType.IsEnum))
        {
            var options = Options();
            field.SetValue(options, Enum.ToObject(field.FieldType, 99));

            var error = Assert.Throws<ArgumentOutOfRangeException>(() => Trainer(_ml, options));

            Assert.Equal(field.Name, error.ParamName);
            Assert.Contains(Enum.GetNames(field.FieldType)[0], error.Message);
            tried++;
        }
        Assert.True(tried >= 2);
    }

    /// <summary>Users and items need a column each.</summary>
    [ConformanceCheck]
    public void Constructor_ColumnNames_MustBeGivenAndDiffer()
    {
        foreach (var bad in new[] { "", " ", null })
        {
            var options = Options();
            options.UserColumnName = bad!;
            Assert.Equal("UserColumnName", Assert.Throws<ArgumentException>(() => Trainer(_ml, options)).ParamName);
            options = Options();
            options.ItemColumnName = bad!;
            Assert.Equal("ItemColumnName", Assert.Throws<ArgumentException>(() => Trainer(_ml, options)).ParamName);
        }
        var same = Options();
        same.UserColumnName = same.ItemColumnName = "Id";
        Assert.Contains("a column each", Assert.Throws<ArgumentException>(() => Trainer(_ml, same)).Message);
    }

    /// <summary>The trainer keeps a copy of its options.</summary>
    [ConformanceCheck]
    public void Constructor_OptionsChangedAfterwards_DoNotCount()
    {
        var options = Options();
        var trainer = Trainer(_ml, options);
        options.UserColumnName = "Elsewhere";
        options.NumberOfThreads = -1;

        Assert.NotNull(trainer.Fit(Text(_ml)));
    }

    /// <summary>Items that came after training, in files, explanations, similar items, histories and transformers.</summary>
    private void AssertServes(TModel added, int[] news)
    {
        var loaded = Load(Bytes(added));
        Assert.True(loaded.CanAddItems);
        AssertSameScores(added, loaded);
        Assert.NotEmpty(added.ItemFeatureNames);
        Assert.Equal(added.ItemFeatureNames, loaded.ItemFeatureNames);
        Assert.Equal(added.ItemFeatures(news[0]), loaded.ItemFeatures(news[0]));
        var user = RecommenderQuery.ForUser(0);
        if (added.CanExplain)
            Assert.Equal(added.Explain(user, news[0]), loaded.Explain(user, news[0]));
        if (added.CanCompareItems)
            Assert.NotEmpty(added.SimilarItems(news[0], 3));
        if (added.CanFoldIn)
            Assert.DoesNotContain(news[0], added.TopItems(RecommenderQuery.ForHistory(0, news[0]), 5).Select(entry => entry.Item));
        var popular = new TopItemsOptions { Fallback = RecommendationFallback.Popularity };
        Assert.Subset(
            added.TopItems(RecommenderQuery.Nobody, added.Items.Count, popular).Select(entry => entry.Item).ToHashSet(), news.ToHashSet());

        var rows = _ml.Data.LoadFromEnumerable(new IdRow<string>[] { new() { User = UserName(0), Item = "new item 0" } });
        var transformer = _ml.Recommenders().Transforms.Score(added).Fit(rows);
        using var stream = new MemoryStream();
        _ml.Model.Save(transformer, rows.Schema, stream);
        stream.Position = 0;
        float[] expected = [added.Score(added.Users.IndexOf(UserName(0)), news[0])];
        AssertSameBits(expected, transformer.Transform(rows).GetColumn<float>("Score"));
        AssertSameBits(expected, new MLContext(2).Model.Load(stream, out _).Transform(rows).GetColumn<float>("Score"));
    }

    /// <summary>Random interactions whose user ids and timestamps are like nothing else in a file, and the timestamps of a user but for the
    /// first and last of all.</summary>
    private static (Interactions Data, Func<int, IEnumerable<long>> Times) Secretive()
    {
        // Nanoseconds since 1970.
        const long secret = 0x2EC2E70000000000;
        var (users, items, labels) = RandomRows(seed: 12);
        var data = Interactions.Create(
            IdMap.FromText([.. Enumerable.Range(0, 40).Select(user => $"secret {user:00}")]), IdMap.FromKeys(30), users, items, labels,
            timestamps: [.. Enumerable.Range(0, users.Length).Select(time => secret + time)]);
        return (data, user => data.ByUser.Timestamps(user).ToArray().Where(time => time != secret && time != secret + users.Length - 1));
    }

    private static bool IsRefused(Action ask)
    {
        try
        {
            ask();
            return false;
        }
        catch (NotSupportedException error)
        {
            Assert.Matches("cannot (be without|leave) users|may hold", error.Message);
            return true;
        }
    }

    private static void AssertLacks(byte[] file, string[] ids, long[] times)
    {
        Assert.NotEmpty(ids);
        Assert.NotEmpty(times);
        foreach (var id in ids)
        {
            Assert.Equal(-1, file.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(id)));
            Assert.Equal(-1, file.AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes(id)));
        }
        foreach (var time in times)
            Assert.Equal(-1, file.AsSpan().IndexOf(BitConverter.GetBytes(time)));
    }

    private static byte[] Bytes(RecommenderModel model, SaveOptions? options = null)
    {
        using var stream = new MemoryStream();
        model.Save(stream, options);
        return stream.ToArray();
    }

    private static RecommenderModel Load(byte[] file) =>
        RecommenderModel.Load(new MemoryStream(file), new LoadOptions { AllowPipelines = true });

    private static float[][] Scores(RecommenderModel model)
    {
        var scores = new float[model.Users.Count][];
        for (int user = 0; user < scores.Length; user++)
            model.ScoreItems(RecommenderQuery.ForUser(user), scores[user] = new float[model.Items.Count]);
        return scores;
    }

    /// <summary>The checkerboard as interactions: users and items by key.</summary>
    protected static Interactions Board() => Checkerboard.Interactions(IdMap.FromKeys(Size), IdMap.FromKeys(Size));

    /// <summary>The checkerboard as interactions with text ids.</summary>
    /// <param name="isReversed">Whether the last ids come first.</param>
    private static Interactions NamedBoard(bool isReversed = false)
    {
        return InOrder(Names(UserName), Names(ItemName),
            [.. Pairs().Select(pair => Place(pair.User))], [.. Pairs().Select(pair => Place(pair.Item))]);

        IdMap Names(Func<int, string> name) => IdMap.FromText([.. Enumerable.Range(0, Size).Select(Place).Select(name)]);

        int Place(int index) => isReversed ? Size - 1 - index : index;
    }

    /// <summary>What the checkerboard withholds.</summary>
    private static Interactions Diagonal() =>
        Interactions.Create(IdMap.FromKeys(Size), IdMap.FromKeys(Size), [.. Enumerable.Range(0, Size)], [.. Enumerable.Range(0, Size)]);

    /// <summary>Trains on interactions.</summary>
    /// <param name="data">What to train on.</param>
    /// <param name="change">Changes the <see cref="Options"/> before; null: nothing.</param>
    protected TModel Train(Interactions data, Action<TOptions>? change = null)
    {
        var options = Options();
        change?.Invoke(options);
        return Trainer(_ml, options).Fit(data);
    }

    /// <summary>Interactions of 40 users and 30 items, skewed, with labels from 1 to 5. User 0 and item 0 have none, every other has
    /// some.</summary>
    /// <param name="seed">Other seeds, other interactions.</param>
    protected static Interactions RandomInteractions(int seed)
    {
        var (users, items, labels) = RandomRows(seed);
        return InOrder(IdMap.FromKeys(40), IdMap.FromKeys(30), users, items, labels);
    }

    private static (int[] Users, int[] Items, float[] Labels) RandomRows(int seed)
    {
        var random = new Random(seed);
        List<int> users = [], items = [];
        for (int user = 1; user < 40; user++)
            for (int item = 1; item < 30; item++)
                if (item == 1 + user % 29 || random.NextDouble() < 3.0 / (item + 3))
                    (users, items) = ([.. users, user], [.. items, item]);
        var labels = users.Select(_ => (float)random.Next(1, 6)).ToArray();
        return ([.. users], [.. items], labels);
    }

    /// <summary>Checks that two models give each user the same scores of all items, to the bit.</summary>
    /// <param name="expected">What <paramref name="actual"/> should be like.</param>
    /// <param name="actual">A model with the same users and items.</param>
    protected static void AssertSameScores(RecommenderModel expected, RecommenderModel actual)
    {
        var (first, second) = (new float[expected.Items.Count], new float[actual.Items.Count]);
        for (int user = 0; user < expected.Users.Count; user++)
        {
            expected.ScoreItems(RecommenderQuery.ForUser(user), first);
            actual.ScoreItems(RecommenderQuery.ForUser(user), second);
            AssertSameBits(first, second);
        }
    }

    private static void AssertFiniteScores(RecommenderModel model, string what)
    {
        var scores = new float[model.Items.Count];
        for (int user = 0; user < model.Users.Count; user++)
        {
            if (!model.IsKnownUser(user))
                continue;
            model.ScoreItems(RecommenderQuery.ForUser(user), scores);
            for (int item = 0; item < scores.Length; item++)
            {
                if (!model.IsKnownItem(item))
                    continue;
                Assert.True(float.IsFinite(scores[item]), $"{what}: user {user}, item {item} scores {scores[item]}");
                // One score takes some models as long as all.
                if ((user + item) % 5 > 0)
                    continue;
                var alone = model.Score(user, item);
                Assert.True(float.IsFinite(alone), $"{what}: user {user}, item {item} scores {alone} alone");
            }
        }
    }

    private void AssertFiniteScoresOrRefused(RecommenderModel model, RecommenderQuery query, bool mayBeRefused)
    {
        var what = string.Join(", ", query.History.ToArray());
        var scores = new float[model.Items.Count];
        var item = Enumerable.Range(FirstKnownItem, 20).First(item => query.History.ToArray().All(entry => entry.Item != item));
        var refused = Refused(() => model.ScoreItems(query, scores));
        if (refused is null)
            Assert.All(scores.Index().Where(entry => model.IsKnownItem(entry.Index)), entry =>
                Assert.True(float.IsFinite(entry.Item), $"{what}: item {entry.Index} scores {entry.Item}"));

        ItemScore[] list = [];
        Assert.Equal(refused, Refused(() => list = model.TopItems(query, model.Items.Count)));
        Assert.All(list, entry => Assert.Equal(scores[entry.Item], entry.Score));
        Contribution[] parts = [];
        if (model.CanExplain && Refused(() => parts = model.Explain(query, item)) is null)
            Assert.All(parts, part => Assert.True(float.IsFinite(part.Value), $"{what}: {part}"));

        string? Refused(Action ask)
        {
            try
            {
                ask();
                return null;
            }
            catch (ArgumentException error) when (error.GetType() == typeof(ArgumentException))
            {
                Assert.True(mayBeRefused, $"{what}: refused by '{error.Message}'");
                Assert.Matches("(?i)label|weight", error.Message);
                return error.Message;
            }
        }
    }

    /// <summary>Higher scores first, of equal ones the lower index; each once, and only such as may be listed.</summary>
    private static void AssertBestFirst(IEnumerable<(int Index, float Score)> list, Func<int, bool> mayBeListed)
    {
        Assert.Equal(list.OrderByDescending(entry => entry.Score).ThenBy(entry => entry.Index), list);
        Assert.All(list, entry => Assert.True(mayBeListed(entry.Index)));
        Assert.Equal(list.Count(), list.DistinctBy(entry => entry.Index).Count());
    }

    private static void AssertSameBits(IEnumerable<float> expected, IEnumerable<float> actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToUInt32Bits), actual.Select(BitConverter.SingleToUInt32Bits));

    private static string Number(string kind, int id) => kind switch
    {
        "keys" => $"{id + 1}",
        "Int32" => $"{int.MinValue + id}",
        "Int64" => $"{long.MinValue + id}",
        "UInt32" => $"{uint.MaxValue - id}",
        _ => $"{ulong.MaxValue - (ulong)id}",
    };

    private IDataView IdView(string kind)
    {
        return kind switch
        {
            "keys" => _ml.Data.LoadFromEnumerable(Pairs().Select((pair, time) => new KeyRow { User = (uint)pair.User, Item = (uint)pair.Item, Time = time }).ToArray()),
            "text keys" => _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("User"), new InputOutputColumnPair("Item")]).Fit(Text(_ml)).Transform(Text(_ml)),
            "String" => Text(_ml),
            "Int32" => Load(int.Parse),
            "Int64" => Load(long.Parse),
            "UInt32" => Load(uint.Parse),
            _ => Load(ulong.Parse),
        };

        IDataView Load<T>(Func<string, T> parse) => _ml.Data.LoadFromEnumerable(
            Pairs().Select((pair, time) => new IdRow<T> { User = parse(Number(kind, pair.User)), Item = parse(Number(kind, pair.Item)), Time = time }).ToArray());
    }

    /// <summary>The shape that a chain makes of a view's schema, which ML.NET lets nobody else make.</summary>
    private static SchemaShape ShapeOf(IDataView view)
    {
        var witness = new ShapeWitness();
        new EstimatorChain<ITransformer>().Append(witness).Fit(view);
        return witness.Seen!;
    }

    private sealed class ShapeWitness : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();
    }

    private sealed class CancelAtFirstReport(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public int Reports { get; private set; }

        public void Report(TrainingProgress value)
        {
            Reports++;
            source.Cancel();
        }
    }

    private sealed class IdRow<T>
    {
        public T User = default!, Item = default!;
        public long Time;
    }

    private sealed class KeyRow
    {
        [KeyType(Size)]
        public uint User, Item;
        public long Time;
    }

    private sealed class WeightedRow
    {
        public string User = "", Item = "";
        public float Label = 1, Weight = 1;
        public long Time;
    }
}
