using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Numerics.Tensors;
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
/// <remarks>
/// Memory is taken for bytes that are there, never on the word of a count. Where the stream tells its length, a count is held against it;
/// where it cannot seek, an array starts small and doubles each time that it was filled. Memory is counted before it is taken, here for
/// what is read and by <see cref="Reserve"/> for the rest, and there is a limit to it: <see cref="LoadOptions.MaxMemory"/>.
/// </remarks>
public sealed class ModelReader
{
    /// <summary>Where <see cref="AppContext"/> has a limit for the process, instead of the default one.</summary>
    internal const string MaxMemoryName = "MLNetRecExt.MaxLoadMemory";

    // Characters that a string has room for.
    private const int LongestText = 0x3FFFFFDF;

    // What may be taken beyond as many bytes as the file has: so many, or of a large file so many times its bytes. A good model takes most
    // with embeddings of one number, which are padded to 16: 6 times the file.
    private const long Allowance = 64_000_000;
    private const int AllowedShare = 8;

    // Bytes that the first-level cache has room for.
    private const int BlockSize = 1 << 14;

    private readonly Stream _stream;
    private readonly long? _maxMemory;
    private readonly XxHash3 _checksum = new();
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _start, _end;

    // Bytes that the file is known to have, those read so far, and what is taken for all of them.
    private readonly long _present;
    private long _read, _taken;

    // Bytes of the array being read that are not in the buffer yet: so many may be read ahead.
    private long _ahead;

    /// <param name="stream">Gives the bytes.</param>
    /// <param name="allowsPipelines">Whether ML.NET may be asked to load a pipeline that the file holds.</param>
    /// <param name="maxMemory">Bytes that may be taken; null: what the file can fill, and the allowance beyond.</param>
    internal ModelReader(Stream stream, bool allowsPipelines = false, long? maxMemory = null)
    {
        (_stream, AllowsPipelines, _maxMemory) = (stream, allowsPipelines, maxMemory);
        _present = stream.CanSeek ? stream.Length - stream.Position : 0;
        _taken = _buffer.Length;
    }

    internal bool AllowsPipelines { get; }

    /// <summary>Whether all numbers so far are below 2²⁹: what a score is made of, sums of 2³¹ products of three of them and of settings,
    /// stays within single precision then.</summary>
    internal bool IsTame { get; private set; } = true;

    /// <summary>Bytes of an array that are looked at as bytes at a time, since a span has room for 2³¹ − 1, and that an array starts with
    /// where the stream cannot seek.</summary>
    internal int PieceSize { get; init; } = 1 << 20;

    /// <summary>Version of the file's format: what a kind writes may have been less in an older one.</summary>
    internal int Version { get; set; }

    /// <summary>How many models the one that is being read stands within.</summary>
    internal int Depth { get; set; }

