using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests;

/// <summary>A factor model of random numbers; a history is folded in as the sum of its items' embeddings.</summary>
internal sealed class RandomFactorModel : FactorModel
{
    private RandomFactorModel(InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
        : base(IdMap.FromKeys(userFactors.Rows), IdMap.FromKeys(itemFactors.Rows), history, userFactors, itemFactors)
    {
    }

    public override bool CanFoldIn => true;

    /// <param name="seed">Seed.</param>
    /// <param name="users">U. Every seventh user has no history.</param>
    /// <param name="items">I. Each is taken with probability 1/5: with few users, some never.</param>
    /// <param name="rank">K.</param>
    /// <param name="levels">How many different values a factor has; few make equal scores.</param>
    public static RandomFactorModel Create(int seed, int users, int items, int rank, int levels = int.MaxValue)
    {
        var random = new Random(seed);
        var builder = new InteractionsBuilder(hasLabels: false, hasWeights: false, hasTimestamps: false);
        for (int user = 0; user < users; user++)
            for (int item = 0; item < items; item++)
                if (user % 7 != 6 && random.Next(5) == 0)
                    builder.Add(user, item);
        var history = builder.Build(IdMap.FromKeys(users), IdMap.FromKeys(items), DuplicateHandling.Last, default).ByUser;
        return new RandomFactorModel(history, RandomMatrix(users), RandomMatrix(items));

        AlignedMatrix RandomMatrix(int rows)
        {
            var matrix = new AlignedMatrix(rows, rank);
            for (int row = 0; row < rows; row++)
                foreach (ref var value in matrix[row])
                    value = levels == int.MaxValue ? random.NextSingle() - 0.5f : random.Next(levels) - levels / 2;
            return matrix;
        }
    }

    protected override void Embed(RecommenderQuery query, Span<float> embedding)
    {
        embedding.Clear();
        if (IsKnownUser(query.User))
            UserFactors(query.User).CopyTo(embedding);
        foreach (var entry in query.History.Span)
            if (IsKnownItem(entry.Item))
                for (int k = 0; k < embedding.Length; k++)
                    embedding[k] += entry.Label * ItemFactors(entry.Item)[k];
    }
}
