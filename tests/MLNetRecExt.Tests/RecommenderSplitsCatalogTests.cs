using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class RecommenderSplitsCatalogTests
{
    [Fact]
    public void Given_PartsOfOnesOwn_CountsColdUsersAndItems()
    {
        var splits = new MLContext().Recommenders().Splits;
        var train = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 1], [0, 1]);
        var test = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 2, 2], [1, 0, 2]);

        var split = splits.Given(train, test);

        Assert.Same(train, split.Train);
        Assert.Same(test, split.Test);
        Assert.Equal((1, 1), (split.ColdUsers, split.ColdItems));
        Assert.Null(split.FoldIn);
    }

    [Fact]
    public void Given_PairInBothOrForeignIds_Throws()
    {
        var splits = new MLContext().Recommenders().Splits;
        var train = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 1], [0, 1]);

        Assert.Contains("User 2 and item 2 are in both parts", Assert.Throws<ArgumentException>(() => splits.Given(train, train.Where([SplitPart.Train, SplitPart.Test], SplitPart.Test))).Message);
        Assert.Contains("IdsOf", Assert.Throws<ArgumentException>(() => splits.Given(train, Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(3), [0], [1]))).Message);
    }

    private static readonly InteractionColumns Columns = new(Label: "Label", Timestamp: "Time");
    private readonly MLContext _ml = new(seed: 1);

    private sealed record Row
    {
        public int User { get; set; }
        public int Item { get; set; }
        public float Label { get; set; }
        public long Time { get; set; }
    }

    public static TheoryData<string> Names => new("RandomPerUser", "LeaveLast", "ByTime", "ByUser", "ByItem", "KFold");

    private RecommenderSplitsCatalog Splits => _ml.Recommenders().Splits;

    private IEnumerable<InteractionSplit> Split(string name, Interactions data, int seed) => name switch
    {
        "RandomPerUser" => [Splits.RandomPerUser(data, 0.2, seed)],
        "LeaveLast" => [Splits.LeaveLast(data, 2)],
        "ByTime" => [Splits.ByTime(data, 0.8)],
        "ByUser" => [Splits.ByUser(data, 0.1, 0.8, seed)],
        "ByItem" => [Splits.ByItem(data, 0.2, seed)],
        _ => Splits.KFold(data, 5, seed),
    };

    private IEnumerable<DataViewSplit> Split(string name, IDataView data, int seed) => name switch
    {
        "RandomPerUser" => [Splits.RandomPerUser(data, Columns, 0.2, seed)],
        "LeaveLast" => [Splits.LeaveLast(data, Columns, 2)],
        "ByTime" => [Splits.ByTime(data, Columns, 0.8)],
        "ByUser" => [Splits.ByUser(data, Columns, 0.1, 0.8, seed)],
        "ByItem" => [Splits.ByItem(data, Columns, 0.2, seed)],
        _ => Splits.KFold(data, Columns, 5, seed),
    };

    [Theory, MemberData(nameof(Names))]
    public void EverySplit_OfInteractions_IsAPartition(string name)
    {
        var data = Read(RandomRows(seed: 1));

        foreach (var split in Split(name, data, seed: 42))
        {
            Interactions?[] parts = [split.Train, split.Test, split.FoldIn];
            Assert.Equal(Entries(data), parts.OfType<Interactions>().SelectMany(Entries).Order());
            Assert.All(parts.OfType<Interactions>(), part => Assert.Same(data.Users, part.Users));
            Assert.All(parts.OfType<Interactions>(), part => Assert.Same(data.Items, part.Items));
            Assert.Equal(name == "ByUser", split.FoldIn is not null);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void EverySplit_OfAView_IsAPartitionInOrderWithPairsTogether(string name)
    {
        var rows = RandomRows(seed: 2, repeats: true);
        var view = _ml.Data.LoadFromEnumerable(rows);

        foreach (var split in Split(name, view, seed: 42))
        {
            IDataView[] parts = split.FoldIn is null ? [split.Train, split.Test] : [split.Train, split.Test, split.FoldIn];
            var read = parts.Select(part => _ml.Data.CreateEnumerable<Row>(part, reuseRowObject: false).ToArray()).ToArray();
            Assert.Equal(Sorted(rows), Sorted(read.SelectMany(part => part)));
            Assert.All(read, part => Assert.Equal(rows.Where(part.ToHashSet().Contains), part));
            Assert.All(parts, part => Assert.Same(view.Schema, part.Schema));
            Assert.Equal(read.Select(part => (long?)part.Length), parts.Select(part => part.GetRowCount()));
            var pairs = read.Select(part => part.Select(row => (row.User, row.Item)).ToHashSet()).ToArray();
            Assert.Equal(pairs.Sum(part => part.Count), pairs.SelectMany(part => part).Distinct().Count());
        }

        static IEnumerable<(int, int, float, long)> Sorted(IEnumerable<Row> rows) => rows.Select(row => (row.User, row.Item, row.Label, row.Time)).Order();
    }

    [Theory, MemberData(nameof(Names))]
    public void EverySplit_OfInteractionsAndOfTheirView_IsTheSame(string name)
    {
        var rows = RandomRows(seed: 3);
        // No two of one time: the view breaks ties by row, interactions have no rows.
        for (int r = 0; r < rows.Length; r++)
            rows[r].Time = r * 7919L % rows.Length;
        var data = Read(rows);

        var inMemory = Split(name, data, seed: 7).ToArray();
        var views = Split(name, _ml.Data.LoadFromEnumerable(rows), seed: 7).ToArray();

        Assert.Equal(inMemory.Length, views.Length);
        for (int s = 0; s < views.Length; s++)
        {
            Assert.Equal(Entries(inMemory[s].Train), Entries(ReadPart(views[s].Train)));
            Assert.Equal(Entries(inMemory[s].Test), Entries(ReadPart(views[s].Test)));
            Assert.Equal((inMemory[s].ColdUsers, inMemory[s].ColdItems), (views[s].ColdUsers, views[s].ColdItems));
        }

        Interactions ReadPart(IDataView view) => _ml.Recommenders().Data.ReadInteractions(view, Columns, new() { IdsOf = data });
    }

    [Theory]
    [InlineData("RandomPerUser")]
    [InlineData("ByUser")]
    [InlineData("ByItem")]
    [InlineData("KFold")]
    public void RandomSplit_Seed_DecidesIt(string name)
    {
        var data = Read(RandomRows(seed: 4));

        var (first, again, other) = (Split(name, data, 1).First(), Split(name, data, 1).First(), Split(name, data, 2).First());

        Assert.Equal(Entries(first.Test), Entries(again.Test));
        Assert.NotEqual(Entries(first.Test), Entries(other.Test));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void RandomPerUser_AnyFraction_RoundsPerUserAndMeetsItInTotal(double fraction)
    {
        var data = Read(RandomRows(seed: 5));

        var split = Splits.RandomPerUser(data, fraction);

        for (int user = 0; user < data.Users.Count; user++)
        {
            var length = data.ByUser.Length(user);
            var wanted = length * fraction;
            Assert.InRange(split.Test.ByUser.Length(user), Math.Min(Math.Floor(wanted), length - 1), Math.Min(Math.Ceiling(wanted), length - 1));
            Assert.True(split.Train.ByUser.Length(user) >= 1);
        }
        // Each of U users is off by less than one entry, independently: the total stays within 5 standard deviations of √U/2,
        // but for the entry that each user keeps for training.
        var users = data.Users.Count;
        Assert.InRange(split.Test.Count, data.Count * fraction - 2.5 * Math.Sqrt(users) - users * fraction, data.Count * fraction + 2.5 * Math.Sqrt(users));
    }

    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(0.3, 6)]
    [InlineData(0.999, 19)]
    public void ByItem_AnyFraction_HoldsOutThatManyItemsWhole(double fraction, int expected)
    {
        // 20 items of 25 are taken.
        var pairs = Enumerable.Range(0, 200).Select(pair => (User: pair % 10, Item: pair / 10)).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(10), IdMap.FromKeys(25), [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]);

        var split = Splits.ByItem(data, fraction);

        var held = Enumerable.Range(0, 25).Where(item => split.Test.ByItem.Length(item) > 0).ToArray();
        Assert.Equal(expected, held.Length);
        Assert.All(held, item => Assert.Equal((10, 0), (split.Test.ByItem.Length(item), split.Train.ByItem.Length(item))));
        Assert.Equal(expected, split.ColdItems);
    }

    [Fact]
    public void RandomPerUser_UserWithOneInteraction_StaysInTrain()
    {
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(3), [0, 1, 1], [0, 1, 2]);

        for (int seed = 0; seed < 50; seed++)
        {
            var split = Splits.RandomPerUser(data, 0.9, seed);
            Assert.Equal(1, split.Train.ByUser.Length(0));
            Assert.Equal((1, 1), (split.Train.ByUser.Length(1), split.Test.ByUser.Length(1)));
        }
    }

    [Fact]
    public void RandomPerUser_ManySeeds_TestsEachEntryEquallyOften()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(5), [0, 0, 0, 0, 0], [0, 1, 2, 3, 4]);
        var tested = new int[5];
        for (int seed = 0; seed < 2000; seed++)
            foreach (var item in Splits.RandomPerUser(data, 0.4, seed).Test.ByUser.Indices(0))
                tested[item]++;

        // 2 of 5 each time: binomial with mean 800 and standard deviation 22.
        Assert.All(tested, count => Assert.InRange(count, 690, 910));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void LeaveLast_AnyCount_TestsTheLatest(int count)
    {
        var data = Read(RandomRows(seed: 6));

        var split = Splits.LeaveLast(data, count);

        for (int user = 0; user < data.Users.Count; user++)
        {
            var enough = data.ByUser.Length(user) > count;
            Assert.Equal(enough ? count : 0, split.Test.ByUser.Length(user));
            if (enough)
                Assert.True(split.Train.ByUser.Timestamps(user).ToArray().Max() <= split.Test.ByUser.Timestamps(user).ToArray().Min());
        }
    }

    [Fact]
    public void LeaveLast_EqualTimes_TheLaterRowIsTested()
    {
        var rows = new Row[]
        {
            new() { User = 1, Item = 9, Time = 5 }, new() { User = 1, Item = 8, Time = 5 }, new() { User = 1, Item = 7, Time = 5 }, new() { User = 1, Item = 6, Time = 4 },
        };

        var split = Splits.LeaveLast(_ml.Data.LoadFromEnumerable(rows), Columns);

        Assert.Equal([7], _ml.Data.CreateEnumerable<Row>(split.Test, false).Select(row => row.Item));
    }

    [Fact]
    public void LeaveLast_RepeatedPair_CountsByItsLatestTime()
    {
        var rows = new Row[]
        {
            new() { User = 1, Item = 1, Time = 9 }, new() { User = 1, Item = 2, Time = 5 }, new() { User = 1, Item = 1, Time = 1 },
        };

        var split = Splits.LeaveLast(_ml.Data.LoadFromEnumerable(rows), Columns);

        Assert.Equal([1, 1], _ml.Data.CreateEnumerable<Row>(split.Test, false).Select(row => row.Item));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.999)]
    public void ByTime_AnyFraction_TrainIsStrictlyBeforeTest(double fraction)
    {
        var data = Read(RandomRows(seed: 8));

        var split = Splits.ByTime(data, fraction);

        var (train, test) = (Times(split.Train), Times(split.Test));
        Assert.True(train.Max() < test.Min());
        // Off by at most half of the entries that share the time at the cut, plus the rounding.
        var atCut = Math.Max(Times(data).Count(time => time == train.Max()), Times(data).Count(time => time == test.Min()));
        Assert.InRange(split.Train.Count, data.Count * fraction - atCut - 1, data.Count * fraction + atCut + 1);

        static long[] Times(Interactions data) => Enumerable.Range(0, data.Users.Count).SelectMany(user => data.ByUser.Timestamps(user).ToArray()).ToArray();
    }

    [Theory]
    [InlineData(1, 1, 2, 0.1, 2)]
    [InlineData(1, 2, 2, 0.9, 1)]
    [InlineData(1, 1, 2, 0.9, 2)]
    public void ByTime_TiesAtTheCut_StayTogetherAndNeitherPartIsEmpty(long first, long second, long third, double fraction, int train)
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(3), [0, 0, 0], [0, 1, 2], timestamps: [first, second, third]);

        Assert.Equal(train, Splits.ByTime(data, fraction).Train.Count);
    }

    [Theory]
    [InlineData(0.1, 0.8)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.001, 0.01)]
    [InlineData(0.999, 0.99)]
    public void ByUser_AnyFractions_NoTestUserIsInTrain(double testUsers, double foldIn)
    {
        var data = Read(RandomRows(seed: 9));

        var split = Splits.ByUser(data, testUsers, foldIn);

        var able = Enumerable.Range(0, data.Users.Count).Count(user => data.ByUser.Length(user) >= 2);
        var heldOut = Enumerable.Range(0, data.Users.Count).Where(user => split.Test.ByUser.Length(user) > 0).ToArray();
        Assert.Equal(Math.Clamp((int)Math.Round(able * testUsers), 1, able - 1), heldOut.Length);
        foreach (var user in heldOut)
        {
            Assert.Equal(0, split.Train.ByUser.Length(user));
            var length = data.ByUser.Length(user);
            Assert.InRange(split.FoldIn!.ByUser.Length(user), Math.Max(1, Math.Floor(length * foldIn)), Math.Min(length - 1, Math.Ceiling(length * foldIn)) + (length * foldIn < 1 ? 1 : 0));
        }
        Assert.Equal(0, split.ColdUsers);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    public void KFold_AnyNumber_TestsEachEntryOnceAndEvenly(int folds)
    {
        var data = Read(RandomRows(seed: 10));

        var splits = Splits.KFold(data, folds).ToArray();

        Assert.Equal(folds, splits.Length);
        Assert.Equal(Entries(data), splits.SelectMany(split => Entries(split.Test)).Order());
        Assert.InRange(splits.Max(split => split.Test.Count) - splits.Min(split => split.Test.Count), 0, 1);
        for (int user = 0; user < data.Users.Count; user++)
            Assert.InRange(splits.Max(split => split.Test.ByUser.Length(user)) - splits.Min(split => split.Test.ByUser.Length(user)), 0, 1);
    }

    [Fact]
    public void EverySplit_ColdUsersAndItems_AreCounted()
    {
        // By time: the last two entries are tested. User 2 and items 3 and 4 do not occur before.
        var data = Interactions.Create(IdMap.FromKeys(4), IdMap.FromKeys(6), [0, 0, 1, 2, 0], [0, 1, 2, 3, 4], timestamps: [1, 2, 3, 4, 5]);

        var split = Splits.ByTime(data, 0.6);

        Assert.Equal((1, 2), (split.ColdUsers, split.ColdItems));
    }

    [Fact]
    public void EverySplit_RowWithoutUsableIds_GoesToTrain()
    {
        var rows = RandomRows(seed: 11);
        rows[3].Label = float.NaN;

        var split = Splits.RandomPerUser(_ml.Data.LoadFromEnumerable(rows), Columns, 0.5);

        Assert.Contains(_ml.Data.CreateEnumerable<Row>(split.Train, false), row => float.IsNaN(row.Label));
        Assert.DoesNotContain(_ml.Data.CreateEnumerable<Row>(split.Test, false), row => float.IsNaN(row.Label));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void EverySplit_FractionOutOfRange_NamesIt(double fraction)
    {
        var data = Read(RandomRows(seed: 12));

        Assert.Equal("testFraction", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.RandomPerUser(data, fraction)).ParamName);
        Assert.Equal("trainFraction", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.ByTime(data, fraction)).ParamName);
        Assert.Equal("testUserFraction", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.ByUser(data, fraction)).ParamName);
        Assert.Equal("foldInFraction", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.ByUser(data, 0.1, fraction)).ParamName);
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.LeaveLast(data, 0)).ParamName);
        Assert.Equal("folds", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.KFold(data, 1)).ParamName);
        Assert.Equal("folds", Assert.Throws<ArgumentOutOfRangeException>(() => Splits.KFold(data, data.Count + 1)).ParamName);
    }

    [Fact]
    public void SplitByTime_NoTimestamps_SaysHowToGetThem()
    {
        var rows = _ml.Data.LoadFromEnumerable(RandomRows(seed: 13));
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(2), [0, 0], [0, 1]);

        Assert.Contains("InteractionColumns.Timestamp", Assert.Throws<ArgumentException>(() => Splits.LeaveLast(data)).Message);
        Assert.Contains("InteractionColumns.Timestamp", Assert.Throws<ArgumentException>(() => Splits.ByTime(data)).Message);
        Assert.Contains("InteractionColumns.Timestamp", Assert.Throws<ArgumentException>(() => Splits.LeaveLast(rows, new())).Message);
        Assert.Contains("InteractionColumns.Timestamp", Assert.Throws<ArgumentException>(() => Splits.ByTime(rows, new())).Message);
    }

    [Fact]
    public void EverySplit_NothingToTest_SaysSo()
    {
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1], timestamps: [5, 5]);

        Assert.Contains("nothing to test", Assert.Throws<ArgumentException>(() => Splits.RandomPerUser(data)).Message);
        Assert.Contains("nothing to test", Assert.Throws<ArgumentException>(() => Splits.LeaveLast(data)).Message);
        Assert.Contains("nothing to test", Assert.Throws<ArgumentException>(() => Splits.ByUser(data)).Message);
        Assert.Contains("All timestamps are 5", Assert.Throws<ArgumentException>(() => Splits.ByTime(data)).Message);
    }

    [Fact]
    public void Part_OfAViewThatChanges_Throws()
    {
        var rows = RandomRows(seed: 14).ToList();
        var split = Splits.RandomPerUser(_ml.Data.LoadFromEnumerable(rows.Where(_ => true)), Columns);

        rows.Add(new Row { User = 1, Item = 1 });
        Assert.Contains("same rows in the same order", Assert.Throws<InvalidOperationException>(() => _ml.Data.CreateEnumerable<Row>(split.Train, false).Count()).Message);
        rows.RemoveRange(0, 2);
        Assert.Contains("same rows in the same order", Assert.Throws<InvalidOperationException>(() => _ml.Data.CreateEnumerable<Row>(split.Train, false).Count()).Message);
    }

    [Fact]
    public void Part_UnderOtherTransforms_ReadsTheSameRows()
    {
        var split = Splits.RandomPerUser(_ml.Data.LoadFromEnumerable(RandomRows(seed: 15)), Columns);
        var expected = _ml.Data.CreateEnumerable<Row>(split.Test, false).Select(row => row.Item).Order().ToArray();

        var shuffled = _ml.Data.ShuffleRows(split.Test, seed: 3);
        var cached = _ml.Data.Cache(split.Test);

        Assert.Equal(expected, _ml.Data.CreateEnumerable<Row>(shuffled, false).Select(row => row.Item).Order());
        Assert.Equal(expected, _ml.Data.CreateEnumerable<Row>(cached, false).Select(row => row.Item).Order());
    }

    private static Row[] RandomRows(int seed, bool repeats = false)
    {
        var random = new Random(seed);
        var rows = new List<Row>();
        for (int user = 0; user < 60; user++)
            for (int r = random.Next(1, 40); r > 0; r--)
                rows.Add(new Row { User = 100 + user, Item = random.Next(50), Label = random.Next(1, 6), Time = random.Next(200) });
        var distinct = repeats ? [.. rows] : rows.DistinctBy(row => (row.User, row.Item)).ToArray();
        random.Shuffle(distinct);
        return distinct;
    }

    private Interactions Read(Row[] rows) => _ml.Recommenders().Data.ReadInteractions(_ml.Data.LoadFromEnumerable(rows), Columns);

    private static IEnumerable<(int User, int Item, float Label, long Time)> Entries(Interactions data)
    {
        for (int user = 0; user < data.Users.Count; user++)
            for (int e = 0; e < data.ByUser.Length(user); e++)
                yield return (user, data.ByUser.Indices(user)[e], data.ByUser.Labels(user)[e], data.ByUser.Timestamps(user)[e]);
    }
}
