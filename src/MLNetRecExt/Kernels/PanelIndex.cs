using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>
/// Rows of a matrix packed for scoring: panels of three registers' worth of rows, each panel K × rows, so that a lane
/// of a register is a row. ⟨x, row⟩ is summed over k in order, one <see cref="ILanes{TVector}.MultiplyAdd"/> (fused or not) per step, everywhere:
/// <see cref="Dot"/>, <see cref="Score"/> and <see cref="Search"/> give the same bits whatever the batch, tile or register width.
/// </summary>
/// <remarks>
/// Long rows come first. Since ⟨x, row⟩ ≤ ‖x‖ ‖row‖, a search ends where ‖x‖ times the length of the longest row left
/// is below every query's threshold: for trained factors after a few panels out of hundreds.
/// </remarks>
internal sealed unsafe class PanelIndex
{
    /// <summary>Queries are searched this many at a time; their number must be a multiple.</summary>
    public const int TileHeight = 4;

    private const int Registers = 3;

    // A sum of K ≤ 1024 products, rounded twice each, exceeds its bound by less than 2K · 2⁻²⁴ of it, or by next to nothing near zero.
    private const float RoundingMargin = 1.0002f;
    private const float SmallestNormal = 1.1754944e-38f;

    private static readonly int Width = Registers *
        (Vector512.IsHardwareAccelerated ? Lanes.Sixteen.Count
        : Vector256.IsHardwareAccelerated ? Lanes.Eight.Count
        : Vector128.IsHardwareAccelerated ? Lanes.Four.Count
        : Lanes.One.Count);

    // ⟨query, row⟩ for the rows of a panel; and for four queries, where a threshold is reached.
    private readonly delegate*<float*, float*, int, float*, void> _scorePanel;
    private readonly delegate*<float*, float*, int, float*, float*, ulong*, bool> _scoreTile;

    private readonly int _rank;
    private readonly int[] _rows;
    private readonly AlignedMatrix _panels;

    // By panel: the length of its longest row.
    private readonly float[] _longest;

    /// <param name="matrix">Rows × K.</param>
    /// <param name="rows">The rows to pack, once each. Of rows equally long, those that score high for many queries should come first: they raise the thresholds early.</param>
    /// <param name="unitLength">Whether each row is scaled to length 1; a zero row then scores NaN.</param>
    /// <param name="columns">How many columns of the matrix to look at; null: all.</param>
    /// <param name="fused">Whether products and sums are fused where the processor can; otherwise each product is rounded before it is added.</param>
    public PanelIndex(AlignedMatrix matrix, ReadOnlySpan<int> rows, bool unitLength = false, int? columns = null, bool fused = true)
    {
        if (Vector512.IsHardwareAccelerated)
            Choose<Lanes.Sixteen, Vector512<float>>(fused, out _scorePanel, out _scoreTile);
        else if (Vector256.IsHardwareAccelerated)
            Choose<Lanes.Eight, Vector256<float>>(fused, out _scorePanel, out _scoreTile);
        else if (Vector128.IsHardwareAccelerated)
            Choose<Lanes.Four, Vector128<float>>(fused, out _scorePanel, out _scoreTile);
        else
            Choose<Lanes.One, float>(fused, out _scorePanel, out _scoreTile);

        _rank = columns ?? matrix.Columns;
        var lengths = new float[rows.Length];
        var order = new int[rows.Length];
        for (int i = 0; i < order.Length; i++)
            (order[i], lengths[i]) = (i, Length(matrix[rows[i]][.._rank]));
        if (!unitLength)
            Array.Sort(order, (a, b) => lengths[a] != lengths[b] ? lengths[b].CompareTo(lengths[a]) : a.CompareTo(b));

        var panels = (order.Length + Width - 1) / Width;
        _rows = new int[panels * Width];
        _rows.AsSpan(order.Length).Fill(-1);
        _longest = new float[panels];
        _panels = new AlignedMatrix(1, checked(_rows.Length * _rank));
        for (int position = 0; position < order.Length; position++)
        {
            var (panel, lane) = Math.DivRem(position, Width);
            var length = lengths[order[position]];
            var scale = unitLength ? 1 / length : 1;
            var row = matrix[_rows[position] = rows[order[position]]][.._rank];
            var target = _panels.Pointer + (long)panel * _rank * Width + lane;
            for (int k = 0; k < row.Length; k++)
                target[(long)k * Width] = row[k] * scale;
            _longest[panel] = Math.Max(_longest[panel], unitLength ? 1 : length);
        }
    }

