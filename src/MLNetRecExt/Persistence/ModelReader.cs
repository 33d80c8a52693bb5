using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Persistence;

/// <summary>
/// Reads the parts of a model's native file, in the order in which <see cref="ModelWriter"/> wrote them, and never beyond the model.
/// Whatever is wrong with the bytes gives an <see cref="InvalidDataException"/>.
/// </summary>
public sealed class ModelReader
{
    private readonly Stream _stream;
    private readonly XxHash3 _checksum = new();
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _start, _end;

    // Bytes of the array being read that are not in the buffer yet: so many may be read ahead.
    private long _ahead;

    internal ModelReader(Stream stream) => _stream = stream;

    /// <summary>Reads one byte.</summary>
    public byte ReadByte() => Read<byte>();

    /// <summary>Reads a whole number.</summary>
    public int ReadInt32() => Read<int>();

    /// <summary>Reads a number.</summary>
    public float ReadSingle() => Read<float>();

    /// <summary>Reads a name.</summary>
    public string ReadName()
    {
        Span<byte> bytes = stackalloc byte[ReadByte()];
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads an array.</summary>
    /// <param name="count">How many elements there must be; null: any number.</param>
    /// <param name="padding">Further elements, zero, that the array gets.</param>
    public T[] ReadArray<T>(int? count, int padding = 0) where T : unmanaged
    {
        var values = new T[BeginArray<T>(count) + padding];
        Fill(values.AsSpan(0, values.Length - padding));
        return values;
    }

    /// <summary>Reads texts.</summary>
    /// <param name="count">How many there must be.</param>
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

    /// <summary>Reads a matrix.</summary>
    /// <param name="rows">How many rows it must have.</param>
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

    /// <summary>Reads a sparse matrix.</summary>
    /// <param name="rows">How many rows it must have.</param>
    /// <param name="columns">What its indices must stay below.</param>
    public SparseMatrix ReadSparseMatrix(int rows, int columns)
    {
        var offsets = ReadArray<int>(rows + 1);
        var indices = ReadIndices(offsets, columns);
        return new SparseMatrix(offsets, indices, ReadArray<float>(offsets[^1], InteractionRows.Padding), columns);
    }

    internal IdMap ReadIds()
    {
        var count = ReadInt32();
        var kind = (DataKind)ReadInt32();
        var isKey = ReadInt32() == 1;
        if (count < 0 || kind != 0 && !Enum.IsDefined(kind) || kind == DataKind.DateTimeOffset)
            throw Damaged();
        return kind switch
        {
            0 => IdMap.FromKeys(count),
            DataKind.String => IdMap.FromText(ReadText(count), isKey),
            _ => IdMap.FromIntegers(ReadArray<long>(count), kind, isKey),
        };
    }

    internal InteractionRows ReadRows(int rowCount, int columnCount)
    {
        var parts = ReadInt32();
        var offsets = ReadArray<int>(rowCount + 1);
        var indices = ReadIndices(offsets, columnCount);
        var count = offsets[^1];
        return new InteractionRows(
            offsets,
            indices,
            (parts & 1) != 0 ? ReadArray<float>(count, InteractionRows.Padding) : null,
            (parts & 2) != 0 ? ReadArray<float>(count, InteractionRows.Padding) : null,
            (parts & 4) != 0 ? ReadArray<long>(count) : null);
    }

    /// <summary>The ascending indices of each row. Kernels trust them without bounds checks.</summary>
    private int[] ReadIndices(int[] offsets, int columns)
    {
        var count = offsets[^1];
        var indices = ReadArray<int>(count, InteractionRows.Padding);
        for (int row = 0; row < offsets.Length - 1; row++)
        {
            if (offsets[0] != 0 || offsets[row] > offsets[row + 1] || offsets[row + 1] > count)
                throw Damaged();
            var last = -1;
            foreach (var column in indices.AsSpan(offsets[row]..offsets[row + 1]))
                last = column > last && column < columns ? column : throw Damaged();
        }
        return indices;
    }

    /// <summary>Reads into a matrix of the same shape.</summary>
    internal void ReadMatrix(AlignedMatrix matrix)
    {
        if (ReadInt32() != matrix.Rows || ReadInt32() != matrix.Columns)
            throw Damaged();
        BeginArray<float>((long)matrix.Rows * matrix.Columns);
        Fill(matrix);
    }

    /// <summary>Compares the checksum of everything so far with the stored one.</summary>
    internal void CheckChecksum()
    {
        var expected = _checksum.GetCurrentHashAsUInt64();
        if (Read<ulong>() != expected)
            throw Damaged();
    }

    /// <summary>The exception to throw when parts that were read contradict each other.</summary>
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
        if (_stream.CanSeek && _stream.Length - _stream.Position < _ahead)
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
        var count = _stream.Read(_ahead > 0 ? bytes[..(int)Math.Min(bytes.Length, _ahead)] : bytes);
        if (count == 0)
            throw EndsEarly();
        _ahead -= Math.Min(_ahead, count);
        return count;
    }

    private static InvalidDataException EndsEarly() =>
        new("The model ends early: it was not written, or not copied, to its end. Save it again, or copy it again from its source.");
}
