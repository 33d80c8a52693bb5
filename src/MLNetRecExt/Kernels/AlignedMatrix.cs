using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNetRecExt.Kernels;

/// <summary>
/// A row-major float matrix whose rows start on 64-byte boundaries and are padded with zeros to a multiple of 16,
/// so that kernels read whole vectors without a tail.
/// </summary>
public sealed unsafe class AlignedMatrix
{
    private const int Alignment = 64;
    private const int LineLength = Alignment / sizeof(float);

    // So many floats are looked at as one span at a time, by those who go through a matrix that may be larger.
    private const int PieceLength = 1 << 24;

    // One line more than the rows need: the first may start within it.
    private static readonly long MostLines = Array.MaxLength - 1;

    // Lines, not floats: .NET counts the elements of an array, not its bytes, and so it holds sixteen times as many floats.
    private readonly Line[] _lines;
    private readonly int _start;

    /// <summary>Makes a matrix of zeros.</summary>
    /// <param name="rows">Number of rows, at least 0.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <exception cref="ArgumentException">It is larger than .NET can make one: 34 thousand million numbers, 137 GB.</exception>
    public AlignedMatrix(int rows, int columns)
    {
        if (!Fits(rows, columns))
            throw TooLarge(rows, columns, MostLines, "a table of 64-byte lines");
        Rows = rows;
        Columns = columns;
        Stride = (columns + LineLength - 1) / LineLength * LineLength;
        // Pinned for life: its address, and with it the alignment, never changes. Zeroed: the padding must be.
        _lines = GC.AllocateArray<Line>((int)(rows * LinesOf(columns)) + 1, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _lines[0]);
        _start = (int)((Alignment - address % Alignment) % Alignment / sizeof(float));
        LargePages.Advise(Pointer, BytesOf(rows, columns));
    }

    /// <summary>Refuses what does not fit into an array of floats, for those who count to no more.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    internal static void CheckSize(int rows, int columns)
    {
        if (!FitsArray(rows, columns))
            throw TooLarge(rows, columns, Array.MaxLength / LineLength, "an array");
    }

    /// <summary>Whether there can be such a matrix.</summary>
    internal static bool Fits(int rows, int columns) =>
        rows * LinesOf(columns) <= MostLines && columns <= Array.MaxLength / LineLength * LineLength;

    /// <summary>Whether an array of floats has room for it.</summary>
    internal static bool FitsArray(int rows, int columns) => rows * LinesOf(columns) <= Array.MaxLength / LineLength;

    /// <summary>The bytes that it takes, but for what aligns it.</summary>
    internal static long BytesOf(long rows, int columns) => Alignment * rows * LinesOf(columns);

    private static long LinesOf(int columns) => (columns + LineLength - 1L) / LineLength;

    private static ArgumentException TooLarge(int rows, int columns, long lines, string what)
    {
        var fewer = Math.Min(lines / rows, Array.MaxLength / LineLength) * LineLength;
        var lower = fewer == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", or for as many of {fewer:N0} numbers");
        return new(string.Create(CultureInfo.InvariantCulture, $"A table of {rows:N0} rows of {columns:N0} numbers ")
            + string.Create(CultureInfo.InvariantCulture, $"is larger than {what}, which has room for {lines / LinesOf(columns):N0} such rows{lower}. ")
            + "Lower ApproximationRank, or leave out users and items that have few interactions.");
    }

    internal AlignedMatrix Copy() => Extend(Rows);

    /// <summary>A copy with rows of zeros behind the rows that there are.</summary>
    internal AlignedMatrix Extend(int rows)
    {
        var copy = new AlignedMatrix(rows, Columns);
        for (int first = 0, end; first < Rows; first = end)
            PaddedRows(first, end = EndOfPiece(first)).CopyTo(copy.PaddedRows(first, end));
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
    internal float* Pointer => (float*)Unsafe.AsPointer(ref First);

    /// <summary>All rows with their padding, of a matrix that an array of floats has room for.</summary>
    internal Span<float> Padded => PaddedRows(0, Rows);

    /// <summary>How far values are from 0 at most; NaN where one is NaN.</summary>
    internal float LargestMagnitude
    {
        get
        {
            var largest = 0f;
            // Math.Max gives NaN for NaN.
            for (int first = 0, end; first < Rows; first = end)
                largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<float>(PaddedRows(first, end = EndOfPiece(first)))));
            return largest;
        }
    }

    /// <summary>Row <paramref name="row"/>: <see cref="Columns"/> values.</summary>
    public Span<float> this[int row] => Values(row, Columns);

    /// <summary>Row <paramref name="row"/> with its padding.</summary>
    internal Span<float> PaddedRow(int row) => Values(row, Stride);

    /// <summary>Rows first…end−1 with their padding.</summary>
    internal Span<float> PaddedRows(int first, int end)
    {
        if (first < 0 || first > end || end > Rows)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"Rows {first}…{end} are not within {Rows}.");
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref First, (nint)first * Stride), checked((end - first) * Stride));
    }

    /// <summary>Where the piece that begins at a row ends: no more rows than a span has room for.</summary>
    internal int EndOfPiece(int first) => (int)Math.Min(Rows, first + Math.Max(1L, PieceLength / Math.Max(1, Stride)));

    private ref float First =>
        ref Unsafe.Add(ref Unsafe.As<Line, float>(ref MemoryMarshal.GetArrayDataReference(_lines)), _start);

    private Span<float> Values(int row, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref First, (nint)row * Stride), length);
    }

    [InlineArray(LineLength)]
    private struct Line
    {
        private float _value;
    }
}
