using System.Globalization;
using System.Runtime.CompilerServices;

namespace MLNetRecExt.Kernels;

/// <summary>
/// A row-major float matrix whose rows start on 64-byte boundaries and are padded with zeros to a multiple of 16,
/// so that kernels read whole vectors without a tail.
/// </summary>
public sealed unsafe class AlignedMatrix
{
    private const int Alignment = 64;
    private const int Slack = Alignment / sizeof(float);
    private static readonly long Most = Array.MaxLength - Slack;
    private readonly float[] _buffer;
    private readonly int _start;

    /// <summary>Makes a matrix of zeros.</summary>
    /// <param name="rows">Number of rows, at least 0.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <exception cref="ArgumentException">It does not fit into an array.</exception>
    public AlignedMatrix(int rows, int columns)
    {
        CheckSize(rows, columns);
        Rows = rows;
        Columns = columns;
        Stride = (columns + 15) & ~15;
        // Pinned for life: its address, and with it the alignment, never changes. Zeroed: the padding must be.
        _buffer = GC.AllocateArray<float>(rows * Stride + Slack, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _buffer[0]);
        _start = (int)((Alignment - address % Alignment) % Alignment / sizeof(float));
    }

    /// <summary>Refuses what does not fit into an array.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    internal static void CheckSize(int rows, int columns)
    {
        if (Fits(rows, columns))
            return;
        var place = Place(columns);
        var fewer = Most / rows / 16 * 16;
        var lower = fewer == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", or for as many of {fewer:N0} numbers");
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A table of {rows:N0} rows of {columns:N0} numbers ")
            + string.Create(CultureInfo.InvariantCulture, $"is larger than an array, which has room for {Most / place:N0} such rows{lower}. ")
            + "Lower ApproximationRank, or leave out users and items that have few interactions.");
    }

    /// <summary>Whether an array has room for it.</summary>
    internal static bool Fits(int rows, int columns) => rows * Place(columns) <= Most;

    /// <summary>The bytes that it takes, but for what aligns it.</summary>
    internal static long BytesOf(long rows, int columns) => sizeof(float) * rows * Place(columns);

    private static long Place(int columns) => (columns + 15L) / 16 * 16;

    internal AlignedMatrix Copy() => Extend(Rows);

    /// <summary>A copy with rows of zeros behind the rows that there are.</summary>
    internal AlignedMatrix Extend(int rows)
    {
        var copy = new AlignedMatrix(rows, Columns);
        Padded.CopyTo(copy.Padded);
        return copy;
    }

    /// <summary>transposed[k][i] = this[first + i][k]: as many rows and columns as <paramref name="transposed"/> has.</summary>
    internal void TransposeTo(AlignedMatrix transposed, int first = 0)
    {
        for (int k = 0; k < transposed.Rows; k++)
        {
            var column = transposed[k];
            var source = Pointer + (long)first * Stride + k;
            for (int i = 0; i < column.Length; i++)
                column[i] = source[(long)i * Stride];
        }
        GC.KeepAlive(this);
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Floats from one row to the next: <see cref="Columns"/> rounded up to a multiple of 16.</summary>
    internal int Stride { get; }

    /// <summary>The first element. Valid while this object is reachable.</summary>
    internal float* Pointer => (float*)Unsafe.AsPointer(ref _buffer[_start]);

    /// <summary>All rows with their padding.</summary>
    internal Span<float> Padded => _buffer.AsSpan(_start, Rows * Stride);

    /// <summary>Row <paramref name="row"/>: <see cref="Columns"/> values.</summary>
    public Span<float> this[int row] => _buffer.AsSpan(_start + row * Stride, Columns);

    /// <summary>Row <paramref name="row"/> with its padding.</summary>
    internal Span<float> PaddedRow(int row) => _buffer.AsSpan(_start + row * Stride, Stride);
}
