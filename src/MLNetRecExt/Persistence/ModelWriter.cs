using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Persistence;

/// <summary>Writes the parts of a model's native file. A model writes its own by <see cref="RecommenderModel.WriteState"/>.</summary>
// All numbers are little-endian.
//
//   checksum  uint64          XxHash3 of every byte before it
//   name      length          byte
//             characters      UTF-8
//   array     count           int64
//             checksum        so that no memory is taken on the word of a damaged count
//             elements
//   text      lengths         array of int32
//             characters      array of UTF-16 code units: all texts, one after the other
//   ids       count           int32
//             kind            int32: the DataKind of the ids, 0 for keys without values
//             isKey           int32: 1 when the column is key-typed
//             ids             text for strings, nothing for kind 0, else array of int64
//   rows      parts           int32: 1 labels + 2 weights + 4 timestamps + 8 users taken out + 16 long offsets
//             offsets         array of int32, or where they are long of int64: users + 1
//             indices         array of int32
//             labels          array of float32, where there are
//             weights         array of float32, where there are
//             timestamps      array of int64, where there are
//             users taken out where there are: ids, users who had an entry: int32 each
//                             counts by item: array of int32; sums of labels by item, of none where there are no labels: array of float64
//                             Σw, Σwr, Σwr²: array of float64; earliest and latest timestamp, or nothing: array of int64
//   matrix    rows, columns   int32 each
//             elements        array of float32, row by row
//   sparse    offsets         array of int32: rows + 1
//             indices         array of int32
//             values          array of float32
public sealed class ModelWriter
{
    private readonly Stream _stream;
    private readonly XxHash3 _checksum = new();
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _buffered;

    internal ModelWriter(Stream stream) => _stream = stream;

    /// <summary>Bytes of an array that are looked at as bytes at a time, since a span has room for 2³¹ − 1.</summary>
    internal int PieceSize { get; init; } = 1 << 30;

    /// <summary>Whether cards say when models were trained.</summary>
    internal bool WritesTimes { get; init; } = true;

    /// <summary>Entries of rows up to which offsets are short: those that arrays hold.</summary>
    internal long MostInArrays { get; init; } = Array.MaxLength - InteractionRows.Padding;