    /// <summary>
    /// Counts memory that a model takes beyond the parts that it reads, because a number in the file says so. Call it before the memory is
    /// taken, also where that is later, by what the model computes at first use and keeps.
    /// </summary>
    /// <remarks>Parts that are read are counted already, and so is what <see cref="RecommenderModel"/> makes of ids and history.</remarks>
    /// <param name="bytes">How many bytes, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="InvalidDataException">With all that was counted before it is more than <see cref="LoadOptions.MaxMemory"/>
    /// allows.</exception>
    public void Reserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var file = Math.Max(_present, _read);
        var limit = _maxMemory ?? file + Math.Max(Allowance, AllowedShare * file);
        if (bytes > limit - _taken)
            throw TooLarge(bytes, limit);
        _taken += bytes;
    }

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
    public T[] ReadArray<T>(int? count, int padding = 0) where T : unmanaged =>
        ReadElements<T>((int)BeginArray<T>(count, Array.MaxLength - padding), padding);

    /// <summary>Reads an array of no more than so many elements.</summary>
    internal T[] ReadUpTo<T>(int most) where T : unmanaged => ReadElements<T>((int)BeginArray<T>(null, most));

    /// <summary>Reads numbers, of which none may be NaN or infinite.</summary>
    internal float[] ReadFinite(int? count, int padding = 0) =>
        ReadElements<float>((int)BeginArray<float>(count, Array.MaxLength - padding), padding, finite: true);

    /// <summary>Reads texts.</summary>
    /// <param name="count">How many there must be.</param>
    public string[] ReadText(int count)
    {
        var lengths = ReadTextLengths(count);
        Reserve((long)count * Unsafe.SizeOf<string>());
        var texts = Array.ConvertAll(lengths, ReadCharacters);
        Release<int>(count);
        return texts;
    }

    /// <summary>Reads a matrix.</summary>
    /// <param name="rows">How many rows it must have.</param>
    /// <param name="finite">Whether NaN and infinity are refused, as damage.</param>
    public AlignedMatrix ReadMatrix(int rows, bool finite = true)
    {
        if (ReadInt32() != rows)
            throw Damaged();
        var columns = ReadInt32();
        if (columns < 1 || !AlignedMatrix.Fits(rows, columns))
            throw Damaged();
        BeginArray<float>((long)rows * columns, long.MaxValue);
        IsTame &= finite;
        return ReadElements(rows, columns, finite);
    }

    /// <summary>Reads a sparse matrix, whose values may not be NaN or infinite.</summary>
    /// <param name="rows">How many rows it must have.</param>
    /// <param name="columns">What its indices must stay below.</param>
    public SparseMatrix ReadSparseMatrix(int rows, int columns)
    {
        var offsets = ReadArray<int>(rows + 1);
        var indices = ReadIndices(offsets, columns);
        return new SparseMatrix(offsets, indices, ReadFinite(offsets[^1], InteractionRows.Padding), columns);
    }

    internal IdMap ReadIds()
    {
        var count = ReadInt32();
        var kind = (DataKind)ReadInt32();
        var isKey = ReadInt32() == 1;
        if (count < 0 || kind != 0 && !Enum.IsDefined(kind) || kind == DataKind.DateTimeOffset)
            throw Damaged();
        if (kind == 0)
            return IdMap.FromKeys(count);
        var ids = kind == DataKind.String
            ? IdMap.FromText(ReadIdTexts(count), isKey)
            : IdMap.FromIntegers(ReadArray<long>(count), kind, isKey);
        Reserve(IdIndex.SizeOf(count));
        return ids;
    }

    /// <summary>Texts, none of which becomes a string.</summary>
    private Utf8Ids ReadIdTexts(int count)
    {
        var lengths = ReadTextLengths(count);
        Reserve(sizeof(long) * (long)count);
        var texts = new Utf8Ids(count);
        char[] characters = [];
        foreach (var length in lengths)
        {
            if (length > characters.Length && (length <= PieceOf<char>() || _stream.CanSeek))
                characters = new char[length];
            var before = texts.Size;
            if (length <= characters.Length)
            {
                Fill(characters.AsSpan(0, length));
                texts.Add(characters.AsSpan(0, length));
            }
            else
                // A long text might not be there.
                texts.Add(ReadCharacters(length));
            Reserve(texts.Size - before);
        }
        Release<int>(count);
        return texts;
    }

    private int[] ReadTextLengths(int count)
    {
        var lengths = ReadArray<int>(count);
        long total = 0;
        foreach (var length in lengths)
            total += length is >= 0 and <= LongestText ? length : throw Damaged();
        BeginArray<char>(total, total);
        return lengths;
    }

    internal InteractionRows ReadRows(int rowCount, int columnCount)
    {
        var parts = ReadInt32();
        if ((parts & 16) != 0)
            return ReadLongRows(parts, rowCount, columnCount);
        var offsets = ReadArray<int>(rowCount + 1);
        var indices = ReadIndices(offsets, columnCount);
        var count = offsets[^1];
        var labels = (parts & 1) != 0 ? ReadFinite(count, InteractionRows.Padding) : null;
        var weights = (parts & 2) != 0 ? ReadFinite(count, InteractionRows.Padding) : null;
        if (weights is not null && TensorPrimitives.Min<float>(weights) < 0)
            throw Damaged();
        var timestamps = (parts & 4) != 0 ? ReadArray<long>(count) : null;
        var removed = (parts & 8) != 0 ? ReadRemoved(columnCount, labels is not null, timestamps is not null) : null;
        return new InteractionRows(offsets, indices, labels, weights, timestamps, removed);
    }

    /// <summary>Rows that no arrays hold.</summary>
    private InteractionRows ReadLongRows(int parts, int rowCount, int columnCount)
    {
        const int Padding = InteractionRows.Padding;
        var starts = ReadLongArray<long>(rowCount + 1L);
        var count = starts[rowCount];
        if (starts[0] != 0)
            throw Damaged();
        for (int row = 0; row < rowCount; row++)
            if (starts[row] > starts[row + 1] || starts[row + 1] - starts[row] > columnCount)
                throw Damaged();
        var indices = ReadLongArray<int>(count, Padding);
        var labels = (parts & 1) != 0 ? ReadLongArray<float>(count, Padding, finite: true) : null;
        var weights = (parts & 2) != 0 ? ReadLongArray<float>(count, Padding, finite: true) : null;
        var timestamps = (parts & 4) != 0 ? ReadLongArray<long>(count) : null;
        var removed = (parts & 8) != 0 ? ReadRemoved(columnCount, labels is not null, timestamps is not null) : null;
        var rows = new InteractionRows(starts, indices, labels, weights, timestamps, removed);
        for (int row = 0; row < rowCount; row++)
        {
            CheckAscending(rows.Indices(row), columnCount);
            if (rows.HasWeights && rows.Length(row) > 0 && TensorPrimitives.Min(rows.Weights(row)) < 0)
                throw Damaged();
        }
        return rows;
    }

    private LongArray<T> ReadLongArray<T>(long count, int padding = 0, bool finite = false) where T : unmanaged
    {
        BeginArray<T>(count, LongArray<T>.MaxLength - padding);
        var values = LongArray<T>.Create(0, inLines: true);
        long read = 0;
        do
        {
            var room = Room(count, read, PieceOf<T>());
            Reserve((room + padding) * Unsafe.SizeOf<T>());
            var larger = LongArray<T>.Create(room + padding, inLines: true);
            for (long start = 0; start < read; start += values.Piece(start, read).Length)
                values.Piece(start, read).CopyTo(larger.Piece(start, read));
            _taken -= values.Length * Unsafe.SizeOf<T>();
            for (; read < room; read += larger.Piece(read, room).Length)
                Fill(larger.Piece(read, room), finite);
            values = larger;
        }
        while (read < count);
        return values;
    }

    private RemovedUsers ReadRemoved(int itemCount, bool hasLabels, bool hasTimes)
    {
        var (users, known) = (ReadInt32(), ReadInt32());
        var counts = ReadUpTo<int>(itemCount);
        long entries = 0;
        foreach (var count in counts)
            entries += count >= 0 ? count : throw Damaged();
        var labels = ReadArray<double>(hasLabels ? counts.Length : 0);
        var moments = ReadArray<double>(3);
        var times = ReadUpTo<long>(hasTimes ? 2 : 0);
        // Not ">": a sum that is NaN is refused, too, and so is a mean that no labels have.
        var areSums = labels.Index().All(sum => Math.Abs(sum.Item) <= (double)counts[sum.Index] * float.MaxValue);
        if (users < 0 || known < 0 || known > entries || times.Length == 1
            || !areSums || !Array.TrueForAll(moments, double.IsFinite))
            throw Damaged();
        return new(users, known, counts, labels, moments, times);
    }

    /// <summary>The ascending indices of each row. Kernels trust them without bounds checks.</summary>
    private int[] ReadIndices(int[] offsets, int columns)
    {
        var count = offsets[^1];
        var indices = ReadArray<int>(count, InteractionRows.Padding);
        if (offsets[0] != 0)
            throw Damaged();
        for (int row = 0; row < offsets.Length - 1; row++)
        {
            if (offsets[row] > offsets[row + 1] || offsets[row + 1] > count)
                throw Damaged();
            CheckAscending(indices.AsSpan(offsets[row]..offsets[row + 1]), columns);
        }
        return indices;
    }

    private static void CheckAscending(ReadOnlySpan<int> indices, int columns)
    {
        var last = -1;
        foreach (var column in indices)
            last = column > last && column < columns ? column : throw Damaged();
    }

    /// <summary>Reads into a matrix of the same shape.</summary>
    internal void ReadMatrix(AlignedMatrix matrix)
    {
        if (ReadInt32() != matrix.Rows || ReadInt32() != matrix.Columns)
            throw Damaged();
        BeginArray<float>((long)matrix.Rows * matrix.Columns, long.MaxValue);
        Fill(matrix, 0, finite: false);
    }

    /// <summary>Compares the checksum of everything so far with the stored one.</summary>
    internal void CheckChecksum()
    {
        var expected = _checksum.GetCurrentHashAsUInt64();
        if (Read<ulong>() != expected)
            throw Damaged();
    }

    /// <summary>The exception to throw when parts that were read contradict each other.</summary>
    public static InvalidDataException Damaged() => DamagedBy(null);

    /// <param name="cause">What was thrown by values that nobody can have written.</param>
    internal static InvalidDataException DamagedBy(Exception? cause) => new(
        "The model is damaged: its contents do not match their checksum, or each other. Save it again, or copy it again from its source.", cause);

    // The checksum stands before the elements too: an array never starts on the word of a damaged count.
    private long BeginArray<T>(long? expected, long most) where T : unmanaged
    {
        var count = Read<long>();
        CheckChecksum();
        if (count != (expected ?? count) || count < 0 || count > most)
            throw Damaged();
        _ahead = count * Unsafe.SizeOf<T>();
        if (_stream.CanSeek && _stream.Length - _stream.Position < _ahead)
            throw EndsEarly();
        return count;
    }

    private T[] ReadElements<T>(int count, int padding = 0, bool finite = false) where T : unmanaged
    {
        T[] values = [];
        int read = 0;
        do
        {
            var room = (int)Room(count, read, PieceOf<T>());
            var smaller = values.Length;
            Reserve((room + (long)padding) * Unsafe.SizeOf<T>());
            Array.Resize(ref values, room + padding);
            Release<T>(smaller);
            Fill(values.AsSpan(read, room - read), finite);
            read = room;
        }
        while (read < count);
        return values;
    }

    private AlignedMatrix ReadElements(int rows, int columns, bool finite)
    {
        if (_stream.CanSeek || rows == 0)
        {
            Reserve(AlignedMatrix.BytesOf(rows, columns));
            var whole = new AlignedMatrix(rows, columns);
            Fill(whole, 0, finite);
            return whole;
        }
        // A row may be long: the first grows by itself, and shows that there are such rows.
        var first = ReadElements<float>(columns, finite: finite);
        var room = (int)Room(rows, 1, PieceOf<float>() / Math.Max(columns, 16));
        Reserve(AlignedMatrix.BytesOf(room, columns));
        var matrix = new AlignedMatrix(room, columns);
        first.CopyTo(matrix[0]);
        Release<float>(columns);
        Fill(matrix, 1, finite);
        while (matrix.Rows < rows)
        {
            var read = matrix.Rows;
            room = (int)Room(rows, read, 0);
            Reserve(AlignedMatrix.BytesOf(room, columns));
            matrix = matrix.Extend(room);
            _taken -= AlignedMatrix.BytesOf(read, columns);
            Fill(matrix, read, finite);
        }
        return matrix;
    }

    private string ReadCharacters(int length)
    {
        if (length == 0)
            return "";
        // A header, the characters and a zero, in whole words.
        Reserve((22 + 2L * length + 7) & ~7);
        if (length <= PieceOf<char>() || _stream.CanSeek)
            return string.Create(length, this, static (characters, reader) => reader.Fill(characters));
        // A long text might not be there.
        var characters = ReadElements<char>(length);
        Release<char>(length);
        return new string(characters);
    }

    private void Release<T>(int count) where T : unmanaged => _taken -= (long)count * Unsafe.SizeOf<T>();

    /// <summary>How many elements, or rows, to have room for when some are read.</summary>
    private long Room(long count, long read, int first) => _stream.CanSeek ? count : Math.Min(count, Math.Max(first, 2 * read));

    private int PieceOf<T>() where T : unmanaged => Math.Max(1, PieceSize / Unsafe.SizeOf<T>());

    private T Read<T>() where T : unmanaged
    {
        T value = default;
        Fill(new Span<T>(ref value));
        return value;
    }

    private void Fill<T>(Span<T> values, bool finite = false) where T : unmanaged
    {
        var piece = PieceOf<T>();
        for (; values.Length > piece; values = values[piece..])
            FillBytes(MemoryMarshal.AsBytes(values[..piece]), finite);
        FillBytes(MemoryMarshal.AsBytes(values), finite);
    }

    // A model is often loaded once, by a process that has just begun: what is called for each row is optimized at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillBytes(Span<byte> bytes, bool finite)
    {
        var filled = 0;
        while (filled < bytes.Length)
        {
            var part = bytes[filled..];
            if (_start == _end && part.Length < _buffer.Length && _ahead > part.Length)
                (_start, _end) = (0, ReadStream(_buffer));
            part = part[..Math.Min(part.Length, _start < _end ? _end - _start : _buffer.Length)];
            if (_start < _end)
            {
                _buffer.AsSpan(_start, part.Length).CopyTo(part);
                _start += part.Length;
            }
            else
                part = part[..ReadStream(part)];
            // Numbers are looked at where the checksum has just brought them: in the first-level cache.
            for (var end = filled + part.Length; filled < end;)
            {
                var block = bytes[filled..Math.Min(end, filled + BlockSize)];
                _checksum.Append(block);
                // A part may end within a number.
                if (finite)
                    CheckFinite(MemoryMarshal.Cast<byte, float>(bytes[(filled & ~3)..(filled + block.Length)]));
                filled += block.Length;
            }
        }
        _read += bytes.Length;
    }

    /// <summary>Fills the rows from <paramref name="first"/> on.</summary>
    private void Fill(AlignedMatrix matrix, int first, bool finite)
    {
        if (matrix.Stride == matrix.Columns)
        {
            for (int end; first < matrix.Rows; first = end)
                Fill(matrix.PaddedRows(first, end = matrix.EndOfPiece(first)), finite);
            return;
        }
        // Rows may be short: they are looked at together, with the zeros behind each.
        var block = Math.Max(1, BlockSize / sizeof(float) / matrix.Stride);
        while (first < matrix.Rows)
        {
            var end = (int)Math.Min(matrix.Rows, (long)first + block);
            for (int row = first; row < end; row++)
                Fill(matrix[row]);
            if (finite)
                CheckFinite(matrix.PaddedRows(first, end));
            first = end;
        }
    }

    // TensorPrimitives.IsFiniteAll takes twice as long, since it branches at each vector, and loading would be slower by 3 %.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CheckFinite(ReadOnlySpan<float> values)
    {
        // An exponent of ones, the greatest, is that of NaN and infinity.
        var ones = new Vector<int>(0x7F800000);
        var vectors = MemoryMarshal.Cast<float, Vector<int>>(values);
        Vector<int> even = default, odd = default;
        int v = 0;
        for (; v + 1 < vectors.Length; v += 2)
        {
            even = Vector.Max(even, vectors[v] & ones);
            odd = Vector.Max(odd, vectors[v + 1] & ones);
        }
        if (v < vectors.Length)
            even = Vector.Max(even, vectors[v] & ones);
        var largest = Vector.Max(even, odd);
        var finite = !Vector.EqualsAny(largest, ones);
        // The exponent of 2²⁹.
        IsTame &= Vector.LessThanAll(largest, new Vector<int>(0x4E000000));
        foreach (var value in values[(vectors.Length * Vector<int>.Count)..])
        {
            finite &= float.IsFinite(value);
            IsTame &= MathF.Abs(value) < 1 << 29;
        }
        if (!finite)
            throw Damaged();
    }

    private int ReadStream(Span<byte> bytes)
    {
        var count = _stream.Read(_ahead > 0 ? bytes[..(int)Math.Min(bytes.Length, _ahead)] : bytes);
        if (count == 0)
            throw EndsEarly();
        _ahead -= Math.Min(_ahead, count);
        return count;
    }

    private InvalidDataException TooLarge(long bytes, long limit)
    {
        var rule = _maxMemory is null ? "as many as the file has, and 64,000,000 or 8 times as many beyond" : "the limit that was given";
        return new(string.Create(CultureInfo.InvariantCulture, $"The model takes {(decimal)_taken + bytes:N0} bytes of memory or more; ")
            + string.Create(CultureInfo.InvariantCulture, $"{limit:N0} are allowed ({rule}). ")
            + "If you trust who saved it, load it by RecommenderModel.Load(…, new LoadOptions { MaxMemory = … }); "
            + $"for a pipeline of mlContext.Model.Save call AppContext.SetData(\"{MaxMemoryName}\", …), with the bytes as a long, before.");
    }

    /// <summary>The exception to throw when bytes are missing.</summary>
    internal static InvalidDataException EndsEarly() =>
        new("The model ends early: it was not written, or not copied, to its end. Save it again, or copy it again from its source.");
}
