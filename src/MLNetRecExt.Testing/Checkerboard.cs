using Microsoft.ML;

namespace MLNetRecExt.Testing;

/// <summary>
/// The data that every recommender should learn: even users like even items, odd users odd ones. Each user's own item, the diagonal,
/// is withheld, and must come out on top.
/// </summary>
public static class Checkerboard
{
    /// <summary>Number of users, and of items.</summary>
    public const int Size = 12;

    /// <summary>Features of the items, whatever kind of ids a check gives them: all have a category <c>Parity</c>, one of two per kind of
    /// ids.</summary>
    public static SideFeatures ItemFeatures { get; } = Features(ItemName, firstKey: 0, keys: 30, "Parity");

    /// <summary>Features of two items that no training has seen, <c>"new item 0"</c> and <c>"new item 1"</c>, and of <c>"item 1"</c>, which
    /// it has seen, each of the parity of its number in <see cref="Text"/>.</summary>
    public static SideFeatures NewItemFeatures { get; } = Read(
        [Feature("name", "new item 0", 0), Feature("name", "item 1", 1), Feature("name", "new item 1", 1)], "Parity");

    /// <summary>The same of users, and a number <c>Age</c> that some lack. User 0 has no features where ids are keys.</summary>
    public static SideFeatures UserFeatures { get; } = Features(UserName, firstKey: 1, keys: 40, "Parity", "Age");

    /// <summary>The pairs to train on: 0-based indices of user and item.</summary>
    public static IEnumerable<(int User, int Item)> Pairs()
    {
        for (int user = 0; user < Size; user++)
            for (int item = user % 2; item < Size; item += 2)
                if (item != user)
                    yield return (user, item);
    }

    /// <summary>The pairs to train on as interactions without labels, with timestamps in the order of the pairs.</summary>
    /// <param name="users">Ids of the users, at least <see cref="Size"/>.</param>
    /// <param name="items">Ids of the items, at least <see cref="Size"/>.</param>
    public static Interactions Interactions(IdMap users, IdMap items) =>
        InOrder(users, items, [.. Pairs().Select(pair => pair.User)], [.. Pairs().Select(pair => pair.Item)]);

    /// <summary>The pairs to train on as a view: <c>User</c> and <c>Item</c> are text, <c>Label</c> is 1, <c>Time</c> ascends.</summary>
    /// <param name="ml">Makes the view.</param>
    public static IDataView Text(MLContext ml)
    {
        ArgumentNullException.ThrowIfNull(ml);
        Row[] rows = [.. Pairs().Select((pair, time) => new Row { User = UserName(pair.User), Item = ItemName(pair.Item), Time = time })];
        return ml.Data.LoadFromEnumerable(rows);
    }

    /// <summary>The id of a user in <see cref="Text"/>.</summary>
    /// <param name="user">0-based index.</param>
    public static string UserName(int user) => $"user {user}";

    /// <summary>The id of an item in <see cref="Text"/>.</summary>
    /// <param name="item">0-based index.</param>
    public static string ItemName(int item) => $"item {item}";

    /// <summary>Interactions whose timestamps ascend as they are given.</summary>
    internal static Interactions InOrder(
        IdMap users, IdMap items, int[] userIndices, int[] itemIndices, float[]? labels = null, float[]? weights = null) =>
        MLNetRecExt.Interactions.Create(
            users, items, userIndices, itemIndices, labels, weights, [.. Enumerable.Range(0, userIndices.Length).Select(time => (long)time)]);

    private static SideFeatures Features(Func<int, string> name, int firstKey, int keys, params string[] columns) => Read(
    [
        .. Enumerable.Range(0, Size).SelectMany(index => new[]
        {
            Feature("name", name(index), index),
            Feature("Int32", $"{int.MinValue + index}", index),
            Feature("Int64", $"{long.MinValue + index}", index),
            Feature("UInt32", $"{uint.MaxValue - index}", index),
            Feature("UInt64", $"{ulong.MaxValue - (ulong)index}", index),
        }),
        .. Enumerable.Range(firstKey, keys - firstKey).Select(index => Feature("key", $"{index + 1}", index)),
    ], columns);

    private static SideFeatures Read(FeatureRow[] rows, params string[] columns)
    {
        var ml = new MLContext(1);
        return ml.Recommenders().Data.ReadFeatures(ml.Data.LoadFromEnumerable(rows), "Id", columns);
    }

    private static FeatureRow Feature(string kind, string id, int index) =>
        new() { Id = id, Parity = $"{kind} {index % 2}", Age = index % 4 == 0 ? float.NaN : 20 + index % 2 };

    private sealed class Row
    {
        public string User = "", Item = "";
        public float Label = 1;
        public long Time;
    }

    private sealed class FeatureRow
    {
        public string Id = "", Parity = "";
        public float Age;
    }
}
