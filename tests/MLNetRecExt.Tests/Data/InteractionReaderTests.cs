using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Data;

public class InteractionReaderTests
{
    private static readonly InteractionColumns AllColumns = new(Label: "Label", Weight: "Weight", Timestamp: "Time");
    private readonly MLContext _ml = new(seed: 1);

    private sealed class TextRow
    {
        public string User = "", Item = "";
        public float Label = 1, Weight = 1;
        public long Time;
    }

    private sealed class IdRow<T>
    {
        public T User = default!, Item = default!;
    }

    private sealed class KeyRow
    {
        [KeyType(3)] public uint User;
        [KeyType(4)] public uint Item;
    }

    private RecommenderDataCatalog Data => _ml.Recommenders().Data;

    [Fact]
    public void ReadInteractions_TextIds_IndexesByFirstOccurrenceAndKeepsEveryColumn()
    {
        var view = _ml.Data.LoadFromEnumerable(new TextRow[]
        {
            new() { User = "bob", Item = "x", Label = 3, Weight = 0.5f, Time = 30 },
            new() { User = "ann", Item = "y", Label = 4, Weight = 2, Time = 20 },
            new() { User = "bob", Item = "y", Label = 5, Weight = 0, Time = 10 },
        });

        var read = Data.ReadInteractions(view, AllColumns);

        Assert.Equal(["bob", "ann"], Ids(read.Users));
        Assert.Equal(["x", "y"], Ids(read.Items));
        Assert.Equal([0, 2, 3], read.ByUser.Offsets.ToArray());
        Assert.Equal([0, 1], read.ByUser.Indices(0).ToArray());
        Assert.Equal([3f, 5f], read.ByUser.Labels(0).ToArray());
        Assert.Equal([0.5f, 0f], read.ByUser.Weights(0).ToArray());
        Assert.Equal([30L, 10L], read.ByUser.Timestamps(0).ToArray());
        Assert.Equal([1], read.ByUser.Indices(1).ToArray());
        Assert.Equal(new InteractionCounts(3), read.Counts);
    }

    public static TheoryData<DataKind> IntegerKinds => new(DataKind.Int32, DataKind.Int64, DataKind.UInt32, DataKind.UInt64);

    [Theory, MemberData(nameof(IntegerKinds))]
    public void ReadInteractions_IntegerIds_GivesTheOriginalIdsBack(DataKind kind)
    {
        var (view, users, items) = kind switch
        {
            DataKind.Int32 => View([int.MinValue, -1, 7], [0, int.MaxValue, 5]),
            DataKind.Int64 => View([long.MinValue, -1, 7], [0, long.MaxValue, 5]),
            DataKind.UInt32 => View([uint.MaxValue, 0u, 7u], [0u, uint.MaxValue, 5u]),
            _ => View([ulong.MaxValue, 0ul, 7ul], [0ul, ulong.MaxValue, 5ul]),
        };

        var read = Data.ReadInteractions(view);

        Assert.Equal(kind, read.Users.Kind);
        Assert.False(read.Users.IsKey);
        Assert.Equal(users, Ids(read.Users));
        Assert.Equal(items, Ids(read.Items));
        Assert.All(users, (id, index) => Assert.Equal(index, read.Users.IndexOf(id)));

        (IDataView, string[], string[]) View<T>(T[] users, T[] items) where T : notnull => (
            _ml.Data.LoadFromEnumerable(users.Zip(items, (user, item) => new IdRow<T> { User = user, Item = item })),
            users.Select(id => FormattableString.Invariant($"{id}")).ToArray(),
            items.Select(id => FormattableString.Invariant($"{id}")).ToArray());
    }

    [Fact]
    public void ReadInteractions_Keys_IndexIsKeyMinusOneAndZeroIsMissing()
    {
        // A [KeyType] member is 0-based on its way in; what does not fit the count becomes the missing key 0.
        var view = _ml.Data.LoadFromEnumerable(new KeyRow[]
        {
            new() { User = 2, Item = 3 }, new() { User = 0, Item = 1 }, new() { User = 3, Item = 0 }, new() { User = 0, Item = 4 },
        });

        var read = Data.ReadInteractions(view);

        Assert.True(read.Users.IsKey);
        Assert.Null(read.Users.Kind);
        Assert.Equal((3, 4), (read.Users.Count, read.Items.Count));
        Assert.Equal([0, 1, 1, 2], read.ByUser.Offsets.ToArray());
        Assert.Equal([1], read.ByUser.Indices(0).ToArray());
        Assert.Equal([3], read.ByUser.Indices(2).ToArray());
        Assert.Equal(new InteractionCounts(4, MissingIds: 2), read.Counts);
    }

