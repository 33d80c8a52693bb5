using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Values side by side, as many as memory holds: up to 2³¹ in an array of their own, up to sixteen times as many in one of lines
/// of sixteen; or as many as a file does, which is mapped. In arrays a span keeps them alive; those of a file live as long as this
/// object.</summary>
internal sealed unsafe class LongArray<T> where T : unmanaged
{
    private const int LineLength = 16;

    // How many values go through one span, where all are gone through.
    private const int PieceLength = 1 << 24;

    // One is set, or Array is.
    private readonly Line[]? _lines;
    private readonly MappedFile? _file;

    /// <summary>Takes an array over.</summary>
    public LongArray(T[] array) => (Array, Length) = (array, array.Length);

    /// <summary>The values of a file, which must not be changed.</summary>
    public LongArray(MappedFile file) => (Length, _file) = (file.Length / sizeof(T), file);

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

    /// <summary>Whether spans of the values are of no use once nothing refers to this object.</summary>
    public bool IsMapped => _file is not null;

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
        Array is null ? new ArraySegment<T>(Values(start, length).ToArray()) : new ArraySegment<T>(Array, (int)start, length);

    /// <summary>A span that may be kept: of what is mapped a copy.</summary>
    public ReadOnlySpan<T> Values(long start, int length)
    {
        if (_file is null)
            return Slice(start, length);
        var copy = Slice(start, length).ToArray();
        GC.KeepAlive(this);
        return copy;
    }

    private ref T First
    {
        get
        {
            if (Array is not null)
                return ref MemoryMarshal.GetArrayDataReference(Array);
            if (_lines is not null)
                return ref Unsafe.As<Line, T>(ref MemoryMarshal.GetArrayDataReference(_lines));
            return ref *(T*)_file!.Start;
        }
    }

    [InlineArray(LineLength)]
    private struct Line
    {
        private T _value;
    }
}
