using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Reads the bytes back that <see cref="FloatSlabWriter"/> was given. Its length can be relied on: that of vectors which are
/// there.</summary>
internal sealed class FloatSlabReader : Stream
{
    private readonly Func<int, VBuffer<float>> _get;
    private readonly long _vectorLength;
    private readonly (long Index, uint Word)[] _exceptions;
    private VBuffer<float> _vector;
    private int _vectorIndex;

    /// <param name="count">Number of vectors.</param>
    /// <param name="get">Gives a vector; the one that it gave before is not used any more.</param>
    /// <exception cref="InvalidDataException">The vectors are not what a <see cref="FloatSlabWriter"/> wrote.</exception>
    public FloatSlabReader(int count, Func<int, VBuffer<float>> get)
    {
        _get = get;
        (_vector, _vectorIndex) = (get(count - 1), count - 1);
        _vectorLength = _vector.Length;
        var words = count * _vectorLength;
        if (words < FloatSlabWriter.TrailerParts || !_vector.IsDense)
            throw Damaged();
        Length = Parts(words - FloatSlabWriter.TrailerParts, FloatSlabWriter.LengthParts);
        var payload = (Length + sizeof(uint) - 1) / sizeof(uint);
        var exceptions = Parts(words - FloatSlabWriter.IndexParts, FloatSlabWriter.IndexParts);
        const int size = FloatSlabWriter.IndexParts + FloatSlabWriter.WordParts;
        if (Length < 0 || exceptions > payload || payload + exceptions * size + FloatSlabWriter.TrailerParts > words)
            throw Damaged();
        _exceptions = new (long, uint)[exceptions];
        for (int e = 0; e < exceptions; e++)
            _exceptions[e] = (Parts(payload + e * size, FloatSlabWriter.IndexParts), (uint)Parts(payload + e * size + FloatSlabWriter.IndexParts, FloatSlabWriter.WordParts));
    }

    public override long Length { get; }

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        var read = buffer = buffer[..(int)Math.Clamp(Length - Position, 0, buffer.Length)];
        var start = Position;
        while (!buffer.IsEmpty)
        {
            // A span of bytes ends at int.MaxValue: take the words that matter before looking at their bytes.
            var words = Words(Position / sizeof(float));
            words = words[..Math.Min(words.Length, buffer.Length / sizeof(float) + 2)];
            var source = MemoryMarshal.AsBytes(words)[(int)(Position % sizeof(float))..];
            var count = Math.Min(source.Length, buffer.Length);
            source[..count].CopyTo(buffer);
            buffer = buffer[count..];
            Position += count;
        }
        PutBackNaNs(read, start);
        return read.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private void PutBackNaNs(Span<byte> bytes, long start)
    {
        var first = Array.BinarySearch(_exceptions, (start / sizeof(uint), 0u));
        for (int e = first < 0 ? ~first : first; e < _exceptions.Length && _exceptions[e].Index * sizeof(uint) < start + bytes.Length; e++)
        {
            for (int b = 0; b < sizeof(uint); b++)
            {
                var position = _exceptions[e].Index * sizeof(uint) + b - start;
                if (position >= 0 && position < bytes.Length)
                    bytes[(int)position] = (byte)(_exceptions[e].Word >> (8 * b));
            }
        }
    }

    private long Parts(long first, int count)
    {
        long value = 0;
        for (int part = 0; part < count; part++)
        {
            value |= (long)(BitConverter.SingleToUInt32Bits(Words(first + part)[0]) & 0xFFFF) << (16 * part);
        }
        return value;
    }

    /// <summary>The words from <paramref name="index"/> on, as far as their vector goes.</summary>
    private ReadOnlySpan<float> Words(long index)
    {
        var (vector, offset) = Math.DivRem(index, _vectorLength);
        if (vector != _vectorIndex)
        {
            _vector = default;
            _vector = _get((int)vector);
            _vectorIndex = (int)vector;
            if (_vector.Length != _vectorLength || !_vector.IsDense)
                throw Damaged();
        }
        return _vector.GetValues()[(int)offset..];
    }

    private static InvalidDataException Damaged() => new("The saved recommender is damaged. Save it again with mlContext.Model.Save.");

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    };

    public override void SetLength(long value) => throw new NotSupportedException();
}
