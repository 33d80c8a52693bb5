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

        var held = Data.ReadInteractions(view, idsOf: train);

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

        var held = Data.ReadInteractions(view, idsOf: train);

        Assert.Same(train.Users, held.Users);
        Assert.Same(train.Items, held.Items);
    }

    private static string[] Ids(IdMap ids) => Enumerable.Range(0, ids.Count).Select(ids.GetText).ToArray();
}