    /// <summary>How many models the one that is being written stands within.</summary>
    internal int Depth { get; set; }

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value) => Append([value]);

    /// <summary>Writes a whole number.</summary>
    public void WriteInt32(int value) => Append([value]);

    /// <summary>Writes a number.</summary>
    public void WriteSingle(float value) => Append([value]);

    /// <summary>Writes a name of at most 255 UTF-8 bytes.</summary>
    /// <exception cref="OverflowException">It is longer.</exception>
    public void WriteName(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        WriteByte(checked((byte)bytes.Length));
        Append<byte>(bytes);
    }

    /// <summary>Writes an array, its length included.</summary>
    public void WriteArray<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        BeginArray(values.Length);
        Append(values);
    }

    /// <summary>Writes texts of any length. Their number is not part of it: write that before.</summary>
    public void WriteText(ReadOnlySpan<string> texts)
    {
        var lengths = new int[texts.Length];
        long total = 0;
        for (int i = 0; i < lengths.Length; i++)
            total += lengths[i] = texts[i].Length;
        WriteArray<int>(lengths);
        BeginArray(total);
        foreach (var text in texts)
            Append(text.AsSpan());
    }

    /// <summary>Writes a matrix, its shape included.</summary>
    public void WriteMatrix(AlignedMatrix matrix)
    {
        WriteInt32(matrix.Rows);
        WriteInt32(matrix.Columns);
        BeginArray((long)matrix.Rows * matrix.Columns);
        if (matrix.Stride == matrix.Columns)
            for (int first = 0, end; first < matrix.Rows; first = end)
                Append<float>(matrix.PaddedRows(first, end = matrix.EndOfPiece(first)));
        else
            for (int row = 0; row < matrix.Rows; row++)
                Append<float>(matrix[row]);
    }

    /// <summary>Writes a sparse matrix.</summary>
    public void WriteMatrix(SparseMatrix matrix)
    {
        WriteArray(matrix.Offsets);
        WriteArray<int>(matrix.IndexArray.AsSpan(0, matrix.EntryCount));
        WriteArray<float>(matrix.ValueArray.AsSpan(0, matrix.EntryCount));
    }

    internal void WriteIds(IdMap ids)
    {
        WriteInt32(ids.Count);
        WriteInt32((int)(ids.Kind ?? 0));
        WriteInt32(ids.IsKey ? 1 : 0);
        if (ids.Text is not null)
            WriteText(ids.Text);
        else if (ids.Integers is not null)
            WriteArray<long>(ids.Integers);
    }

    private void WriteText(Utf8Ids texts)
    {
        var lengths = new int[texts.Count];
        long total = 0;
        var longest = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            total += lengths[i] = texts.LengthOf(i);
            longest = Math.Max(longest, lengths[i]);
        }
        WriteArray<int>(lengths);
        BeginArray(total);
        var characters = new char[longest];
        for (int i = 0; i < lengths.Length; i++)
            Append<char>(characters.AsSpan(0, Utf8Ids.Decode(texts[i], characters)));
    }

    internal void WriteRows(InteractionRows rows)
    {
        WriteInt32((rows.HasLabels ? 1 : 0) + (rows.HasWeights ? 2 : 0) + (rows.HasTimestamps ? 4 : 0) + (rows.Removed is null ? 0 : 8)
            + (rows.LongEntryCount > MostInArrays ? 16 : 0));
        if (rows.LongEntryCount > MostInArrays)
            WriteArray(rows.Starts!, rows.Starts!.Length);
        else if (rows.IsInArrays)
            WriteArray(rows.Offsets);
        else
            WriteOffsets(rows);
        WriteArray(rows.AllIndices, rows.LongEntryCount);
        if (rows.AllLabels is { } labels)
            WriteArray(labels, rows.LongEntryCount);
        if (rows.AllWeights is { } weights)
            WriteArray(weights, rows.LongEntryCount);
        if (rows.AllTimestamps is { } timestamps)
            WriteArray(timestamps, rows.LongEntryCount);
        if (rows.Removed is { } removed)
            Write(removed);
    }

    private void WriteOffsets(InteractionRows rows)
    {
        BeginArray(rows.RowCount + 1L);
        var offset = 0;
        Append([offset]);
        for (int row = 0; row < rows.RowCount; row++)
            Append([offset += rows.Length(row)]);
    }

    private void WriteArray<T>(LongArray<T> values, long count) where T : unmanaged
    {
        BeginArray(count);
        for (long start = 0; start < count; start += values.Piece(start, count).Length)
            Append<T>(values.Piece(start, count));
        GC.KeepAlive(values);
    }

    private void Write(RemovedUsers removed)
    {
        WriteInt32(removed.Users);
        WriteInt32(removed.KnownUsers);
        WriteArray<int>(removed.Counts);
        WriteArray<double>(removed.LabelSums);
        WriteArray<double>(removed.Moments);
        WriteArray<long>(removed.Times);
    }

    /// <summary>Of everything so far.</summary>
    internal ulong Checksum => _checksum.GetCurrentHashAsUInt64();

    internal void WriteChecksum() => Append([Checksum]);

    internal void Flush()
    {
        _stream.Write(_buffer, 0, _buffered);
        _buffered = 0;
    }

    private void BeginArray(long count)
    {
        Append([count]);
        WriteChecksum();
    }

    private void Append<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        var piece = Math.Max(1, PieceSize / Unsafe.SizeOf<T>());
        for (; values.Length > piece; values = values[piece..])
            AppendBytes(MemoryMarshal.AsBytes(values[..piece]));
        AppendBytes(MemoryMarshal.AsBytes(values));
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_buffered == _buffer.Length)
                Flush();
            var part = bytes[..Math.Min(bytes.Length, _buffer.Length - _buffered)];
            _checksum.Append(part);
            if (part.Length == _buffer.Length)
                _stream.Write(part);
            else
            {
                part.CopyTo(_buffer.AsSpan(_buffered));
                _buffered += part.Length;
            }
            bytes = bytes[part.Length..];
        }
    }
}
