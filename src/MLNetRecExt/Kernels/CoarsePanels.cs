using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The rows of packed panels once more, a byte a number: a quarter of what the panels themselves take. They bound every ⟨query, row⟩ from
/// above, so that a search reads only the panels in which a row can reach its threshold. The upper four bits of the bytes are apart from the
/// lower ones, which are read only where the upper ones do not decide.
/// </summary>
/// <remarks>
/// With x̃ and q̃ for the rounded row and query, ⟨q, x⟩ = ⟨q̃, x̃⟩ + ⟨q − q̃, x̃⟩ + ⟨q, x − x̃⟩. The first product is summed in integers, exactly;
/// the others are at most ‖q − q̃‖ ‖x̃‖ + ‖q‖ ‖x − x̃‖. With v for the bytes and u for their upper bits, x̃ is level · (v − 127), or, as far as
/// the upper bits tell, level · (16u + 7½ − 127).
/// </remarks>
internal sealed unsafe class CoarsePanels
{
    /// <summary>Rows shorter than this are as quickly multiplied as bounded.</summary>
    public const int MinColumns = 16;

    /// <summary>A panel is one or more groups of this many rows: three registers, each a step of eight rows.</summary>
    private const int GroupRows = 24;

    // A step is eight numbers of a row, four bits each in four bytes: the first four numbers in the bytes' lower bits.
    private const int StepNumbers = 8, StepBytes = 4, GroupStepBytes = GroupRows * StepBytes;

    // What a thread packs at a time.
    private const int GroupsPerTask = 128;

    // Bytes that are fetched ahead: past the page, where the processor's own prefetching ends.
    private const int Ahead = 4096;

    // A number is rounded to a multiple of a 127th of the group's largest, or of the query's. With 127 added a row's are bytes.
    private const int Levels = 127;
    private const int UpperStep = 16;
    private const double UpperMiddle = (UpperStep - 1) / 2.0;

    // As many steps are summed in 16 bits: 4 · 2 · 2 · 15 · 127 < 2¹⁵.
    private const int StepsInShorts = 4;

    // What the sum of a panel can exceed ⟨query, row⟩ by: see PanelIndex.
    private const double RoundingShare = 2e-4, SmallestNormal = 1.1754944e-38;

    private readonly int _rank, _steps, _groupsPerPanel;
    private readonly AlignedMatrix _upper, _lower;
    private readonly Group[] _groups;

    private CoarsePanels(float* panels, int panelCount, int width, int rank, ParallelOptions parallel)
    {
        (_rank, _steps, _groupsPerPanel) = (rank, (rank + StepNumbers - 1) / StepNumbers, width / GroupRows);
        _groups = new Group[panelCount * _groupsPerPanel];
        var floats = checked(_groups.Length * GroupRows * _steps);
        (_upper, _lower) = (new(1, floats), new(1, floats));
        PanelIndex.InParts(_groups.Length, GroupsPerTask, parallel, group =>
        {
            var (panel, part) = Math.DivRem(group, _groupsPerPanel);
            _groups[group] = Pack(group, panels + (long)panel * width * rank + part * GroupRows, width);
        });
    }

    /// <summary>Bounds for panels of K × <paramref name="width"/>; null where the processor or short rows would make them no gain.</summary>
    public static CoarsePanels? For(float* panels, int panelCount, int width, int rank, ParallelOptions parallel) =>
        Avx2.IsSupported && width % GroupRows == 0 && rank >= MinColumns ? new(panels, panelCount, width, rank, parallel) : null;

    /// <summary>Bytes a row of K takes.</summary>
    public static long BytesPerRow(int columns) => Avx2.IsSupported && columns >= MinColumns
        ? (columns + StepNumbers - 1) / StepNumbers * StepNumbers + (sizeof(Group) + GroupRows - 1) / GroupRows
        : 0;

    /// <summary>A query, to be asked about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Query Round(ReadOnlySpan<float> query)
    {
        Debug.Assert(query.Length == _rank);
        var rounded = new sbyte[_steps * StepNumbers];
        var largest = 0f;
        foreach (var value in query)
            largest = MathF.Max(largest, MathF.Abs(value));
        var level = (double)largest / Levels;
        double error = 0, length = 0;
        var sum = 0;
        for (int k = 0; k < query.Length && level > 0; k++)
        {
            rounded[k] = (sbyte)Math.Clamp(Math.Round(query[k] / level), -Levels, Levels);
            var rest = query[k] - rounded[k] * level;
            error += rest * rest;
            length += (double)query[k] * query[k];
            sum += rounded[k];
        }
        return new(rounded, level, Math.Sqrt(error), Math.Sqrt(length), sum);
    }

