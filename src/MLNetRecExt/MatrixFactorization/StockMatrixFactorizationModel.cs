using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// What the stock <c>MatrixFactorization</c> trainer learns: an embedding for each user and item, without biases. Its scores are those of the stock
/// transformer to the bit.
/// </summary>
/// <remarks>
/// A user or item that training did not see has an embedding of NaN and is unknown. The history is what training saw, where it was given;
/// without it no item counts as seen, and popularity cannot stand in.
/// </remarks>
public sealed class StockMatrixFactorizationModel : FactorModel
{
    internal const string FileKindName = "StockMatrixFactorization";

    private static readonly int PanelWidth = 8 * Vector<float>.Count;

    private readonly Lazy<float[]> _panels;

    internal StockMatrixFactorizationModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
        : base(users, items, history, userFactors, itemFactors) => _panels = new(PackItems);

    /// <summary>False.</summary>
    public override bool CanFoldIn => false;

    internal override string FileKind => FileKindName;

    internal static StockMatrixFactorizationModel Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var userFactors = reader.ReadMatrix(users.Count);
        var itemFactors = reader.ReadMatrix(items.Count);
        return userFactors.Columns == itemFactors.Columns
            ? new(users, items, history, userFactors, itemFactors)
            : throw ModelReader.Damaged();
    }

    /// <inheritdoc/>
    public override bool IsKnownUser(int user) => (uint)user < (uint)Users.Count && !float.IsNaN(UserMatrix[user][0]);

    /// <inheritdoc/>
    public override bool IsKnownItem(int item) => (uint)item < (uint)Items.Count && !float.IsNaN(ItemMatrix[item][0]);

    private protected override void Embed(RecommenderQuery query, Span<float> embedding) => UserFactors(query.User).CopyTo(embedding);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var p = UserFactors(user);
        var q = ItemFactors(item);
        // In order and without fused operations: so the stock transformer sums.
        float score = 0;
        for (int k = 0; k < p.Length; k++)
            score += p[k] * q[k];
        return score;
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var p = UserFactors(query.User);
        Span<float> last = stackalloc float[PanelWidth];
        for (int first = 0; first < scores.Length; first += PanelWidth)
        {
            var panel = Panel(first);
            var count = Math.Min(PanelWidth, scores.Length - first);
            if (count == PanelWidth)
                ScorePanel(p, panel, scores.Slice(first, PanelWidth));
            else
            {
                ScorePanel(p, panel, last);
                last[..count].CopyTo(scores[first..]);
            }
        }
    }

    /// <summary>Panel by panel for all queries of the block, so that a panel is in the first cache for all but one.</summary>
    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var tops = new TopList[block.Count];
        for (int i = 0; i < tops.Length; i++)
            tops[i] = candidates.Start(queries[block[i]], lists, block[i]);
        Span<float> scores = stackalloc float[PanelWidth];
        for (int first = 0; first < Items.Count; first += PanelWidth)
        {
            var panel = Panel(first);
            var count = Math.Min(PanelWidth, Items.Count - first);
            for (int i = 0; i < tops.Length; i++)
            {
                ScorePanel(UserFactors(queries[block[i]].User), panel, scores);
                Offer(ref tops[i], first, scores[..count]);
            }
        }
        for (int i = 0; i < tops.Length; i++)
            lists.Lengths[block[i]] = tops[i].Sort();
    }

    /// <summary>Most items are below a list's threshold: whole vectors of these are passed over.</summary>
    private static void Offer(ref TopList top, int first, ReadOnlySpan<float> scores)
    {
        for (int start = 0; start < scores.Length; start += Vector<float>.Count)
        {
            var end = Math.Min(scores.Length, start + Vector<float>.Count);
            if (end - start == Vector<float>.Count && !Vector.GreaterThanOrEqualAny(new Vector<float>(scores[start..]), new Vector<float>(top.Threshold)))
                continue;
            for (int i = start; i < end; i++)
                top.Offer(first + i, scores[i]);
        }
    }

    /// <summary>s_j = Σ_k p_k · panel_kj, each sum in the order of k and without fused operations, as <see cref="ScoreKnown"/> has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScorePanel(ReadOnlySpan<float> p, ReadOnlySpan<float> panel, Span<float> s)
    {
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        ref var row = ref MemoryMarshal.GetReference(panel);
        var n = (nuint)Vector<float>.Count;
        foreach (var factor in p)
        {
            var x = new Vector<float>(factor);
            s0 += x * Vector.LoadUnsafe(ref row);
            s1 += x * Vector.LoadUnsafe(ref row, n);
            s2 += x * Vector.LoadUnsafe(ref row, 2 * n);
            s3 += x * Vector.LoadUnsafe(ref row, 3 * n);
            s4 += x * Vector.LoadUnsafe(ref row, 4 * n);
            s5 += x * Vector.LoadUnsafe(ref row, 5 * n);
            s6 += x * Vector.LoadUnsafe(ref row, 6 * n);
            s7 += x * Vector.LoadUnsafe(ref row, 7 * n);
            row = ref Unsafe.Add(ref row, PanelWidth);
        }
        ref var sums = ref MemoryMarshal.GetReference(s);
        s0.StoreUnsafe(ref sums);
        s1.StoreUnsafe(ref sums, n);
        s2.StoreUnsafe(ref sums, 2 * n);
        s3.StoreUnsafe(ref sums, 3 * n);
        s4.StoreUnsafe(ref sums, 4 * n);
        s5.StoreUnsafe(ref sums, 5 * n);
        s6.StoreUnsafe(ref sums, 6 * n);
        s7.StoreUnsafe(ref sums, 7 * n);
    }

    /// <summary>The panel that begins with an item.</summary>
    private ReadOnlySpan<float> Panel(int first) => _panels.Value.AsSpan(first * ApproximationRank, PanelWidth * ApproximationRank);

    /// <summary>Item embeddings, <see cref="PanelWidth"/> items side by side: panel, then rank, then item; the last panel is filled up with zeros.</summary>
    private float[] PackItems()
    {
        var panels = new float[checked((Items.Count + PanelWidth - 1) / PanelWidth * PanelWidth * ApproximationRank)];
        for (int item = 0; item < Items.Count; item++)
        {
            var factors = ItemFactors(item);
            var start = item / PanelWidth * PanelWidth * ApproximationRank + item % PanelWidth;
            for (int k = 0; k < factors.Length; k++)
                panels[start + k * PanelWidth] = factors[k];
        }
        return panels;
    }
}
