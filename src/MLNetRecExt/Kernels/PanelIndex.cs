using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>
/// Rows of a matrix packed for scoring: panels of three registers' worth of rows, each panel K × rows, so that a lane
/// of a register is a row. ⟨x, row⟩ is summed over k in order, one multiplication and one addition (fused or not) per step, everywhere:
/// <see cref="Dot"/>, <see cref="Score"/> and <see cref="Search"/> give the same bits whatever the batch, tile or register width.
/// </summary>
/// <remarks>
/// Long rows come first. Since ⟨x, row⟩ ≤ ‖x‖ ‖row‖, a search ends where ‖x‖ times the length of the longest row left
/// is below every query's threshold: for trained factors after a few panels out of hundreds. Of what is left,
/// <see cref="CoarsePanels"/> bound the scores by a quarter of the memory.
/// </remarks>
internal sealed unsafe class PanelIndex
{
    /// <summary>Queries are searched this many at a time; their number must be a multiple.</summary>
    public const int TileHeight = 4;

    private const int Registers = 3;

    // What a thread packs at a time.
    private const int RowsPerTask = 4096, PanelsPerTask = 128;

    // A sum of K ≤ 1024 products, rounded twice each, exceeds its bound by less than 2K · 2⁻²⁴ of it, or by next to nothing near zero.
    private const float RoundingMargin = 1.0002f;
    private const float SmallestNormal = 1.1754944e-38f;

    private static readonly int Width = Registers *
        (Vector512.IsHardwareAccelerated ? Simd512.Width
        : Vector256.IsHardwareAccelerated ? Simd256.Width
        : Simd128.Width);

    // ⟨query, row⟩ for the rows of a panel; and for four queries, where a threshold is reached.
    private readonly delegate*<float*, float*, int, float*, void> _scorePanel;
    private readonly delegate*<float*, float*, int, float*, float*, ulong*, bool> _scoreTile;

    private readonly int _rank;
    private readonly int[] _rows;
    private readonly AlignedMatrix _panels;
    private readonly CoarsePanels? _coarse;

    // By panel: the length of its longest row.
    private readonly float[] _longest;

    /// <param name="matrix">Rows × K.</param>
    /// <param name="rows">The rows to pack, once each. Of rows equally long, those that score high for many queries should come first:
    /// they raise the thresholds early.</param>
    /// <param name="unitLength">Whether each row is scaled to length 1; a zero row then scores NaN.</param>
    /// <param name="columns">How many columns of the matrix to look at; null: all.</param>
    /// <param name="fused">Whether products and sums are fused where the processor can; otherwise each product is rounded before it is
    /// added.</param>
    /// <param name="parallel">Threads to pack with, and cancellation; null: this thread alone. The index does not depend on it.</param>
    public PanelIndex(
        AlignedMatrix matrix, int[] rows, bool unitLength = false, int? columns = null, bool fused = true, ParallelOptions? parallel = null)
    {
        if (Vector512.IsHardwareAccelerated)
            Choose<Simd512, Vector512<float>>(fused, out _scorePanel, out _scoreTile);
        else if (Vector256.IsHardwareAccelerated)
            Choose<Simd256, Vector256<float>>(fused, out _scorePanel, out _scoreTile);
        else
            Choose<Simd128, Vector128<float>>(fused, out _scorePanel, out _scoreTile);

        _rank = columns ?? matrix.Columns;
        parallel ??= new() { MaxDegreeOfParallelism = 1 };
        var lengths = new float[rows.Length];
        InParts(rows.Length, RowsPerTask, parallel, i => lengths[i] = Length(matrix[rows[i]][.._rank]));
        var order = unitLength ? [.. Enumerable.Range(0, rows.Length)] : LongestFirst(lengths);

        var panels = (order.Length + Width - 1) / Width;
        _rows = new int[panels * Width];
        _rows.AsSpan(order.Length).Fill(-1);
        _longest = new float[panels];
        AlignedMatrix.CheckSize(rows.Length, _rank);
        _panels = new AlignedMatrix(1, checked(_rows.Length * _rank));
        InParts(panels, PanelsPerTask, parallel, panel =>
        {
            for (int position = panel * Width; position < Math.Min((panel + 1) * Width, order.Length); position++)
            {
                var length = lengths[order[position]];
                _rows[position] = rows[order[position]];
                PackRow(matrix[_rows[position]][.._rank], position, unitLength ? 1 / length : 1);
                _longest[panel] = Math.Max(_longest[panel], unitLength ? 1 : length);
            }
        });
        _coarse = CoarsePanels.For(_panels.Pointer, panels, Width, _rank, parallel);
    }

    /// <summary>Does something for each of 0…<paramref name="count"/> − 1, so many at a time on one thread.</summary>
    public static void InParts(int count, int size, ParallelOptions parallel, Action<int> action)
    {
        if (count > 0)
            Parallel.ForEach(Partitioner.Create(0, count, size), parallel, part =>
            {
                for (int i = part.Item1; i < part.Item2; i++)
                    action(i);
            });
    }

