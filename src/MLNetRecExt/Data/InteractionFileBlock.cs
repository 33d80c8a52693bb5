using System.Globalization;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.Win32.SafeHandles;

namespace MLNetRecExt;

/// <summary>
/// Reads the rows of one stretch of a file: the lines that begin in it. Ids are numbered within the stretch, so that stretches can be read
/// side by side. A block is used again for other stretches.
/// </summary>
/// <param name="layout">Where the columns are.</param>
/// <param name="badRows">What unusable rows get.</param>
internal sealed class InteractionFileBlock(InteractionFileLayout layout, BadRowHandling badRows)
{
    private const int LinesPerCancellationCheck = 1 << 12, FirstRows = 1 << 10, ReadAhead = 1 << 12;

    // Exact, as is an integer of up to seven digits: their quotient is rounded once.
    private static readonly float[] PowersOfTen = [1, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f];

    private readonly LineSplitter _line = layout.NewSplitter();
    private byte[] _bytes = [];
    private int _length;
    private Row[] _rows = new Row[FirstRows];
    private int _rowCount;
    private long _read, _missingIds, _badLabels, _badWeights, _badTimes;

    /// <summary>The ids of the usable rows' users.</summary>
    public BlockIds Users { get; } = new();

    /// <summary>The ids of the usable rows' items.</summary>
    public BlockIds Items { get; } = new();

    /// <summary>The usable rows, in order.</summary>
    public ReadOnlySpan<Row> Rows => _rows.AsSpan(0, _rowCount);

    /// <summary>What became of the rows.</summary>
    public InteractionCounts Counts => new(_read, _missingIds, _badLabels, _badWeights, _badTimes);

    /// <summary>Lines that were read, blank ones included. When it ends at a bad row, that row's line is the last.</summary>
    public long Lines { get; private set; }

    /// <summary>Whether a timestamp was rounded.</summary>
    public bool HasFractions { get; private set; }

    /// <summary>What is wrong with the row that ended the reading; null when none did.</summary>
    public string? Error { get; private set; }

    /// <summary>A usable row, ids as numbered in the block.</summary>
    public readonly record struct Row(int User, int Item, float Label, float Weight, long Timestamp);

