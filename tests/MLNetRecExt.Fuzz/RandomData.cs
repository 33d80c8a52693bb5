using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Fuzz;

/// <summary>Small random interactions and features, ordinary and extreme.</summary>
internal static class RandomData
{
    private static readonly float[] Labels =
        [0, -0f, 1, -1, 5, float.Epsilon, 1e-38f, 1e-20f, 1e4f, 1e10f, 1e18f, 1e20f, 1e30f, -1e30f, float.MaxValue, -float.MaxValue];

    /// <summary>Labels from 1 to 5, weights around 1.</summary>
    public static Interactions Ordinary(int users, int items, Random random) =>
        Make(users, items, random, () => random.Next(1, 6), () => 0.5f + random.NextSingle());

    /// <summary>Of any shape: all on one item, many duplicates, or next to nothing; labels and weights of any size.</summary>
    public static Interactions Extreme(Random random)
    {
        var (users, items) = (random.Next(1, 13), random.Next(1, 10));
        var extremes = random.Next(4);
        return Make(users, items, random, () => Value(extremes & 1), () => Math.Abs(Value(extremes & 2)));

        float Value(int isExtreme) => isExtreme == 0 ? random.Next(1, 6)
            : random.Next(4) == 0 ? MathF.ScaleB(random.NextSingle() * 2 - 1, random.Next(-149, 128))
            : Labels[random.Next(Labels.Length)];
    }

    /// <summary>Ids of any kind.</summary>
    public static IdMap Ids(int count, Random random) => random.Next(4) switch
    {
        0 => IdMap.FromKeys(count),
        1 => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(id => id * 7L)], DataKind.Int32, random.Next(2) == 0),
        2 => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(id => long.MinValue + id)], DataKind.Int64),
        _ => IdMap.FromText([.. Enumerable.Range(0, count).Select(id => $"id é {id}")]),
    };

    /// <summary>A category and a number of each id; some are missing.</summary>
    public static SideFeatures Features(IdMap ids, Random random)
    {
        var ml = new MLContext(1);
        FeatureRow[] rows = [.. Enumerable.Range(0, ids.Count).Select(index => new FeatureRow
        {
            Id = ids.GetText(index),
            Kind = random.Next(4) == 0 ? "" : $"kind {index % 3}",
            Size = random.Next(5) == 0 ? float.NaN : random.NextSingle() * 100,
        })];
        return ml.Recommenders().Data.ReadFeatures(ml.Data.LoadFromEnumerable(rows), "Id", ["Kind", "Size"]);
    }

    private static Interactions Make(int users, int items, Random random, Func<float> label, Func<float> weight)
    {
        List<int> userIndices = [], itemIndices = [];
        var oneItem = random.Next(10) == 0;
        for (int row = random.Next(1, users * items + 2); row > 0; row--)
        {
            userIndices.Add(random.Next(users));
            itemIndices.Add(oneItem ? 0 : random.Next(items));
        }
        return Interactions.Create(Ids(users, random), Ids(items, random), userIndices.ToArray(), itemIndices.ToArray(),
            random.Next(4) == 0 ? [] : [.. userIndices.Select(_ => label())],
            random.Next(3) == 0 ? [] : [.. userIndices.Select(_ => weight())],
            random.Next(2) == 0 ? [] : [.. userIndices.Select(_ => random.NextInt64(-1000, 1000))],
            (DuplicateHandling)random.Next(Enum.GetValues<DuplicateHandling>().Length));
    }
}
