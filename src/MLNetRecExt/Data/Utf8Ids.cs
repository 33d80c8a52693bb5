using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace MLNetRecExt;

/// <summary>Text ids by number, as UTF-8 one behind the other: strings would take three times the memory. Not to be added to by two threads,
/// nor while others look.</summary>
internal sealed class Utf8Ids
{
    /// <summary>Bytes that a character takes at most.</summary>
    public const int MostBytes = 3;

    private const int FirstBytes = 1 << 12, FirstIds = 1 << 8;

    // Where each id ends; it starts where the one before ends.
    private long[] _ends;
    private LongArray<byte> _bytes;

    /// <param name="count">How many ids there will be, if it is known.</param>
    /// <param name="bytes">How many bytes they will have, if it is known.</param>
    public Utf8Ids(int count = FirstIds, long bytes = FirstBytes) => (_ends, _bytes) = (new long[count], LongArray<byte>.Create(bytes));

    /// <summary>Copies of texts.</summary>
    public Utf8Ids(IReadOnlyCollection<string> texts)
        : this(texts.Count, texts.Sum(text => (long)text.Length))
    {
        foreach (var text in texts)
            Add(text);
    }

    public int Count { get; private set; }

    /// <summary>Bytes of memory that they take.</summary>
    public long Size => sizeof(long) * (long)_ends.Length + _bytes.Length;

    public ReadOnlySpan<byte> this[int index] => _bytes.Slice(StartOf(index), (int)(_ends[index] - StartOf(index)));

    /// <summary>UTF-8, but of half a surrogate pair the three bytes that its number has: so every text comes back as it was.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Room for <see cref="MostBytes"/> bytes a character.</param>
    /// <returns>How many bytes it takes.</returns>
    public static int Encode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        for (var written = 0; ; text = text[1..])
        {
            Utf8.FromUtf16(text, bytes[written..], out var read, out var count, replaceInvalidSequences: false);
            written += count;
            text = text[read..];
            if (text.IsEmpty)
                return written;
            bytes[written++] = (byte)(0xE0 | text[0] >> 12);
            bytes[written++] = (byte)(0x80 | text[0] >> 6 & 0x3F);
            bytes[written++] = (byte)(0x80 | text[0] & 0x3F);
        }
    }

    /// <summary>The inverse of <see cref="Encode"/>.</summary>
    /// <returns>How many characters there are.</returns>
    public static int Decode(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        for (var written = 0; ; bytes = bytes[3..])
        {
            Utf8.ToUtf16(bytes, text[written..], out var read, out var count, replaceInvalidSequences: false);
            written += count;
            bytes = bytes[read..];
            if (bytes.IsEmpty)
                return written;
            text[written++] = (char)((bytes[0] & 0x0F) << 12 | (bytes[1] & 0x3F) << 6 | bytes[2] & 0x3F);
        }
    }

    public void Add(ReadOnlySpan<char> text)
    {
        var rented = ArrayPool<byte>.Shared.Rent(MostBytes * text.Length);
        Add((ReadOnlySpan<byte>)rented.AsSpan(0, Encode(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <param name="id">What <see cref="Encode"/> gave.</param>
    public void Add(ReadOnlySpan<byte> id)
    {
        var end = StartOf(Count) + id.Length;
        if (Count == _ends.Length)
            Array.Resize(ref _ends, (int)Math.Min(Array.MaxLength, Math.Max(FirstIds, 2L * Count)));
        if (end > _bytes.Length)
            Resize(Math.Max(end, 2 * _bytes.Length));
        id.CopyTo(_bytes.Slice(StartOf(Count), id.Length));
        _ends[Count++] = end;
    }

    /// <summary>Lets go of memory that waits for further ids.</summary>
    public Utf8Ids Trim()
    {
        Array.Resize(ref _ends, Count);
        if (StartOf(Count) < _bytes.Length)
            Resize(StartOf(Count));
        return this;
    }

    /// <summary>The text of an id.</summary>
    public string Text(int index)
    {
        var id = this[index];
        if (Utf8.IsValid(id))
            return Encoding.UTF8.GetString(id);
        var text = new char[id.Length];
        return new string(text, 0, Decode(id, text));
    }

    /// <summary>Characters of the text of an id.</summary>
    public int LengthOf(int index)
    {
        var length = 0;
        // Each character begins with one byte; one of four bytes stands for two of UTF-16.
        foreach (var value in this[index])
            length += ((value & 0xC0) != 0x80 ? 1 : 0) + (value >= 0xF0 ? 1 : 0);
        return length;
    }

    /// <summary>Whether the first of these are all of the others.</summary>
    public bool StartsWith(Utf8Ids others)
    {
        if (others.Count > Count || !_ends.AsSpan(0, others.Count).SequenceEqual(others._ends.AsSpan(0, others.Count)))
            return false;
        var end = others.StartOf(others.Count);
        for (long start = 0; start < end; start += _bytes.Piece(start, end).Length)
            if (!_bytes.Piece(start, end).SequenceEqual(others._bytes.Piece(start, end)))
                return false;
        return true;
    }

    /// <summary>A copy, with room for as many again.</summary>
    public Utf8Ids Copy()
    {
        var copy = new Utf8Ids(Count, StartOf(Count)) { Count = Count };
        _ends.AsSpan(0, Count).CopyTo(copy._ends);
        CopyTo(copy._bytes);
        return copy;
    }

    private long StartOf(int index) => index == 0 ? 0 : _ends[index - 1];

    private void Resize(long size)
    {
        var bytes = LongArray<byte>.Create(size);
        CopyTo(bytes);
        _bytes = bytes;
    }

    private void CopyTo(LongArray<byte> bytes)
    {
        var end = StartOf(Count);
        for (long start = 0; start < end; start += bytes.Piece(start, end).Length)
            _bytes.Piece(start, end).CopyTo(bytes.Piece(start, end));
    }
}
