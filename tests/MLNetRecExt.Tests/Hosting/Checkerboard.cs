using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests;

/// <summary>Even users like even items, odd users odd ones; each user's own item, the diagonal, is withheld.</summary>
internal static class Checkerboard
{
    public const int Size = 12;

    /// <summary>The pairs of training, user and item from 0.</summary>
    public static IEnumerable<(int User, int Item)> Pairs()
    {
        for (int user = 0; user < Size; user++)
            for (int item = user % 2; item < Size; item += 2)
                if (item != user)
                    yield return (user, item);
    }

    public static Interactions Interactions(IdMap users, IdMap items)
    {
        var builder = new InteractionsBuilder(hasLabels: false, hasWeights: false, hasTimestamps: false);
        foreach (var (user, item) in Pairs())
            builder.Add(user, item);
        return builder.Build(users, items, DuplicateHandling.Last, default);
    }

    public static string UserName(int user) => $"user {user}";

    public static string ItemName(int item) => $"item {item}";

    public static IDataView Text(MLContext ml) =>
        ml.Data.LoadFromEnumerable(Pairs().Select(pair => new TextRow { User = UserName(pair.User), Item = ItemName(pair.Item), Label = 1 }).ToArray());

    public static readonly string[] UserNames = [.. Enumerable.Range(0, Size).Select(UserName)];
    public static readonly string[] ItemNames = [.. Enumerable.Range(0, Size).Select(ItemName)];
    public static readonly long[] UserNumbers = [.. Enumerable.Range(0, Size).Select(user => 1_000_000_000_000L + user)];
    public static readonly long[] ItemNumbers = [.. Enumerable.Range(0, Size).Select(item => -5L * item)];

    /// <summary>Features of the items of all conformance tests, by name or number: odd ones and even ones of each kind of ids have a category of their own.</summary>
    public static readonly SideFeatures ItemFeatures = Features(ItemName, firstKey: 0, keys: 30, "Parity");

    /// <summary>The same of users, and a number that some lack; user 0 by its key has none.</summary>
    public static readonly SideFeatures UserFeatures = Features(UserName, firstKey: 1, keys: 40, "Parity", "Age");

    private static SideFeatures Features(Func<int, string> name, int firstKey, int keys, params string[] columns)
    {
        var ml = new MLContext(1);
        return ml.Recommenders().Data.ReadFeatures(
            ml.Data.LoadFromEnumerable(
                Enumerable.Range(0, Size).SelectMany(index => new[]
                {
                    Feature("name", name(index), index),
                    Feature("Int32", $"{int.MinValue + index}", index),
                    Feature("Int64", $"{long.MinValue + index}", index),
                    Feature("UInt32", $"{uint.MaxValue - index}", index),
                    Feature("UInt64", $"{ulong.MaxValue - (ulong)index}", index),
                }).Concat(Enumerable.Range(firstKey, keys - firstKey).Select(index => Feature("key", $"{index + 1}", index))).ToArray()),
            "Id", columns);
    }

    private static FeatureRow Feature(string kind, string id, int index) => new() { Id = id, Parity = $"{kind} {index % 2}", Age = index % 4 == 0 ? float.NaN : 20 + index % 2 };

    private sealed class FeatureRow
    {
        public string Id = "", Parity = "";
        public float Age;
    }

    public sealed class TextRow
    {
        public string User = "";
        public string Item = "";
        public float Label;
    }

    public sealed class LongRow
    {
        public long User;
        public long Item;
    }

    public sealed class KeyRow
    {
        [KeyType(Size)]
        public uint User;
        [KeyType(Size)]
        public uint Item;
    }

    public sealed class UserRow
    {
        public string User = "";
    }

    public sealed class HistoryRow
    {
        public string User = "";
        [VectorType] public string[] History = [];
        [VectorType] public float[] Labels = [];
        [VectorType] public float[] Weights = [];
    }

    public sealed class KeyHistoryRow
    {
        [KeyType(Size), VectorType] public uint[] History = [];
    }

    public sealed class TextItems
    {
        public string[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public string Reason { get; set; } = "";
    }

    public sealed class LongItems
    {
        public long[] Items { get; set; } = [];
    }

    public sealed class KeyItems
    {
        public uint[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }

    public sealed class Scored
    {
        public float Score { get; set; }
    }

    public sealed class Reasoned
    {
        public float Score { get; set; }
        public string Reason { get; set; } = "";
    }

    /// <summary>A model whose scores are easy to foretell: 1 for the same parity, 0 otherwise, minus a little for higher items.</summary>
    public sealed class ParityModel(IdMap users, IdMap items) : RecommenderModel(users, items, Interactions(users, items).ByUser)
    {
        public override bool CanFoldIn => true;

        protected override float ScoreKnown(int user, int item) => ScoreFor(user % 2, item);

        protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
        {
            // A history counts by its heaviest entry.
            var parity = query.History.IsEmpty ? query.User % 2 : query.History.ToArray().MaxBy(entry => entry.Label * entry.Weight).Item % 2;
            for (int item = 0; item < scores.Length; item++)
                scores[item] = ScoreFor(parity, item);
        }

        private static float ScoreFor(int parity, int item) => (item % 2 == parity ? 1 : 0) - item / 100f;
    }
}
