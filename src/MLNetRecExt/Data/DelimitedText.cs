using System.Text;

namespace MLNetRecExt;

/// <summary>A delimited text file, or its head, cut into rows of values. Quotes are those of RFC 4180.</summary>
internal sealed class DelimitedText
{
    // A quote that nobody closed must not swallow the file.
    private const int LongestJoinedRow = 1 << 16;

    private readonly byte[] _bytes;
    private readonly int _start;

    private DelimitedText(byte[] bytes, int start) => (_bytes, _start) = (bytes, start);

    /// <summary>Reads a file, up to the last whole line that fits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes to read at most.</param>
    /// <exception cref="InvalidDataException">It is empty, or no UTF-8 text, or its length is not known.</exception>
    /// <exception cref="IOException">It is missing, cannot be read, or became shorter meanwhile.</exception>
    public static DelimitedText Open(string path, int most = int.MaxValue)
    {
        using var file = TextFile.Open(path);
        var whole = RandomAccess.GetLength(file);
        var bytes = new byte[(int)Math.Min(Math.Min(most, Array.MaxLength), whole)];
        var length = InteractionFileBlock.Read(file, bytes, 0);
        if (length < bytes.Length)
            throw TextFile.Shrunk(path);
        if (length < whole)
            length = bytes.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
        var start = TextFile.Start(path, bytes);
        if (length == 0 && bytes.Length > 0 || bytes.AsSpan(0, length).Contains((byte)0))
            throw new InvalidDataException($"{path} is no text of lines. Delimited text is needed; unpack the file first if it is packed.");
        return new DelimitedText(bytes[..length], start);
    }

    /// <summary>The rows, blank lines left out, values without quotes and spaces around them.</summary>
    /// <param name="separator">What stands between values.</param>
    /// <param name="joinsLines">Whether a line break between quotes belongs to the value; else every line is a row.</param>
    public IEnumerable<string[]> Rows(string separator, bool joinsLines)
    {
        var splitter = new LineSplitter(Encoding.UTF8.GetBytes(separator), allowQuoting: true, columnCount: int.MaxValue);
        for (int start = _start; start < _bytes.Length;)
        {
            var end = LineEnd(start);
            var row = Split(splitter, start, end);
            if (splitter.IsOpen && joinsLines)
                for (var further = end; splitter.IsOpen && further + 1 < _bytes.Length && further - start < LongestJoinedRow;)
                {
                    further = LineEnd(further + 1);
                    var joined = Split(splitter, start, further);
                    if (!splitter.IsOpen)
                        (row, end) = (joined, further);
                }
            start = end + 1;
            if (row.Length > 0)
                yield return row;
        }
    }

    private int LineEnd(int start)
    {
        var length = _bytes.AsSpan(start).IndexOf((byte)'\n');
        return length < 0 ? _bytes.Length : start + length;
    }

    private string[] Split(LineSplitter splitter, int start, int end)
    {
        if (end > start && _bytes[end - 1] == '\r')
            end--;
        if (end == start)
            return [];
        // The splitter writes over values between quotes.
        var line = _bytes[start..end];
        var cells = new string[splitter.Split(line, 0, line.Length)];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = Encoding.UTF8.GetString(line, splitter[i].Start, splitter[i].Length).Trim();
        return cells;
    }
}
