using System.Globalization;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.Win32.SafeHandles;

namespace MLNetRecExt;

/// <summary>Where in the lines of a file the columns are, and where its rows begin.</summary>
internal sealed class InteractionFileLayout
{
    /// <summary>Bytes of the longest line that is taken for one.</summary>
    public const int LongestLine = 1 << 20;

    /// <param name="file">An open file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="options">Options that have been checked.</param>
    /// <param name="userKind">What user ids are.</param>
    /// <param name="itemKind">What item ids are.</param>
    /// <exception cref="ArgumentException">A column is missing, or the header has its name twice.</exception>
    /// <exception cref="InvalidDataException">The file is no UTF-8 text, or lacks its header.</exception>
    public InteractionFileLayout(SafeFileHandle file, string path, InteractionFileOptions options, DataKind userKind, DataKind itemKind)
    {
        Path = path;
        Options = options;
        (UserKind, ItemKind) = (userKind, itemKind);
        var cells = ReadFirstLine(file);
        var columns = options.Columns;
        (User, Item) = (Find(columns.User, "users"), Find(columns.Item, "items"));
        (Label, Weight, Timestamp) = (FindAny(columns.Label, "labels"), FindAny(columns.Weight, "weights"), FindAny(columns.Timestamp, "timestamps"));

        int FindAny(string? name, string role) => name is null ? -1 : Find(name, role);

        int Find(string name, string role)
        {
            if (options.HasHeader)
                return ColumnNames.Find(path, cells, name) is var place and >= 0 ? place : throw new ArgumentException(
                    $"{path} has no column '{name}' to read {role} from. Separated by '{options.Separator}', its first line names {string.Join(", ", cells.Select(cell => $"'{cell}'"))}: " +
                    $"give one of them, another {nameof(InteractionFileOptions.Separator)}, or set {nameof(InteractionFileOptions.HasHeader)} to false and give numbers.");
            // A line of separators alone has one column more.
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > LongestLine)
                throw new ArgumentException(
                    $"{path} is read without a header, so columns go by number, from 0; '{name}', to read {role} from, is none. " +
                    $"Give a number of at most {LongestLine}, or set {nameof(InteractionFileOptions.HasHeader)}.");
            return cells.Length == 0 || number < cells.Length ? number : throw new ArgumentException(
                $"{path} has no column {number}, counted from 0, to read {role} from. Separated by '{options.Separator}', its first line has {cells.Length}: give one of them, or another {nameof(InteractionFileOptions.Separator)}.");
        }
    }

    public string Path { get; }

    public InteractionFileOptions Options { get; }

    public DataKind UserKind { get; }

    public DataKind ItemKind { get; }

    /// <summary>The place of the users' column in a line, from 0.</summary>
    public int User { get; }

    /// <summary>The place of the items' column.</summary>
    public int Item { get; }

    /// <summary>The place of the labels' column, or −1.</summary>
    public int Label { get; }

    /// <summary>The place of the weights' column, or −1.</summary>
    public int Weight { get; }

    /// <summary>The place of the timestamps' column, or −1.</summary>
    public int Timestamp { get; }

    /// <summary>The byte that the first row begins at.</summary>
    public long Start { get; private set; }

    /// <summary>Cuts the lines, as far as columns are read.</summary>
    public LineSplitter NewSplitter() => NewSplitter(1 + Math.Max(Math.Max(User, Item), Math.Max(Label, Math.Max(Weight, Timestamp))));

    private LineSplitter NewSplitter(int columnCount) => new(Encoding.UTF8.GetBytes(Options.Separator), Options.AllowQuoting, columnCount);

    /// <summary>The values of the first line, which is passed over when it is a header.</summary>
    private string[] ReadFirstLine(SafeFileHandle file)
    {
        var bytes = new byte[LongestLine];
        var length = InteractionFileBlock.Read(file, bytes, 0);
        ReadOnlySpan<byte> text = bytes.AsSpan(0, length);
        Start = TextFile.Start(Path, text);
        var end = text.IndexOf((byte)'\n');
        if (end < 0 && length == LongestLine)
            throw TooLong(0);
        var next = end < 0 ? length : end + 1;
        end = end < 0 ? length : end;
        if (end > Start && bytes[end - 1] == '\r')
            end--;
        var splitter = NewSplitter(int.MaxValue);
        var cells = new string[end > Start ? splitter.Split(bytes, (int)Start, end) : 0];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = Encoding.UTF8.GetString(bytes, splitter[i].Start, splitter[i].Length).Trim();
        if (!Options.HasHeader)
            return cells;
        Start = next;
        return cells.Length > 0 ? cells : throw new InvalidDataException(
            $"The first line of {Path} is empty; the columns' names are needed there. Set {nameof(InteractionFileOptions.HasHeader)} to false where there are none.");
    }

    /// <summary>What is said of a line without an end, which begins at a byte or behind it.</summary>
    public InvalidDataException TooLong(long begin) => new(FormattableString.Invariant(
        $"{Path} has a line behind byte {begin} without an end within {LongestLine:N0} bytes. Text with one interaction per line is needed; unpack the file first if it is packed."));
}