    /// <summary>Reads bytes until the buffer is full or the file ends.</summary>
    /// <returns>How many were read.</returns>
    public static int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        int total = 0;
        for (int read; total < buffer.Length && (read = RandomAccess.Read(file, buffer[total..], offset + total)) > 0;)
            total += read;
        return total;
    }

    /// <summary>Reads the lines that begin at <paramref name="begin"/>…<paramref name="end"/>−1.</summary>
    /// <exception cref="InvalidDataException">A line is too long to be one.</exception>
    /// <exception cref="IOException">The file ends before the stretch does.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Read(SafeFileHandle file, long begin, long end, CancellationToken cancellationToken)
    {
        (_rowCount, Lines, HasFractions, Error) = (0, 0, false, null);
        (_read, _missingIds, _badLabels, _badWeights, _badTimes) = (0, 0, 0, 0, 0);
        var position = Load(file, begin, end);
        Users.Reset(_bytes);
        Items.Reset(_bytes);
        while (position < _length && Error is null)
        {
            if (Lines++ % LinesPerCancellationCheck == 0)
                cancellationToken.ThrowIfCancellationRequested();
            var length = _bytes.AsSpan(position, _length - position).IndexOf((byte)'\n');
            var next = length < 0 ? _length : position + length + 1;
            var lineEnd = length < 0 ? _length : position + length;
            if (lineEnd > position && _bytes[lineEnd - 1] == '\r')
                lineEnd--;
            if (lineEnd > position)
                ReadRow(position, lineEnd);
            position = next;
        }
    }

    /// <summary>Loads the stretch, up to the end of the last line that begins in it.</summary>
    /// <returns>Where the first line begins.</returns>
    private int Load(SafeFileHandle file, long begin, long end)
    {
        // The byte before tells whether a line begins with the stretch.
        var from = begin == layout.Start ? begin : begin - 1;
        var wanted = (int)(end - from);
        if (_bytes.Length < wanted)
            _bytes = new byte[wanted + ReadAhead];
        _length = Read(file, _bytes.AsSpan(0, wanted), from);
        // A line that is cut must not become a row.
        if (_length < wanted)
            throw TextFile.Shrunk(layout.Path);
        var first = from == begin ? 0 : 1 + _bytes.AsSpan(0, _length).IndexOf((byte)'\n');
        if (from != begin && first == 0)
            return _length;
        while (_length > first && _bytes[_length - 1] != '\n')
        {
            if (_length - wanted > InteractionFileLayout.LongestLine)
                throw layout.TooLong(begin);
            if (_bytes.Length - _length < ReadAhead)
                Array.Resize(ref _bytes, _bytes.Length + Math.Max(ReadAhead, _length - wanted));
            var more = _bytes.AsSpan(_length, ReadAhead);
            var read = Read(file, more, from + _length);
            if (read == 0)
                break;
            var lineEnd = more[..read].IndexOf((byte)'\n');
            _length += lineEnd < 0 ? read : lineEnd + 1;
        }
        return first;
    }

    private void ReadRow(int start, int end)
    {
        _line.Split(_bytes, start, end);
        var label = layout.Label < 0 ? 1 : ParseSingle(Text(layout.Label));
        if (label < layout.Options.RelevantFrom)
            return;
        _read++;
        var weight = layout.Weight < 0 ? 1 : ParseSingle(Text(layout.Weight));
        long user = 0, item = 0, time = 0;
        if (!ParseId(layout.User, layout.UserKind, ref user))
            Skip(ref _missingIds, layout.User, layout.Options.Columns.User, Needed(layout.UserKind));
        else if (!ParseId(layout.Item, layout.ItemKind, ref item))
            Skip(ref _missingIds, layout.Item, layout.Options.Columns.Item, Needed(layout.ItemKind));
        else if (!float.IsFinite(label))
            Skip(ref _badLabels, layout.Label, layout.Options.Columns.Label, "a finite label");
        else if (!(weight >= 0) || float.IsInfinity(weight))
            Skip(ref _badWeights, layout.Weight, layout.Options.Columns.Weight, "a finite weight that is not negative");
        else if (layout.Timestamp >= 0 && !ParseTime(Text(layout.Timestamp), out time))
            Skip(ref _badTimes, layout.Timestamp, layout.Options.Columns.Timestamp, $"a timestamp of type {layout.Options.TimestampKind}");
        else
        {
            if (_rowCount == _rows.Length)
                Array.Resize(ref _rows, 2 * _rowCount);
            _rows[_rowCount++] = new Row(
                Number(Users, layout.User, layout.UserKind, user), Number(Items, layout.Item, layout.ItemKind, item),
                layout.Options.RelevantFrom is null ? label : 1, weight, time);
        }

        static string Needed(DataKind kind) => kind == DataKind.String ? "an id (text that is not empty)" : $"an id of type {kind}";
    }

    private ReadOnlySpan<byte> Text(int column) => _bytes.AsSpan(_line[column].Start, _line[column].Length);

    private int Number(BlockIds ids, int column, DataKind kind, long integer) =>
        kind == DataKind.String ? ids.NumberOf(_line[column].Start, _line[column].Length) : ids.NumberOf(integer);

    private void Skip(ref long count, int column, string? name, string needed)
    {
        count++;
        if (badRows == BadRowHandling.Throw)
            Error = $"column '{name}' is '{Encoding.UTF8.GetString(Text(column))}'; {needed} is needed. Mend or drop the row, or choose {nameof(BadRowHandling)}.{nameof(BadRowHandling.Skip)}.";
    }

    private bool ParseId(int column, DataKind kind, ref long integer)
    {
        var text = Text(column);
        return kind == DataKind.String ? text.Length > 0 : ParseInteger(text, kind, out integer);
    }

    private static bool ParseInteger(ReadOnlySpan<byte> text, DataKind kind, out long value)
    {
        const int ShortDigits = 9;
        value = 0;
        if (text.Length is > 0 and <= ShortDigits)
        {
            foreach (var digit in text)
            {
                if (!char.IsAsciiDigit((char)digit))
                    return ParseLongInteger(text, kind, out value);
                value = 10 * value + digit - '0';
            }
            return true;
        }
        return ParseLongInteger(text, kind, out value);
    }

    private static bool ParseLongInteger(ReadOnlySpan<byte> text, DataKind kind, out long value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite;
        if (kind == DataKind.UInt64)
        {
            var isUnsigned = ulong.TryParse(text, Style, CultureInfo.InvariantCulture, out var unsigned);
            value = (long)unsigned;
            return isUnsigned;
        }
        return long.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && kind switch
        {
            DataKind.Int32 => value is >= int.MinValue and <= int.MaxValue,
            DataKind.UInt32 => value is >= 0 and <= uint.MaxValue,
            _ => true,
        };
    }

    /// <summary>The number nearest to a decimal; NaN when it is none.</summary>
    private static float ParseSingle(ReadOnlySpan<byte> text)
    {
        int value = 0, digits = 0, fraction = -1;
        foreach (var character in text)
        {
            if (character - '0' is var digit and >= 0 and <= 9 && digits < PowersOfTen.Length - 1)
                (value, digits, fraction) = (10 * value + digit, digits + 1, fraction < 0 ? -1 : fraction + 1);
            else if (character == '.' && fraction < 0)
                fraction = 0;
            else
                return ParseOther(text);
        }
        return digits > 0 ? value / PowersOfTen[Math.Max(0, fraction)] : float.NaN;

        static float ParseOther(ReadOnlySpan<byte> text) =>
            float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var other) ? other : float.NaN;
    }

    private bool ParseTime(ReadOnlySpan<byte> text, out long time)
    {
        switch (layout.Options.TimestampKind)
        {
            case DataKind.Int64:
                return ParseInteger(text, DataKind.Int64, out time);
            case DataKind.Double:
                time = 0;
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || ValueColumn.Floor(value) is not { } whole)
                    return false;
                HasFractions |= whole != value;
                time = whole;
                return true;
            default:
                var isDate = DateTime.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, out var date);
                time = date.Ticks;
                return isDate;
        }
    }
}