    /// <summary>K.</summary>
    public int Columns => _rank;

    /// <summary>‖row‖.</summary>
    public static float Length(ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (var value in row)
            sum += (double)value * value;
        return (float)Math.Sqrt(sum);
    }

    /// <summary>⟨x, y⟩.</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y, bool fused = true)
    {
        float sum = 0;
        for (int k = 0; k < x.Length; k++)
            sum = fused ? Lanes.One.MultiplyAdd(x[k], y[k], sum) : Lanes.One.MultiplyThenAdd(x[k], y[k], sum);
        return sum;
    }

    /// <summary>⟨query, row⟩ for every packed row, written at the row's index.</summary>
    public void Score(ReadOnlySpan<float> query, Span<float> scores)
    {
        Debug.Assert(query.Length == _rank);
        var lanes = stackalloc float[Width];
        fixed (float* x = query)
        {
            for (int panel = 0; panel < _longest.Length; panel++)
            {
                _scorePanel(x, Panel(panel), _rank, lanes);
                for (int lane = 0; lane < Width; lane++)
                    if (_rows[panel * Width + lane] is var row and >= 0)
                        scores[row] = lanes[lane];
            }
        }
    }

    /// <summary>Offers the packed rows to the queries' lists, leaving out what cannot enter.</summary>
    /// <param name="queries">Q × K; Q is a multiple of <see cref="TileHeight"/>. Surplus queries are zero.</param>
    /// <param name="lists">At most Q lists.</param>
    public void Search(ReadOnlySpan<float> queries, Span<TopList> lists)
    {
        Debug.Assert(queries.Length % (TileHeight * _rank) == 0 && queries.Length >= lists.Length * _rank);
        var count = queries.Length / _rank;
        Span<float> thresholds = stackalloc float[count];
        Span<float> lengths = stackalloc float[count];
        thresholds.Fill(float.PositiveInfinity);
        for (int list = 0; list < lists.Length; list++)
        {
            thresholds[list] = lists[list].Threshold;
            lengths[list] = Length(queries.Slice(list * _rank, _rank)) * RoundingMargin;
        }
        var hits = stackalloc ulong[TileHeight];
        var scores = stackalloc float[TileHeight * Width];
        fixed (float* x = queries, t = thresholds)
        {
            for (int panel = 0; panel < _longest.Length; panel++)
            {
                var isOver = true;
                for (int query = 0; query < count; query += TileHeight)
                {
                    if (IsBelow(lengths.Slice(query, TileHeight), _longest[panel], thresholds.Slice(query, TileHeight)))
                        continue;
                    isOver = false;
                    if (_scoreTile(x + (long)query * _rank, Panel(panel), _rank, t + query, scores, hits))
                        Offer(panel, scores, hits, lists[query..], thresholds[query..]);
                }
                // Thresholds only rise, and no later row is longer.
                if (isOver)
                    break;
            }
        }
    }

    /// <summary>Whether no row of this length can reach any query's threshold. False when a number is NaN.</summary>
    private static bool IsBelow(ReadOnlySpan<float> queryLengths, float rowLength, ReadOnlySpan<float> thresholds)
    {
        for (int i = 0; i < queryLengths.Length; i++)
            if (!(queryLengths[i] * rowLength + SmallestNormal < thresholds[i]))
                return false;
        return true;
    }

    private void Offer(int panel, float* scores, ulong* hits, Span<TopList> lists, Span<float> thresholds)
    {
        for (int i = 0; i < TileHeight; i++)
        {
            if (hits[i] == 0)
                continue;
            ref var list = ref lists[i];
            for (var bits = hits[i]; bits != 0; bits &= bits - 1)
            {
                var lane = BitOperations.TrailingZeroCount(bits);
                if (_rows[panel * Width + lane] is var row and >= 0)
                    list.Offer(row, scores[i * Width + lane]);
            }
            thresholds[i] = list.Threshold;
        }
    }

    private float* Panel(int panel) => _panels.Pointer + (long)panel * Width * _rank;

