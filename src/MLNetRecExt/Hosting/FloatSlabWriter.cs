using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Takes bytes and gives them as a few equally long vectors of floats, none of them NaN: what a stock transformer can keep bit for
/// bit.</summary>
/// <remarks>
/// Layout in 32-bit words, over all vectors one behind the other:
/// <code>
/// payload      n    the bytes, the last word filled up with zeros; a word that would read as a NaN is 0 here
/// exceptions   5·e  for each such word its index among the payload's words (3 parts) and its value (2 parts), by rising index
/// padding           zeros
/// trailer      7    length of the payload in bytes (4 parts), e (3 parts)
/// </code>
/// A part is 16 bits of a number in the low half of a word, the lowest first: so parts are never NaN either.
/// </remarks>
internal sealed class FloatSlabWriter : Stream
{
    public const int IndexParts = 3, WordParts = 2, LengthParts = 4, TrailerParts = LengthParts + IndexParts;

    private const int BlockWords = 1 << 20;

    private readonly List<uint[]?> _blocks = [];
    private long _bytes;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var offset = (int)(_bytes % (BlockWords * sizeof(uint)));
            if (offset == 0)
                _blocks.Add(new uint[BlockWords]);
            var room = MemoryMarshal.AsBytes(_blocks[^1].AsSpan())[offset..];
            var count = Math.Min(room.Length, buffer.Length);
            buffer[..count].CopyTo(room);
            buffer = buffer[count..];
            _bytes += count;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Ends the writing: how long the vectors are, and what makes each. Called once each, in order: made vectors let go of the
    /// bytes that they hold.</summary>
    public (int Length, IReadOnlyList<Func<float[]>> Vectors) ToVectors(int maxLength)
    {
        var exceptions = TakeOutNaNs();
        var payload = (_bytes + sizeof(uint) - 1) / sizeof(uint);
        var words = payload + exceptions.Count + TrailerParts;
        var count = (int)((words + maxLength - 1) / maxLength);
        var length = (int)((words + count - 1) / count);
        var trailer = new List<uint>();
        AddParts(trailer, _bytes, LengthParts);
        AddParts(trailer, exceptions.Count / (IndexParts + WordParts), IndexParts);
        var vectors = new Func<float[]>[count];
        for (int v = 0; v < count; v++)
        {
            var start = (long)v * length;
            vectors[v] = () => Vector(start, length, exceptions, payload, trailer, (long)count * length - TrailerParts);
        }
        return (length, vectors);
    }

    private float[] Vector(long start, int length, List<uint> exceptions, long exceptionsStart, List<uint> trailer, long trailerStart)
    {
        var vector = new float[length];
        var words = MemoryMarshal.Cast<float, uint>(vector.AsSpan());
        for (int b = (int)(start / BlockWords); b < _blocks.Count && (long)b * BlockWords < start + length; b++)
        {
            Overlay(words, start, _blocks[b], (long)b * BlockWords);
            if ((b + 1L) * BlockWords <= start + length)
                _blocks[b] = null;
        }
        Overlay(words, start, CollectionsMarshal.AsSpan(exceptions), exceptionsStart);
        Overlay(words, start, CollectionsMarshal.AsSpan(trailer), trailerStart);
        return vector;
    }

    /// <summary>Copies what two runs of words have in common.</summary>
    private static void Overlay(Span<uint> words, long start, ReadOnlySpan<uint> source, long sourceStart)
    {
        var first = Math.Max(start, sourceStart);
        var end = Math.Min(start + words.Length, sourceStart + source.Length);
        if (first < end)
            source[(int)(first - sourceStart)..(int)(end - sourceStart)].CopyTo(words[(int)(first - start)..]);
    }

    private List<uint> TakeOutNaNs()
    {
        var exceptions = new List<uint>();
        for (int b = 0; b < _blocks.Count; b++)
        {
            var block = _blocks[b]!;
            for (int w = 0; w < block.Length; w++)
            {
                if ((block[w] & 0x7FFFFFFF) <= 0x7F800000)
                    continue;
                AddParts(exceptions, (long)b * BlockWords + w, IndexParts);
                AddParts(exceptions, block[w], WordParts);
                block[w] = 0;
            }
        }
        return exceptions;
    }

    private static void AddParts(List<uint> words, long value, int count)
    {
        for (int part = 0; part < count; part++)
            words.Add((uint)(value >> (16 * part)) & 0xFFFF);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _bytes;

    public override long Position { get => _bytes; set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
