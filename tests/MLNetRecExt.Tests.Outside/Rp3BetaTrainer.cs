using Microsoft.ML;
using MLNetRecExt;

namespace Outside;

/// <summary>RP3β: items that a walk of three steps, user to item to user to item, arrives at; popular ones less, as everybody walks past
/// them.</summary>
/// <remarks>
/// <para><code>
/// P_ui = (A_ui / Σ_j A_uj)^α,  P_iu = (A_ui / Σ_v A_vi)^α
/// W_ij = Σ_v P_jv P_vi / pop_i^β, W_ii = 0
/// score_ui = Σ_j A_uj W_ij
/// </code></para>
/// <list type="bullet">
/// <item>A_ui: label times weight of what a user took, 1 without these columns. Nobody walks along one of 0 or less.</item>
/// <item>α: <see cref="Options.TransitionExponent"/>; β: <see cref="Options.PopularityExponent"/>; pop_i: how many users took the
/// item.</item>
/// </list>
/// <para>The first step is taken with A_uj itself: what it would be divided by is the same for all items of a list.</para>
/// <para>Memory: 28·interactions + 48·items·neighbors + 60·items·threads bytes.</para>
/// <para>Paudel, Christoffel, Newell, Bernstein: Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive Applications,
/// TiiS 2017.</para>
/// </remarks>
public sealed class Rp3BetaTrainer(MLContext mlContext, Rp3BetaTrainer.Options options)
    : RecommenderTrainer<SparseItemModel, Rp3BetaTrainer.Options>(mlContext, options)
{
    /// <summary>Options of <see cref="Rp3BetaTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>α: above 1 the likely steps count more.</summary>
        /// <value>Default 1; range [0, 10].</value>
        [OptionRange(0, 10), TuneRange(0.2, 2)]
        public float TransitionExponent = 1;

        /// <summary>β: how much popularity is held against an item.</summary>
        /// <value>Default 0.6; range [0, 10].</value>
        [OptionRange(0, 10), TuneRange(0, 1)]
        public float PopularityExponent = 0.6f;

        /// <summary>How many items a walk from an item may end at: those with the largest W, of equal ones the lower index.</summary>
        /// <value>Default 200; range [1, 100000].</value>
        [OptionRange(1, 100_000), TuneRange(20, 500, Logarithmic = true)]
        public int NumberOfNeighbors = 200;
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy => $"Lower {nameof(Options.NumberOfNeighbors)} (now {TrainerOptions.NumberOfNeighbors}).";

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        long items = trainData.Items.Count;
        var kept = Math.Min(items, TrainerOptions.NumberOfNeighbors);
        return 28L * trainData.Count + 48 * items * kept + 60 * items * ParallelOptions.MaxDegreeOfParallelism;
    }

    /// <inheritdoc/>
    protected override SparseItemModel Train(TrainingInput input)
    {
        var train = input.Train;
        var (toItems, toUsers) = (Transitions(train.ByUser), Transitions(train.ByItem));
        var ends = new (int Item, float Weight)[train.Items.Count][];
        Parallel.For(0, ends.Length, ParallelOptions, () => new double[ends.Length], (item, _, arrivals) =>
        {
            ends[item] = Walk(item, train, toUsers, toItems, arrivals);
            return arrivals;
        }, _ => { });
        return new(train.Users, train.Items, train.ByUser, new SparseMatrix(ends.Length, ends).Transpose());
    }

    /// <summary>The weights W of an item that was taken.</summary>
    private (int Item, float Weight)[] Walk(int start, Interactions train, double[] toUsers, double[] toItems, double[] arrivals)
    {
        Array.Clear(arrivals);
        var (byItem, byUser) = (train.ByItem, train.ByUser);
        for (int e = byItem.Offsets[start]; e < byItem.Offsets[start + 1]; e++)
        {
            var user = byItem.Indices(start)[e - byItem.Offsets[start]];
            var items = byUser.Indices(user);
            for (int n = 0; n < items.Length; n++)
                arrivals[items[n]] += toUsers[e] * toItems[byUser.Offsets[user] + n];
        }
        arrivals[start] = 0;
        return [.. arrivals.Index().Where(end => end.Item > 0)
            .Select(end => (Item: end.Index, Weight: (float)(end.Item / Math.Pow(byItem.Length(end.Index), TrainerOptions.PopularityExponent))))
            .OrderByDescending(end => end.Weight).ThenBy(end => end.Item).Take(TrainerOptions.NumberOfNeighbors)];
    }

    /// <summary>By entry, the share of its row's values to the power α.</summary>
    private double[] Transitions(InteractionRows rows)
    {
        var shares = new double[rows.EntryCount];
        for (int row = 0; row < rows.RowCount; row++)
        {
            var share = shares.AsSpan(rows.Offsets[row], rows.Length(row));
            var labels = rows.Labels(row);
            var weights = rows.Weights(row);
            double sum = 0;
            for (int n = 0; n < share.Length; n++)
                sum += share[n] = Math.Max(0, (labels.IsEmpty ? 1 : labels[n]) * (double)(weights.IsEmpty ? 1 : weights[n]));
            foreach (ref var value in share)
                value = value > 0 ? Math.Pow(value / sum, TrainerOptions.TransitionExponent) : 0;
        }
        return shares;
    }
}

/// <summary>The line that the catalog gets.</summary>
public static class Rp3BetaCatalog
{
    /// <inheritdoc cref="Rp3BetaTrainer"/>
    public static Rp3BetaTrainer Rp3Beta(this RecommenderTrainersCatalog trainers, Rp3BetaTrainer.Options options) => new(trainers.MLContext, options);
}