    [Fact]
    public void ReadInteractions_MappedKeys_KeepsTheirKeyValues()
    {
        var view = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "bob", Item = "x" }, new() { User = "ann", Item = "y" } });
        var mapped = _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("User"), new InputOutputColumnPair("Item")]).Fit(view).Transform(view);

        var read = Data.ReadInteractions(mapped);

        Assert.True(read.Users.IsKey);
        Assert.Equal(["bob", "ann"], Ids(read.Users));
        Assert.Equal(["x", "y"], Ids(read.Items));
    }

    [Fact]
    public void ReadInteractions_IdsOf_KeepsIndicesAndPutsNewIdsBehind()
    {
        var train = Data.ReadInteractions(_ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "bob", Item = "x" }, new() { User = "ann", Item = "y" } }));
        var view = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "cat", Item = "z" }, new() { User = "ann", Item = "x" } });

        var held = Data.ReadInteractions(view, options: new() { IdsOf = train });

        Assert.Equal(["bob", "ann", "cat"], Ids(held.Users));
        Assert.Equal(["x", "y", "z"], Ids(held.Items));
        Assert.True(held.Users.Extends(train.Users));
        Assert.False(train.Users.Extends(held.Users));
        Assert.Equal(["bob", "ann"], Ids(train.Users));
        Assert.Equal(-1, train.Users.IndexOf("cat"));
    }

    [Fact]
    public void ReadInteractions_IdsOfWithoutNewIds_SharesTheMaps()
    {
        var view = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "bob", Item = "x" } });
        var train = Data.ReadInteractions(view);

        var held = Data.ReadInteractions(view, options: new() { IdsOf = train });

        Assert.Same(train.Users, held.Users);
        Assert.Same(train.Items, held.Items);
    }

    public static TheoryData<DataKind> KeyKinds => new(DataKind.Byte, DataKind.UInt16, DataKind.UInt32, DataKind.UInt64);

    [Theory, MemberData(nameof(KeyKinds))]
    public void ReadInteractions_KeysOfAnyRawType_AreRead(DataKind kind)
    {
        IDataView view = kind switch
        {
            DataKind.Byte => new RawKeyView<byte>(200, [1, 0, 200]),
            DataKind.UInt16 => new RawKeyView<ushort>(200, [1, 0, 200]),
            DataKind.UInt32 => new RawKeyView<uint>(200, [1, 0, 200]),
            _ => new RawKeyView<ulong>(200, [1, 0, 200]),
        };

        var read = Data.ReadInteractions(view);

        Assert.Equal(200, read.Users.Count);
        Assert.Equal(new InteractionCounts(3, MissingIds: 1), read.Counts);
        Assert.Equal([0], read.ByUser.Indices(0).ToArray());
        Assert.Equal([199], read.ByUser.Indices(199).ToArray());
    }

    [Fact]
    public void ReadInteractions_KeyBeyondTheCount_IsMissing()
    {
        Assert.Equal(new InteractionCounts(3, MissingIds: 2), Data.ReadInteractions(new RawKeyView<uint>(5, [5, 6, uint.MaxValue])).Counts);
        Assert.Equal(new InteractionCounts(2, MissingIds: 1), Data.ReadInteractions(new RawKeyView<ulong>(5, [5, (1ul << 32) + 1])).Counts);
    }

    [Fact]
    public void ReadInteractions_KeyTypeTooLarge_SaysWhatToDo()
    {
        var error = Assert.Throws<ArgumentException>(() => Data.ReadInteractions(new RawKeyView<uint>(uint.MaxValue, [1])));

        Assert.Contains("'User'", error.Message);
        Assert.Contains("4,294,967,295", error.Message);
        Assert.Contains("MapValueToKey", error.Message);
    }

    private sealed class NumberRow<T>
    {
        public int User = 7, Item;
        public T Value = default!;
    }

    [Fact]
    public void ReadInteractions_LabelsOfOtherNumbers_AreConverted()
    {
        Assert.Equal([-3f, 2f], Labels<sbyte>(-3, 2));
        Assert.Equal([3f, 2f], Labels<byte>(3, 2));
        Assert.Equal([-3f, 2f], Labels<short>(-3, 2));
        Assert.Equal([3f, 2f], Labels<ushort>(3, 2));
        Assert.Equal([-3f, 2f], Labels(-3, 2));
        Assert.Equal([3f, 2f], Labels(3u, 2u));
        Assert.Equal([-3f, 2f], Labels(-3L, 2L));
        Assert.Equal([3f, 2f], Labels(3ul, 2ul));
        Assert.Equal([0.1f, 2.5f], Labels(0.1, 2.5));
        Assert.Equal([0.1f, 2.5f], Labels(0.1f, 2.5f));
        Assert.Equal([0f, 1f], Labels(false, true));
        Assert.Equal(1, Data.ReadInteractions(Numbers(1e300, 1), new(Label: "Value")).Counts.BadLabels);

        float[] Labels<T>(T first, T second) => Data.ReadInteractions(Numbers(first, second), new(Label: "Value")).ByUser.Labels(0).ToArray();
    }

    [Fact]
    public void ReadInteractions_TimestampsOfAnyType_KeepTheirOrder()
    {
        var (early, late) = (new DateTime(2024, 2, 29, 1, 2, 3), new DateTime(2024, 2, 29, 1, 2, 4));
        Assert.Equal([long.MinValue, long.MaxValue], Times(long.MinValue, long.MaxValue));
        Assert.Equal([-5, 7], Times(-5, 7));
        Assert.Equal([5, uint.MaxValue], Times(5u, uint.MaxValue));
        Assert.Equal([5, long.MaxValue], Times(5ul, (ulong)long.MaxValue));
        Assert.Equal([-2, 1_700_000_000], Times(-2.0, 1_700_000_000.0));
        Assert.Equal([-2, 8], Times(-2f, 8f));
        Assert.Equal([early.Ticks, late.Ticks], Times(early, late));
        Assert.Equal([early.Ticks, late.Ticks], Times(new DateTimeOffset(early.AddHours(2), TimeSpan.FromHours(2)), new DateTimeOffset(late, TimeSpan.Zero)));
        Assert.Equal(1, Data.ReadInteractions(Numbers(5ul, ulong.MaxValue), new(Timestamp: "Value")).Counts.BadTimestamps);

        long[] Times<T>(T first, T second) => Data.ReadInteractions(Numbers(first, second), new(Timestamp: "Value")).ByUser.Timestamps(0).ToArray();
    }

    [Fact]
    public void ReadInteractions_FractionalTimestamps_AreRoundedDownWithAWarning()
    {
        var warnings = new List<string>();
        _ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(entry.RawMessage);
        };

        Assert.Equal([-2L, 1L], Data.ReadInteractions(Numbers(-1.5, 1.5), new(Timestamp: "Value")).ByUser.Timestamps(0).ToArray());
        Assert.Contains("'Value' holds fractions", Assert.Single(warnings));
    }

    [Fact]
    public void ReadInteractions_AnyView_IsReadInOnePassByOneCursorOfTheNamedColumns()
    {
        var view = new WatchedView(_ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "bob", Item = "x" }, new() { User = "ann", Item = "y" } }));

        Data.ReadInteractions(view, new(Label: "Label"));

        Assert.Equal([["Item", "Label", "User"]], view.Asked);
    }

    [Theory]
    [InlineData("keys for text")]
    [InlineData("text for keys")]
    [InlineData("other count")]
    [InlineData("other values")]
    [InlineData("Int64 for Int32")]
    public void ReadInteractions_IdsOfOtherKind_NamesFoundAndNeeded(string what)
    {
        var text = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "bob", Item = "x" }, new() { User = "ann", Item = "y" } });
        var one = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "ann", Item = "y" } });
        var swapped = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "ann", Item = "x" }, new() { User = "bob", Item = "y" } });
        var (train, held, found, needed) = what switch
        {
            "keys for text" => (text, Mapped(text), "Key<UInt32, 0-1>", "raw String ids"),
            "text for keys" => (Mapped(text), text, "raw ids of type String", "String keys with a count of 2"),
            "other count" => (Mapped(text), Mapped(one), "Key<UInt32, 0-0>", "count of 2"),
            "other values" => (Mapped(text), Mapped(swapped), "other KeyValues", "same fitted MapValueToKey"),
            _ => (_ml.Data.LoadFromEnumerable(new IdRow<int>[] { new() }), _ml.Data.LoadFromEnumerable(new IdRow<long>[] { new() }), "raw ids of type Int64", "raw Int32 ids"),
        };
        var ids = Data.ReadInteractions(train);

        var error = Assert.Throws<ArgumentException>(() => Data.ReadInteractions(held, options: new() { IdsOf = ids }));

        Assert.Contains("Column 'User'", error.Message);
        Assert.Contains(found, error.Message);
        Assert.Contains(needed, error.Message);

        IDataView Mapped(IDataView view) => _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("User"), new InputOutputColumnPair("Item")]).Fit(view).Transform(view);
    }

    [Fact]
    public void ReadInteractions_IdsOfAModel_KeepsItsIndices()
    {
        var train = _ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "bob", Item = "x" }, new() { User = "ann", Item = "y" } });
        var model = _ml.Recommenders().Trainers.Popularity().Fit(train).Model;

        var held = Data.ReadInteractions(_ml.Data.LoadFromEnumerable(new TextRow[] { new() { User = "cat", Item = "y" } }), options: new() { Users = model.Users, Items = model.Items });

        Assert.Equal(["bob", "ann", "cat"], Ids(held.Users));
        Assert.Same(model.Items, held.Items);
    }

    [Fact]
    public void ReadInteractions_LongView_ReportsProgress()
    {
        var reports = new Reports();
        var row = new IdRow<int>();

        Data.ReadInteractions(_ml.Data.LoadFromEnumerable(Enumerable.Repeat(row, 2_200_000)), options: new() { Progress = reports });

        Assert.Equal([1 << 20, 2 << 20, 2_200_000], reports);
    }

    private IDataView Numbers<T>(T first, T second) =>
        _ml.Data.LoadFromEnumerable(new NumberRow<T>[] { new() { Item = 0, Value = first }, new() { Item = 1, Value = second } });

    private sealed class Reports : List<long>, IProgress<long>
    {
        public void Report(long value) => Add(value);
    }

    /// <summary>Users and items with the same raw keys; ML.NET's own loader would refuse or shift some of them.</summary>
    private sealed class RawKeyView<TKey> : IDataView
    {
        private readonly TKey[] _keys;

        public RawKeyView(ulong count, TKey[] keys)
        {
            _keys = keys;
            var schema = new DataViewSchema.Builder();
            schema.AddColumn("User", new KeyDataViewType(typeof(TKey), count));
            schema.AddColumn("Item", new KeyDataViewType(typeof(TKey), count));
            Schema = schema.ToSchema();
        }

        public DataViewSchema Schema { get; }

        public bool CanShuffle => false;

        public long? GetRowCount() => _keys.Length;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [new Cursor(this)];

        private sealed class Cursor(RawKeyView<TKey> view) : DataViewRowCursor
        {
            private long _position = -1;

            public override long Position => _position;

            public override long Batch => 0;

            public override DataViewSchema Schema => view.Schema;

            public override bool IsColumnActive(DataViewSchema.Column column) => true;

            public override bool MoveNext() => ++_position < view._keys.Length;

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
                (ValueGetter<TValue>)(Delegate)(ValueGetter<TKey>)((ref TKey value) => value = view._keys[_position]);

            public override ValueGetter<DataViewRowId> GetIdGetter() => throw new NotSupportedException();
        }
    }

    private sealed class WatchedView(IDataView view) : IDataView
    {
        public List<string[]> Asked { get; } = [];

        public DataViewSchema Schema => view.Schema;

        public bool CanShuffle => view.CanShuffle;

        public long? GetRowCount() => view.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new InvalidOperationException("A single cursor fans out to worker threads; a set of one does not.");

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        {
            Assert.Equal(1, n);
            Asked.Add([.. columnsNeeded.Select(column => column.Name).Order()]);
            return view.GetRowCursorSet(columnsNeeded, n, rand);
        }
    }

    private static string[] Ids(IdMap ids) => Enumerable.Range(0, ids.Count).Select(ids.GetText).ToArray();
}
