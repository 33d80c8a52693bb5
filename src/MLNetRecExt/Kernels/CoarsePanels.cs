using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The rows of packed panels once more, a byte a number: a quarter of what the panels themselves take. They bound every ⟨query, row⟩ from
/// above, so that a search reads only the panels in which a row can reach its threshold.
/// </summary>
/// <remarks>
/// With x̃ and q̃ for the rounded row and query, ⟨q, x⟩ = ⟨q̃, x̃⟩ + ⟨q − q̃, x̃⟩ + ⟨q, x − x̃⟩. The first product is summed in integers, exactly;
/// the others are at most ‖q − q̃‖ ‖x̃‖ + ‖q‖ ‖x − x̃‖.
/// </remarks>
internal sealed unsafe class CoarsePanels
{
    /// <summary>Rows shorter than this are as quickly multiplied as bounded.</summary>
    public const int MinColumns = 16;

    /// <summary>A panel is one or more groups of this many rows: three registers, four numbers of a row side by side in each.</summary>
    private const int GroupRows = 24;

    private const int NumbersPerStep = 4;

    // What a thread packs at a time.
    private const int GroupsPerTask = 128;

    // Bytes that are fetched ahead: past the page, where the processor's own prefetching ends.
    private const int Ahead = 4096;

    // A number is rounded to a multiple of a 127th of the group's largest, or of a 64th of the query's. With 127 added a row's are bytes;
    // two products are summed in 16 bits: 2 · 254 · 64 < 2¹⁵.
    private const int RowLevels = 127, QueryLevels = 64;

    // What the sum of a panel can exceed ⟨query, row⟩ by: see PanelIndex.
    private const double RoundingShare = 2e-4, SmallestNormal = 1.1754944e-38;

    private readonly int _rank, _steps, _groupsPerPanel;
    private readonly AlignedMatrix _bytes;

    // By group: a level of its numbers, the largest ‖x − x̃‖ and ‖x̃‖. Numbers that are not finite make the errors so.
    private readonly double[] _level, _error, _length;

    private CoarsePanels(float* panels, int panelCount, int width, int rank, ParallelOptions parallel)
    {
        (_rank, _steps, _groupsPerPanel) = (rank, (rank + NumbersPerStep - 1) / NumbersPerStep, width / GroupRows);
        var groups = panelCount * _groupsPerPanel;
        _bytes = new AlignedMatrix(1, checked(groups * GroupRows * _steps));
        (_level, _error, _length) = (new double[groups], new double[groups], new double[groups]);
        PanelIndex.InParts(groups, GroupsPerTask, parallel, group =>
        {
            var (panel, part) = Math.DivRem(group, _groupsPerPanel);
            Pack(group, panels + (long)panel * width * rank + part * GroupRows, width);
        });
    }

    /// <summary>Bounds for panels of K × <paramref name="width"/>; null where the processor or short rows would make them no gain.</summary>
    public static CoarsePanels? For(float* panels, int panelCount, int width, int rank, ParallelOptions parallel) =>
        Avx2.IsSupported && width % GroupRows == 0 && rank >= MinColumns ? new(panels, panelCount, width, rank, parallel) : null;

    /// <summary>Bytes a row of K takes.</summary>
    public static long BytesPerRow(int columns) =>
        Avx2.IsSupported && columns >= MinColumns ? (columns + NumbersPerStep - 1) / NumbersPerStep * NumbersPerStep + 1 : 0;

    /// <summary>A query, to be asked about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Query Round(ReadOnlySpan<float> query)
    {
        Debug.Assert(query.Length == _rank);
        var rounded = new sbyte[_steps * NumbersPerStep];
        var largest = 0f;
        foreach (var value in query)
            largest = MathF.Max(largest, MathF.Abs(value));
        var level = (double)largest / QueryLevels;
        double error = 0, length = 0;
        var sum = 0;
        for (int k = 0; k < query.Length && level > 0; k++)
        {
            rounded[k] = (sbyte)Math.Clamp(Math.Round(query[k] / level), -QueryLevels, QueryLevels);
            var rest = query[k] - rounded[k] * level;
            error += rest * rest;
            length += (double)query[k] * query[k];
            sum += rounded[k];
        }
        return new(rounded, level, Math.Sqrt(error), Math.Sqrt(length), sum * RowLevels);
    }

