namespace MLNetRecExt;

/// <summary>Cuts lines of UTF-8 text into values, in place.</summary>
/// <param name="separator">What stands between values.</param>
/// <param name="allowQuoting">Whether a value may stand between quotes.</param>
/// <param name="columnCount">How many values of a line are looked at.</param>
internal sealed class LineSplitter(byte[] separator, bool allowQuoting, int columnCount)
{
    private readonly bool _skipsSpaces = separator[0] != ' ';
    private (int Start, int Length)[] _cells = new (int, int)[Math.Min(columnCount, 64)];

    /// <summary>Where in the bytes the value of a column is; empty when the line that was split last has none.</summary>
    public (int Start, int Length) this[int column] => column < _cells.Length ? _cells[column] : default;

    /// <summary>Whether the line that was split last ended within quotes.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Finds the values of the line that <paramref name="start"/>…<paramref name="end"/>−1 is. Values between quotes are
    /// rewritten without them.</summary>
    /// <returns>How many values were found.</returns>
    public int Split(byte[] bytes, int start, int end)
    {
        int count = 0;
        IsOpen = false;
        for (; ; start += separator.Length)
        {
            while (_skipsSpaces && start < end && bytes[start] == ' ')
                start++;
            if (count == _cells.Length)
                Array.Resize(ref _cells, Math.Min(columnCount, 2 * count));
            if (allowQuoting && start < end && bytes[start] == '"')
                start = TakeQuoted(bytes, start, end, out _cells[count++]);
            else
            {
                var length = LengthOfCell(bytes, start, end);
                _cells[count++] = (start, length);
                start += length;
            }
            if (start >= end || count == columnCount)
                break;
        }
        _cells.AsSpan(count).Clear();
        return count;
    }

    private int LengthOfCell(byte[] bytes, int start, int end)
    {
        var rest = bytes.AsSpan(start, end - start);
        var length = separator.Length == 1 ? rest.IndexOf(separator[0]) : rest.IndexOf(separator);
        return length < 0 ? rest.Length : length;
    }

    /// <summary>A value between quotes; empty when they do not match or something follows them.</summary>
    /// <returns>Where the next separator is, or the end.</returns>
    private int TakeQuoted(byte[] bytes, int start, int end, out (int Start, int Length) cell)
    {
        int to = start;
        for (int from = start + 1; from < end; from++)
        {
            if (bytes[from] == '"' && (++from == end || bytes[from] != '"'))
            {
                var rest = LengthOfCell(bytes, from, end);
                var isClean = !bytes.AsSpan(from, rest).ContainsAnyExcept((byte)' ');
                cell = (start, isClean ? to - start : 0);
                return from + rest;
            }
            bytes[to++] = bytes[from];
        }
        cell = (start, 0);
        IsOpen = true;
        return end;
    }
}
