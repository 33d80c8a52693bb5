using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Persistence;

/// <summary>
/// Reads the parts of a model file, as <see cref="ModelFile"/> lays them out, from any stream that can be read, and never beyond the model.
/// Whatever is wrong with the bytes gives an <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class ModelReader(Stream stream)
{
    private readonly XxHash3 _checksum = new();
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _start, _end;

    // Bytes of the array being read that are not in the buffer yet: so many may be read ahead.
    private long _ahead;

    public byte ReadByte() => Read<byte>();

    public int ReadInt32() => Read<int>();

    public float ReadSingle() => Read<float>();

    public string ReadName()
    {
        Span<byte> bytes = stackalloc byte[ReadByte()];
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <param name="count">How many elements there must be; null: any number.</param>
    /// <param name="padding">Further elements, zero, that the array gets.</param>
    public T[] ReadArray<T>(int? count, int padding = 0) where T : unmanaged
    {
        var values = new T[BeginArray<T>(count) + padding];
        Fill(values.AsSpan(0, values.Length - padding));
        return values;
    }

    public string[] ReadText(int count)
    {
        var lengths = ReadArray<int>(count);
        long total = 0;
        foreach (var length in lengths)
            total += length >= 0 ? length : throw Damaged();
        BeginArray<char>(total);
        var texts = new string[count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = string.Create(lengths[i], this, static (characters, reader) => reader.Fill(characters));
        return texts;
    }

    public AlignedMatrix ReadMatrix(int rows)
    {
        if (ReadInt32() != rows)
            throw Damaged();
        var columns = ReadInt32();
        if (columns < 1)
            throw Damaged();
        BeginArray<float>((long)rows * columns);
        var matrix = new AlignedMatrix(rows, columns);
        Fill(matrix);
        return matrix;
    }

    /// <summary>Reads into a matrix of the same shape.</summary>
    public void ReadMatrix(AlignedMatrix matrix)
    {
        if (ReadInt32() != matrix.Rows || ReadInt32() != matrix.Columns)
            throw Damaged();
        BeginArray<float>((long)matrix.Rows * matrix.Columns);
        Fill(matrix);
    }

    /// <summary>Compares the checksum of everything so far with the stored one.</summary>
    public void CheckChecksum()
    {
        var expected = _checksum.GetCurrentHashAsUInt64();
        if (Read<ulong>() != expected)
            throw Damaged();
    }

    public static InvalidDataException Damaged() =>
        new("The model is damaged: its contents do not match their checksum. Save it again, or copy it again from its source.");

    // The checksum stands before the elements too: nothing is allocated on the word of a damaged count.
    private long BeginArray<T>(long? expected) where T : unmanaged
    {
        var count = Read<long>();
        CheckChecksum();
        if (count != (expected ?? count) || count is < 0 || count > Array.MaxLength)
            throw Damaged();
        _ahead = count * Unsafe.SizeOf<T>();
        if (stream.CanSeek && stream.Length - stream.Position < _ahead)
            throw EndsEarly();
        return count;
    }

    private T Read<T>() where T : unmanaged
    {
        T value = default;
        Fill(new Span<T>(ref value));
        return value;
    }

    private void Fill<T>(Span<T> values) where T : unmanaged
    {
        for (var rest = MemoryMarshal.AsBytes(values); !rest.IsEmpty;)
        {
            if (_start == _end && rest.Length < _buffer.Length && _ahead > rest.Length)
                (_start, _end) = (0, ReadStream(_buffer));
            var part = rest[..Math.Min(rest.Length, _start < _end ? _end - _start : _buffer.Length)];
            if (_start < _end)
            {
                _buffer.AsSpan(_start, part.Length).CopyTo(part);
                _start += part.Length;
            }
            else
                part = part[..ReadStream(part)];
            _checksum.Append(part);
            rest = rest[part.Length..];
        }
    }

    private void Fill(AlignedMatrix matrix)
    {
        if (matrix.Stride == matrix.Columns)
            Fill(matrix.Padded);
        else
            for (int row = 0; row < matrix.Rows; row++)
                Fill(matrix[row]);
    }

    private int ReadStream(Span<byte> bytes)
    {
        var count = stream.Read(_ahead > 0 ? bytes[..(int)Math.Min(bytes.Length, _ahead)] : bytes);
        if (count == 0)
            throw EndsEarly();
        _ahead -= Math.Min(_ahead, count);
        return count;
    }

    private static InvalidDataException EndsEarly() =>
        new("The model ends early: it was not written, or not copied, to its end. Save it again, or copy it again from its source.");
}