    /// <summary>Whether a row of the panel may reach the threshold. Never false where one does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool MayReach(int panel, Query query, float threshold)
    {
        for (int group = panel * _groupsPerPanel; group < (panel + 1) * _groupsPerPanel; group++)
        {
            ref readonly var rows = ref _groups[group];
            byte* upper = PlaneOf(_upper, group), lower = PlaneOf(_lower, group);
            if (MayReach(upper, null, query, Needed(query, threshold, rows.Level, rows.UpperError, rows.UpperLength, UpperMiddle) / UpperStep)
                && MayReach(upper, lower, query, Needed(query, threshold, rows.Level, rows.Error, rows.Length, 0)))
                return true;
        }
        return false;
    }

    private byte* PlaneOf(AlignedMatrix planes, int group) => (byte*)planes.Pointer + (long)group * GroupStepBytes * _steps;

    /// <summary>What the sum of products with the bytes of a row, without the <paramref name="middle"/> of what they lack, must be above
    /// for ⟨query, row⟩ to reach the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Needed(Query query, float threshold, double level, double error, double length, double middle)
    {
        var excess = query.Error * length + query.Length * error + RoundingShare * query.Length * (length + error) + SmallestNormal;
        return (threshold - excess) / (query.Level * level) + (Levels - middle) * query.Sum;
    }

    /// <summary>Whether the sum of a row may be above a bound. What is not a number may be above anything.</summary>
    private bool MayReach(byte* upper, byte* lower, Query query, double needed)
    {
        var bound = Math.Floor(needed) - 1;
        return !(bound > int.MinValue / 2) || (bound < int.MaxValue / 2 && AnyAbove(upper, lower, query.Rounded, _steps, (int)bound));
    }

    /// <summary>Rounds the rows of a group.</summary>
    /// <param name="group">Its index.</param>
    /// <param name="rows">Its first number, K × <paramref name="width"/>.</param>
    /// <param name="width">From a number of a row to the next one.</param>
    private Group Pack(int group, float* rows, int width)
    {
        var largest = 0f;
        for (int k = 0; k < _rank; k++)
        {
            var numbers = new ReadOnlySpan<float>(rows + (long)k * width, GroupRows);
            largest = MathF.Max(largest, MathF.Abs(TensorPrimitives.MaxMagnitude(numbers)));
        }
        var packed = new Group { Level = largest > 0 ? largest / Levels : 1 };
        for (int lane = 0; lane < GroupRows; lane += Vector256<double>.Count)
            PackRows(rows + lane, width, ref packed, PlaneOf(_upper, group) + lane * StepBytes, PlaneOf(_lower, group) + lane * StepBytes);
        return packed;
    }

    /// <summary>Rounds four rows, a number of each at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackRows(float* rows, int width, ref Group group, byte* upper, byte* lower)
    {
        Vector256<double> error = default, length = error, upperError = error, upperLength = error;
        var level = Vector256.Create((double)group.Level);
        for (int step = 0; step < _steps; step++)
        {
            Vector128<int> uppers = default, lowers = default;
            for (int part = 0; part < Math.Min(StepNumbers, _rank - step * StepNumbers); part++)
            {
                var value = Avx.ConvertToVector256Double(Vector128.Load(rows + (long)(step * StepNumbers + part) * width));
                var rounded = Avx.RoundToNearestInteger(value / level);
                // The second of two is what these give for NaN.
                rounded = Avx.Max(Vector256.Create((double)-Levels), Avx.Min(Vector256.Create((double)Levels), rounded));
                // NaN becomes the least integer, whose last byte is 0.
                var number = Avx.ConvertToVector128Int32(rounded + Vector256.Create((double)Levels)) & Vector128.Create(0xFF);
                var high = number >> 4;
                Add(value, rounded * level, ref error, ref length);
                var middle = Avx.ConvertToVector256Double(high) * Vector256.Create((double)UpperStep) + Vector256.Create(UpperMiddle - Levels);
                Add(value, middle * level, ref upperError, ref upperLength);
                var shift = 8 * (part % StepBytes) + part / StepBytes * 4;
                uppers |= high << shift;
                lowers |= (number & Vector128.Create(0xF)) << shift;
            }
            uppers.Store((int*)(upper + (long)step * GroupStepBytes));
            lowers.Store((int*)(lower + (long)step * GroupStepBytes));
        }
        group.Error = Largest(group.Error, error);
        group.Length = Largest(group.Length, length);
        group.UpperError = Largest(group.UpperError, upperError);
        group.UpperLength = Largest(group.UpperLength, upperLength);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<double> value, Vector256<double> nearest, ref Vector256<double> error, ref Vector256<double> length)
    {
        var rest = value - nearest;
        error += rest * rest;
        length += nearest * nearest;
    }