    /// <summary>Whether a row of the panel may reach the threshold. Never false where one does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool MayReach(int panel, Query query, float threshold)
    {
        for (int group = panel * _groupsPerPanel; group < (panel + 1) * _groupsPerPanel; group++)
        {
            var error = query.Error * _length[group] + query.Length * _error[group]
                + RoundingShare * query.Length * (_length[group] + _error[group]) + SmallestNormal;
            var bound = Math.Floor((threshold - error) / (query.Level * _level[group])) - 1;
            // Negated: what is not a number may reach anything.
            if (!(bound > int.MinValue / 2))
                return true;
            if (bound < int.MaxValue / 2 && AnyAbove((byte*)_bytes.Pointer + (long)group * GroupRows * NumbersPerStep * _steps,
                query.Rounded, _steps, (int)bound + query.Offset))
                return true;
        }
        return false;
    }

    /// <summary>Rounds the rows of a group.</summary>
    /// <param name="group">Its index.</param>
    /// <param name="rows">Its first number, K × <paramref name="width"/>.</param>
    /// <param name="width">From a number of a row to the next one.</param>
    private void Pack(int group, float* rows, int width)
    {
        var largest = 0f;
        for (int k = 0; k < _rank; k++)
        {
            var numbers = new ReadOnlySpan<float>(rows + (long)k * width, GroupRows);
            largest = MathF.Max(largest, MathF.Abs(TensorPrimitives.MaxMagnitude(numbers)));
        }
        var level = largest > 0 ? (double)largest / RowLevels : 1;
        var bytes = (byte*)_bytes.Pointer + (long)group * GroupRows * NumbersPerStep * _steps;
        _level[group] = level;
        for (int lane = 0; lane < GroupRows; lane += Vector256<double>.Count)
        {
            var (error, length) = PackRows(rows + lane, width, level, bytes + lane * NumbersPerStep);
            for (int row = 0; row < Vector256<double>.Count; row++)
            {
                // Math.Max gives NaN for NaN.
                _error[group] = Math.Max(_error[group], Math.Sqrt(error[row]));
                _length[group] = Math.Max(_length[group], Math.Sqrt(length[row]));
            }
        }
    }

    /// <summary>Rounds four rows, a number of each at a time.</summary>
    /// <returns>Of each ‖x − x̃‖² and ‖x̃‖².</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (Vector256<double> Error, Vector256<double> Length) PackRows(float* rows, int width, double level, byte* bytes)
    {
        Vector256<double> error = default, length = default;
        var levels = Vector256.Create(level);
        for (int step = 0; step < _steps; step++)
        {
            Vector128<int> packed = default;
            for (int part = 0; part < Math.Min(NumbersPerStep, _rank - step * NumbersPerStep); part++)
            {
                var value = Avx.ConvertToVector256Double(Vector128.Load(rows + (long)(step * NumbersPerStep + part) * width));
                var rounded = Avx.RoundToNearestInteger(value / levels);
                // The second of two is what these give for NaN.
                rounded = Avx.Max(Vector256.Create((double)-RowLevels), Avx.Min(Vector256.Create((double)RowLevels), rounded));
                var nearest = rounded * levels;
                var rest = value - nearest;
                error += rest * rest;
                length += nearest * nearest;
                // NaN becomes the least integer, whose last byte is 0.
                var number = Avx.ConvertToVector128Int32(rounded + Vector256.Create((double)RowLevels)) & Vector128.Create(0xFF);
                packed |= number << (8 * part);
            }
            packed.Store((int*)(bytes + (long)step * GroupRows * NumbersPerStep));
        }
        return (error, length);
    }

    /// <summary>Whether the sum of a row's products is above the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AnyAbove(byte* group, ReadOnlySpan<sbyte> query, int steps, int bound)
    {
        fixed (sbyte* numbers = query)
        {
            var fours = (int*)numbers;
            var ones = Vector256.Create((short)1);
            Vector256<int> s0 = default, s1 = s0, s2 = s0;
            for (int step = 0; step < steps; step++, group += GroupRows * NumbersPerStep)
            {
                Sse.Prefetch0(group + Ahead);
                Sse.Prefetch0(group + Ahead + 64);
                var q = Vector256.Create(fours[step]).AsSByte();
                s0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(group), q), ones);
                s1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(group + 32), q), ones);
                s2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(group + 64), q), ones);
            }
            var limit = Vector256.Create(bound);
            var above = Vector256.GreaterThan(s0, limit) | Vector256.GreaterThan(s1, limit) | Vector256.GreaterThan(s2, limit);
            return above != Vector256<int>.Zero;
        }
    }

    /// <summary>A rounded query.</summary>
    /// <param name="Rounded">Its numbers in levels, K and zeros up to a multiple of four.</param>
    /// <param name="Level">What a level is.</param>
    /// <param name="Error">‖q − q̃‖.</param>
    /// <param name="Length">‖q‖.</param>
    /// <param name="Offset">What the sums of a row are larger by, as <see cref="RowLevels"/> is added to its numbers.</param>
    public readonly record struct Query(sbyte[] Rounded, double Level, double Error, double Length, int Offset);
}