    private static void Choose<TLanes, TVector>(bool fused,
        out delegate*<float*, float*, int, float*, void> scorePanel, out delegate*<float*, float*, int, float*, float*, ulong*, bool> scoreTile)
        where TLanes : ILanes<TVector> where TVector : struct
    {
        scorePanel = fused ? &ScorePanel<TLanes, TVector> : &ScorePanel<Lanes.Unfused<TLanes, TVector>, TVector>;
        scoreTile = fused ? &ScoreTile<TLanes, TVector> : &ScoreTile<Lanes.Unfused<TLanes, TVector>, TVector>;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScorePanel<TLanes, TVector>(float* query, float* panel, int rank, float* scores)
        where TLanes : ILanes<TVector> where TVector : struct
    {
        TVector s0 = default, s1 = default, s2 = default;
        for (int k = 0; k < rank; k++, panel += Registers * TLanes.Count)
        {
            var x = TLanes.Broadcast(query[k]);
            s0 = TLanes.MultiplyAdd(x, TLanes.Load(panel), s0);
            s1 = TLanes.MultiplyAdd(x, TLanes.Load(panel + TLanes.Count), s1);
            s2 = TLanes.MultiplyAdd(x, TLanes.Load(panel + 2 * TLanes.Count), s2);
        }
        TLanes.Store(s0, scores);
        TLanes.Store(s1, scores + TLanes.Count);
        TLanes.Store(s2, scores + 2 * TLanes.Count);
    }

    /// <summary>Four queries against a panel: which lanes reach each query's threshold and, when there is one, all scores.</summary>
    // The twelve sums stay in registers; they are stored only on a hit, so nothing is called while they live.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool ScoreTile<TLanes, TVector>(float* queries, float* panel, int rank, float* thresholds, float* scores, ulong* hits)
        where TLanes : ILanes<TVector> where TVector : struct
    {
        TVector a0 = default, a1 = default, a2 = default;
        TVector b0 = default, b1 = default, b2 = default;
        TVector c0 = default, c1 = default, c2 = default;
        TVector d0 = default, d1 = default, d2 = default;
        float* a = queries, b = a + rank, c = b + rank, d = c + rank;
        for (int k = 0; k < rank; k++, panel += Registers * TLanes.Count)
        {
            var y0 = TLanes.Load(panel);
            var y1 = TLanes.Load(panel + TLanes.Count);
            var y2 = TLanes.Load(panel + 2 * TLanes.Count);
            var x = TLanes.Broadcast(a[k]);
            a0 = TLanes.MultiplyAdd(x, y0, a0);
            a1 = TLanes.MultiplyAdd(x, y1, a1);
            a2 = TLanes.MultiplyAdd(x, y2, a2);
            x = TLanes.Broadcast(b[k]);
            b0 = TLanes.MultiplyAdd(x, y0, b0);
            b1 = TLanes.MultiplyAdd(x, y1, b1);
            b2 = TLanes.MultiplyAdd(x, y2, b2);
            x = TLanes.Broadcast(c[k]);
            c0 = TLanes.MultiplyAdd(x, y0, c0);
            c1 = TLanes.MultiplyAdd(x, y1, c1);
            c2 = TLanes.MultiplyAdd(x, y2, c2);
            x = TLanes.Broadcast(d[k]);
            d0 = TLanes.MultiplyAdd(x, y0, d0);
            d1 = TLanes.MultiplyAdd(x, y1, d1);
            d2 = TLanes.MultiplyAdd(x, y2, d2);
        }
        var any = Hits<TLanes, TVector>(a0, a1, a2, thresholds[0], out hits[0])
            | Hits<TLanes, TVector>(b0, b1, b2, thresholds[1], out hits[1])
            | Hits<TLanes, TVector>(c0, c1, c2, thresholds[2], out hits[2])
            | Hits<TLanes, TVector>(d0, d1, d2, thresholds[3], out hits[3]);
        if (any == 0)
            return false;
        Store<TLanes, TVector>(a0, a1, a2, scores);
        Store<TLanes, TVector>(b0, b1, b2, scores + Registers * TLanes.Count);
        Store<TLanes, TVector>(c0, c1, c2, scores + 2 * Registers * TLanes.Count);
        Store<TLanes, TVector>(d0, d1, d2, scores + 3 * Registers * TLanes.Count);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hits<TLanes, TVector>(TVector s0, TVector s1, TVector s2, float threshold, out ulong hits)
        where TLanes : ILanes<TVector> where TVector : struct
    {
        var t = TLanes.Broadcast(threshold);
        return hits = TLanes.AtLeast(s0, t) | (ulong)TLanes.AtLeast(s1, t) << TLanes.Count | (ulong)TLanes.AtLeast(s2, t) << 2 * TLanes.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes, TVector>(TVector s0, TVector s1, TVector s2, float* scores)
        where TLanes : ILanes<TVector> where TVector : struct
    {
        TLanes.Store(s0, scores);
        TLanes.Store(s1, scores + TLanes.Count);
        TLanes.Store(s2, scores + 2 * TLanes.Count);
    }
}