    /// <summary>A float that is not below the root of any of the squares.</summary>
    private static float Largest(float least, Vector256<double> squares)
    {
        // Math.Max gives NaN for NaN.
        for (int row = 0; row < Vector256<double>.Count; row++)
            least = MathF.Max(least, MathF.BitIncrement((float)Math.Sqrt(squares[row])));
        return least;
    }

    /// <summary>Whether the sum of a row's products is above the bound.</summary>
    /// <param name="upper">The upper bits of the rows of a group.</param>
    /// <param name="lower">The lower ones; null: the upper ones alone are summed.</param>
    /// <param name="query">The rounded query.</param>
    /// <param name="steps">Of a row.</param>
    /// <param name="bound">Of the sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AnyAbove(byte* upper, byte* lower, ReadOnlySpan<sbyte> query, int steps, int bound)
    {
        fixed (sbyte* numbers = query)
        {
            var ones = Vector256.Create((short)1);
            Vector256<int> s0 = default, s1 = s0, s2 = s0;
            for (var plane = upper; plane != null; plane = plane == upper ? lower : null)
            {
                var bytes = plane;
                (s0, s1, s2) = (s0 * UpperStep, s1 * UpperStep, s2 * UpperStep);
                for (int step = 0; step < steps;)
                {
                    Vector256<short> t0 = default, t1 = t0, t2 = t0;
                    for (var end = Math.Min(step + StepsInShorts, steps); step < end; step++, bytes += GroupStepBytes)
                    {
                        Sse.Prefetch0(bytes + Ahead);
                        Sse.Prefetch0(bytes + Ahead + 64);
                        var first = Vector256.Create(((int*)numbers)[2 * step]).AsSByte();
                        var second = Vector256.Create(((int*)numbers)[2 * step + 1]).AsSByte();
                        t0 += Products(Vector256.Load(bytes), first, second);
                        t1 += Products(Vector256.Load(bytes + 32), first, second);
                        t2 += Products(Vector256.Load(bytes + 64), first, second);
                    }
                    s0 += Avx2.MultiplyAddAdjacent(t0, ones);
                    s1 += Avx2.MultiplyAddAdjacent(t1, ones);
                    s2 += Avx2.MultiplyAddAdjacent(t2, ones);
                }
            }
            var limit = Vector256.Create(bound);
            var above = Vector256.GreaterThan(s0, limit) | Vector256.GreaterThan(s1, limit) | Vector256.GreaterThan(s2, limit);
            return above != Vector256<int>.Zero;
        }
    }

    /// <summary>Of eight rows the products of eight numbers each, in two sums a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Products(Vector256<byte> numbers, Vector256<sbyte> first, Vector256<sbyte> second)
    {
        var mask = Vector256.Create((byte)0xF);
        return Avx2.MultiplyAddAdjacent(numbers & mask, first)
            + Avx2.MultiplyAddAdjacent((numbers.AsUInt16() >>> 4).AsByte() & mask, second);
    }

    /// <summary>A rounded query.</summary>
    /// <param name="Rounded">Its numbers in levels, K and zeros up to a multiple of eight.</param>
    /// <param name="Level">What a level is.</param>
    /// <param name="Error">‖q − q̃‖.</param>
    /// <param name="Length">‖q‖.</param>
    /// <param name="Sum">Of the rounded numbers.</param>
    public readonly record struct Query(sbyte[] Rounded, double Level, double Error, double Length, int Sum);

    /// <summary>What holds for all rows of a group: a level of their numbers, the largest ‖x − x̃‖ and ‖x̃‖, and those of the upper bits alone.
    /// Numbers that are not finite make the errors so.</summary>
    private struct Group
    {
        public float Level, Error, Length, UpperError, UpperLength;
    }
}