    /// <summary>The order by length: of equal ones the lower place first, and last what is no number.</summary>
    private static int[] LongestFirst(float[] lengths)
    {
        // As one number, the length above the place, they are sorted several times as fast as by a comparison. Bits of numbers that are not
        // negative are in the order of these.
        var keys = new ulong[lengths.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            var rank = float.IsNaN(lengths[i]) ? uint.MaxValue : int.MaxValue - BitConverter.SingleToUInt32Bits(lengths[i]);
            keys[i] = (ulong)rank << 32 | (uint)i;
        }
        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)(uint)key);
    }

    private void PackRow(ReadOnlySpan<float> row, int position, float scale)
    {
        var (panel, lane) = Math.DivRem(position, Width);
        var target = Panel(panel) + lane;
        for (int k = 0; k < row.Length; k++)
            target[(long)k * Width] = row[k] * scale;
    }

    /// <summary>Bytes that so many rows of K take, and their order while they are packed.</summary>
    public static long SizeOf(int rows, int columns) =>
        ((long)rows + Width - 1) / Width * Width * ((columns + 1L) * sizeof(float) + CoarsePanels.BytesPerRow(columns)) + 8L * rows;

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
            sum = fused ? Simd.MultiplyAdd(x[k], y[k], sum) : x[k] * y[k] + sum;
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
    // Compiled fully at once, as is what it calls for each panel: a first query has thousands.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        // Four queries together are scored as quickly as bounded: the gates are of those that fill no tile.
        var full = lists.Length / TileHeight * TileHeight;
        var gates = new PanelGate[lists.Length - full];
        for (int gate = 0; gate < gates.Length; gate++)
            gates[gate] = new(_coarse, queries.Slice((full + gate) * _rank, _rank));
        fixed (float* x = queries, t = thresholds)
        {
            for (int panel = 0; panel < _longest.Length; panel++)
            {
                var isOver = true;
                for (int query = 0; query < lists.Length; query += TileHeight)
                {
                    if (IsBelow(lengths.Slice(query, TileHeight), _longest[panel], thresholds.Slice(query, TileHeight)))
                        continue;
                    isOver = false;
                    if (query < full)
                        OfferToAll(query, panel, x, t, lists);
                    else
                        OfferToFew(query, panel, x, t, lists, gates);
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

    /// <summary>Offers the rows of a panel to the lists whose gates it passes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OfferToFew(int first, int panel, float* queries, float* thresholds, Span<TopList> lists, Span<PanelGate> gates)
    {
        uint open = 0;
        for (int query = 0; query < gates.Length; query++)
            if (gates[query].IsOpen(panel, thresholds[first + query]))
                open |= 1u << query;
        if (BitOperations.IsPow2(open))
            OfferToOne(first + BitOperations.TrailingZeroCount(open), panel, queries, thresholds, lists);
        else if (open != 0)
            OfferToAll(first, panel, queries, thresholds, lists);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OfferToOne(int query, int panel, float* queries, float* thresholds, Span<TopList> lists)
    {
        var scores = stackalloc float[Width];
        _scorePanel(queries + (long)query * _rank, Panel(panel), _rank, scores);
        ref var list = ref lists[query];
        for (int lane = 0; lane < Width; lane++)
            if (scores[lane] >= thresholds[query] && _rows[panel * Width + lane] is var row and >= 0)
                list.Offer(row, scores[lane]);
        thresholds[query] = list.Threshold;
    }

    /// <summary>Offers the rows of a panel to the lists of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OfferToAll(int first, int panel, float* queries, float* thresholds, Span<TopList> lists)
    {
        var hits = stackalloc ulong[TileHeight];
        var scores = stackalloc float[TileHeight * Width];
        if (!_scoreTile(queries + (long)first * _rank, Panel(panel), _rank, thresholds + first, scores, hits))
            return;
        for (int i = 0; i < TileHeight; i++)
        {
            if (hits[i] == 0)
                continue;
            ref var list = ref lists[first + i];
            for (var bits = hits[i]; bits != 0; bits &= bits - 1)
            {
                var lane = BitOperations.TrailingZeroCount(bits);
                if (_rows[panel * Width + lane] is var row and >= 0)
                    list.Offer(row, scores[i * Width + lane]);
            }
            thresholds[first + i] = list.Threshold;
        }
    }

    private float* Panel(int panel) => _panels.Pointer + (long)panel * Width * _rank;

    private static void Choose<TSimd, TVector>(bool fused,
        out delegate*<float*, float*, int, float*, void> scorePanel,
        out delegate*<float*, float*, int, float*, float*, ulong*, bool> scoreTile)
        where TSimd : struct, ISimd<TVector>
    {
        scorePanel = fused ? &Tiles<TSimd, TVector, Fused>.ScorePanel : &Tiles<TSimd, TVector, Rounded>.ScorePanel;
        scoreTile = fused ? &Tiles<TSimd, TVector, Fused>.ScoreTile : &Tiles<TSimd, TVector, Rounded>.ScoreTile;
    }

    /// <summary>The arithmetic, for one register and one way to sum.</summary>
    private static class Tiles<TSimd, TVector, TSum>
        where TSimd : struct, ISimd<TVector>
        where TSum : struct
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void ScorePanel(float* query, float* panel, int rank, float* scores)
        {
            var s0 = TSimd.Create(0);
            TVector s1 = s0, s2 = s0;
            for (int k = 0; k < rank; k++, panel += Registers * TSimd.Width)
            {
                var x = TSimd.Create(query[k]);
                s0 = AddProduct(x, TSimd.Load(panel), s0);
                s1 = AddProduct(x, TSimd.Load(panel + TSimd.Width), s1);
                s2 = AddProduct(x, TSimd.Load(panel + 2 * TSimd.Width), s2);
            }
            TSimd.Store(s0, scores);
            TSimd.Store(s1, scores + TSimd.Width);
            TSimd.Store(s2, scores + 2 * TSimd.Width);
        }

        /// <summary>Four queries against a panel: which lanes reach each query's threshold and, when there is one, all scores.</summary>
        // The twelve sums stay in registers; they are stored only on a hit, so nothing is called while they live.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static bool ScoreTile(float* queries, float* panel, int rank, float* thresholds, float* scores, ulong* hits)
        {
            var a0 = TSimd.Create(0);
            TVector a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0, c0 = a0, c1 = a0, c2 = a0, d0 = a0, d1 = a0, d2 = a0;
            float* a = queries, b = a + rank, c = b + rank, d = c + rank;
            for (int k = 0; k < rank; k++, panel += Registers * TSimd.Width)
            {
                var y0 = TSimd.Load(panel);
                var y1 = TSimd.Load(panel + TSimd.Width);
                var y2 = TSimd.Load(panel + 2 * TSimd.Width);
                var x = TSimd.Create(a[k]);
                a0 = AddProduct(x, y0, a0);
                a1 = AddProduct(x, y1, a1);
                a2 = AddProduct(x, y2, a2);
                x = TSimd.Create(b[k]);
                b0 = AddProduct(x, y0, b0);
                b1 = AddProduct(x, y1, b1);
                b2 = AddProduct(x, y2, b2);
                x = TSimd.Create(c[k]);
                c0 = AddProduct(x, y0, c0);
                c1 = AddProduct(x, y1, c1);
                c2 = AddProduct(x, y2, c2);
                x = TSimd.Create(d[k]);
                d0 = AddProduct(x, y0, d0);
                d1 = AddProduct(x, y1, d1);
                d2 = AddProduct(x, y2, d2);
            }
            var any = Hits(a0, a1, a2, thresholds[0], out hits[0])
                | Hits(b0, b1, b2, thresholds[1], out hits[1])
                | Hits(c0, c1, c2, thresholds[2], out hits[2])
                | Hits(d0, d1, d2, thresholds[3], out hits[3]);
            if (any == 0)
                return false;
            Store(a0, a1, a2, scores);
            Store(b0, b1, b2, scores + Registers * TSimd.Width);
            Store(c0, c1, c2, scores + 2 * Registers * TSimd.Width);
            Store(d0, d1, d2, scores + 3 * Registers * TSimd.Width);
            return true;
        }

        /// <summary>x·y + sum, as <typeparamref name="TSum"/> says. Both sides of the comparison are constants to the JIT.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector AddProduct(TVector x, TVector y, TVector sum) =>
            typeof(TSum) == typeof(Fused) ? TSimd.MultiplyAdd(x, y, sum) : TSimd.Add(TSimd.Multiply(x, y), sum);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong Hits(TVector s0, TVector s1, TVector s2, float threshold, out ulong hits)
        {
            var t = TSimd.Create(threshold);
            ulong low = TSimd.AtLeast(s0, t), middle = TSimd.AtLeast(s1, t), high = TSimd.AtLeast(s2, t);
            return hits = low | middle << TSimd.Width | high << 2 * TSimd.Width;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store(TVector s0, TVector s1, TVector s2, float* scores)
        {
            TSimd.Store(s0, scores);
            TSimd.Store(s1, scores + TSimd.Width);
            TSimd.Store(s2, scores + 2 * TSimd.Width);
        }
    }

    /// <summary>Sums by <see cref="ISimd{TVector}.MultiplyAdd"/>.</summary>
    private readonly struct Fused;

    /// <summary>Sums in which each product is rounded first: they equal those of code without fused instructions.</summary>
    private readonly struct Rounded;
}
