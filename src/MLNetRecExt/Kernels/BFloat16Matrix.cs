using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>A copy of a factor matrix in half its bytes: of each float the upper 16 bits, rounded to nearest, ties to even.</summary>
internal sealed unsafe class BFloat16Matrix
{
    private const int NumbersOfLine = 32;
    private const int PrefetchDistance = 16;
    private const int RowsPerPart = 4096;

    private readonly AlignedMatrix _lines;
    private readonly int _stride;

    /// <param name="rows">Rows of the longest matrix that is copied.</param>
    /// <param name="stride">Of the matrices, a multiple of 16.</param>
    public BFloat16Matrix(int rows, int stride)
    {
        _stride = stride;
        _lines = new AlignedMatrix((int)(((long)rows * stride + NumbersOfLine - 1) / NumbersOfLine), NumbersOfLine / 2);
    }

    /// <summary>The bytes that it takes.</summary>
    public static long BytesOf(long rows, int columns) => AlignedMatrix.BytesOf(rows, columns) / 2;

    private ushort* Pointer => (ushort*)_lines.Pointer;

    public void CopyFrom(AlignedMatrix matrix, ParallelOptions parallel)
    {
        var parts = (matrix.Rows + RowsPerPart - 1) / RowsPerPart;
        Parallel.For(0, parts, parallel, part =>
        {
            var first = (long)part * RowsPerPart;
            var count = Math.Min(RowsPerPart, matrix.Rows - first) * _stride;
            Round(matrix.Pointer + first * _stride, count, Pointer + first * _stride);
        });
        GC.KeepAlive(matrix);
    }

    /// <summary>Asks the memory for the first rows that <see cref="Gather"/> reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Prefetch(ReadOnlySpan<int> indices)
    {
        for (int e = 0; e < Math.Min(PrefetchDistance, indices.Length); e++)
            Prefetch(Pointer + (long)indices[e] * _stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(ushort* row)
    {
        for (int k = 0; Sse.IsSupported && k < _stride; k += NumbersOfLine)
            Sse.Prefetch0(row + k);
    }

    /// <summary>panel[e] = the copy of row indices[e], as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gather(ReadOnlySpan<int> indices, float* panel)
    {
        var rows = Pointer;
        for (int e = 0; e < indices.Length; e++, panel += _stride)
        {
            if (e + PrefetchDistance < indices.Length)
                Prefetch(rows + (long)indices[e + PrefetchDistance] * _stride);
            var row = rows + (long)indices[e] * _stride;
            for (int k = 0; k < _stride; k += Vector256<ushort>.Count)
            {
                var (lower, upper) = Vector256.Widen(Vector256.Load(row + k));
                (lower << 16).AsSingle().Store(panel + k);
                (upper << 16).AsSingle().Store(panel + k + Vector256<float>.Count);
            }
        }
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* source, long count, ushort* destination)
    {
        for (long k = 0; k < count; k += Vector256<ushort>.Count)
            Vector256.Narrow(Round(Vector256.Load(source + k)), Round(Vector256.Load(source + k + Vector256<float>.Count)))
                .Store(destination + k);
    }

    /// <summary>bits + 0x7FFF + the lowest bit that is kept, of which the upper half; NaN, which would carry over, stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector256.Create(0x7FFFu) + ((bits >> 16) & Vector256<uint>.One);
        var quiet = bits | Vector256.Create(0x00400000u);
        return Vector256.ConditionalSelect(Vector256.Equals(values, values).AsUInt32(), rounded, quiet) >> 16;
    }
}
