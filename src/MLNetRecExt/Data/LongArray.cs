using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Values side by side, as many as memory holds: up to 2³¹ in an array of their own, up to sixteen times as many in one of lines
/// of sixteen. Either way the collector sees to them, and a span of them keeps them alive.</summary>
internal sealed class LongArray<T> where T : unmanaged
{
    private const int LineLength = 16;

    // How many values go through one span, where all are gone through.
    private const int PieceLength = 1 << 24;

    // One of the two is set.
    private readonly Line[]? _lines;

    /// <summary>Takes an array over.</summary>
    public LongArray(T[] array) => (Array, Length) = (array, array.Length);

    private LongArray(long length, Line[] lines) => (Length, _lines) = (length, lines);

    /// <summary>Zeros.</summary>
    /// <param name="length">How many.</param>
    /// <param name="inLines">Whether they are laid out as those are that no array holds.</param>
    public static LongArray<T> Create(long length, bool inLines = false) => inLines || length > System.Array.MaxLength
        ? new LongArray<T>(length, new Line[checked((int)((length + LineLength - 1) / LineLength))])
        : new LongArray<T>(new T[length]);

    /// <summary>So many values there can be.</summary>
    public static long MaxLength => (long)LineLength * System.Array.MaxLength;

    public long Length { get; }

    /// <summary>The values, where an array of their own holds them; else null.</summary>
    public T[]? Array { get; }

    public ref T this[long place]
    {
        get
        {
            if ((ulong)place >= (ulong)Length)
                throw new IndexOutOfRangeException();
            return ref Unsafe.Add(ref First, (nint)place);
        }
    }

    public Span<T> Slice(long start, int length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{length} values from there on are not within {Length}.");
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref First, (nint)start), length);
    }

    /// <summary>Values from a place on, all or a great many of them: to go through those before <paramref name="end"/>.</summary>
    public Span<T> Piece(long start, long end) => Slice(start, (int)Math.Min(PieceLength, end - start));

    /// <summary>Values as a segment of an array: their own, or a copy.</summary>
    public ArraySegment<T> Segment(long start, int length) =>
        Array is null ? new ArraySegment<T>(Slice(start, length).ToArray()) : new ArraySegment<T>(Array, (int)start, length);

    private ref T First => ref Array is null
        ? ref Unsafe.As<Line, T>(ref MemoryMarshal.GetArrayDataReference(_lines!))
        : ref MemoryMarshal.GetArrayDataReference(Array);

    [InlineArray(LineLength)]
    private struct Line
    {
        private T _value;
    }
}
