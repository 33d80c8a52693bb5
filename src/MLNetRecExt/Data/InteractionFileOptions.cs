using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Where interactions stand in a delimited text file, and what their values are read as.</summary>
/// <remarks>
/// The text is UTF-8, with or without a byte order mark; a line, ended by LF or CRLF, is a row, and blank lines are none.
/// Spaces before a value do not belong to it. <see cref="Infer"/> finds out most of it from the file.
/// </remarks>
public sealed record InteractionFileOptions
{
    /// <summary>Names of the columns in the first line; without a header, their numbers from 0: <c>new("0", "1", Label: "2")</c>.</summary>
    /// <value>Default: <c>User</c> and <c>Item</c> alone.</value>
    public InteractionColumns Columns { get; init; } = new();

    /// <summary>What stands between the values of a line: <c>","</c>, <c>"\t"</c>, <c>"::"</c>, or any other text without quotes and line
    /// breaks.</summary>
    /// <value>Default <c>","</c>.</value>
    public string Separator { get; init; } = ",";

    /// <summary>Whether the first line names the columns.</summary>
    /// <value>Default true.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// Whether a value may stand between quotes, so that it can hold the separator, and a quote as two. A value whose quotes do not match
    /// is missing.
    /// </summary>
    /// <value>Default true.</value>
    public bool AllowQuoting { get; init; } = true;

    /// <summary>What user ids are read as: <see cref="DataKind.String"/>, <see cref="DataKind.Int32"/>, <see cref="DataKind.Int64"/>,
    /// <see cref="DataKind.UInt32"/> or <see cref="DataKind.UInt64"/>.</summary>
    /// <value>Default null: as the ids that are continued, or text. Integers are faster and smaller.</value>
    public DataKind? UserKind { get; init; }

    /// <summary>What item ids are read as: <see cref="DataKind.String"/>, <see cref="DataKind.Int32"/>, <see cref="DataKind.Int64"/>,
    /// <see cref="DataKind.UInt32"/> or <see cref="DataKind.UInt64"/>.</summary>
    /// <value>Default null: as the ids that are continued, or text. Integers are faster and smaller.</value>
    public DataKind? ItemKind { get; init; }

    /// <summary>What timestamps are read as: <see cref="DataKind.Int64"/>, <see cref="DataKind.Double"/> (rounded down) or
    /// <see cref="DataKind.DateTime"/> (its ticks; invariant culture).</summary>
    /// <value>Default <see cref="DataKind.Int64"/>.</value>
    public DataKind TimestampKind { get; init; } = DataKind.Int64;

    /// <summary>Rows with a smaller label are passed over, as if they were not in the file; the others count as label 1. Null: every row
    /// is read with its label.</summary>
    /// <value>Default null; any finite number. Needs a label column.</value>
    public float? RelevantFrom { get; init; }

    /// <summary>
    /// Looks at the head of a file, up to 200 rows, and tells how it is to be read: the separator, whether there is a header, and which
    /// columns hold
    /// users, items, labels and timestamps, by their names or by what they hold.
    /// </summary>
    /// <example><code>
    /// var file = InteractionFileOptions.Infer("u.data");
    /// Console.WriteLine(file);    // tab-separated, no header; user 0, item 1, label 2, timestamp 3
    /// var interactions = mlContext.Recommenders().Data.ReadInteractions("u.data", file);
    /// </code></example>
    /// <param name="path">A UTF-8 text file of one interaction per line.</param>
    /// <param name="hints">What is known already, such as a column's name; null: nothing. Each property of it says how the rest is found
    /// out.</param>
    /// <remarks>
    /// Ids stay text, whatever the first rows hold, since one id further down that is no number would be lost otherwise;
    /// set <see cref="UserKind"/> and <see cref="ItemKind"/> where all are known to be integers.
    /// Of a file without a header the first column of ids is taken for the users: print what was found, and give hints where it is wrong.
    /// </remarks>
    /// <exception cref="ArgumentException">A column that <paramref name="hints"/> name does not exist, has a name that stands
    /// twice, or does not hold what it should; the message says what the file has.</exception>
    /// <exception cref="InvalidDataException">The file is empty, no UTF-8 text, or has no known length, as a pipe has none; or it does not
    /// show which column is which: the message says what was seen, and which hint is needed.</exception>
    /// <exception cref="IOException">The file is missing, cannot be read, or became shorter while it was read.</exception>
    public static InteractionFileOptions Infer(string path, InteractionFileHints? hints = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckSeparator(hints?.Separator);
        return InteractionFileInference.Infer(path, hints ?? new());
    }

    /// <summary>The separator and the columns in one line, like <c>tab-separated, no header; user 0, item 1, label 2, timestamp
    /// 3</c>.</summary>
    public override string ToString()
    {
        (string Role, string? Name)[] columns =
        [
            ("user", Columns.User), ("item", Columns.Item),
            ("label", Columns.Label), ("weight", Columns.Weight), ("timestamp", Columns.Timestamp),
        ];
        var named = columns.Where(column => column.Name is not null)
            .Select(column => HasHeader ? $"{column.Role} '{column.Name}'" : $"{column.Role} {column.Name}");
        return $"{DelimitedHead.Describe(Separator, HasHeader)}; {string.Join(", ", named)}";
    }

    /// <exception cref="ArgumentException">No text can be divided so.</exception>
    internal static void CheckSeparator(string? separator)
    {
        if (separator is not null && (separator.Length == 0 || separator.AsSpan().ContainsAny('"', '\r', '\n')))
            throw new ArgumentException($"{nameof(Separator)} must be text without quotes and line breaks; it is '{separator}'.", nameof(Separator));
    }

    internal void Validate()
    {
        OptionChecker.Check(this);
        ArgumentNullException.ThrowIfNull(Columns);
        Columns.CheckUsersAreNotItems();
        ArgumentNullException.ThrowIfNull(Separator);
        CheckSeparator(Separator);
        CheckIds(UserKind, nameof(UserKind));
        CheckIds(ItemKind, nameof(ItemKind));
        if (TimestampKind is not (DataKind.Int64 or DataKind.Double or DataKind.DateTime))
            throw new ArgumentException($"{nameof(TimestampKind)} must be Int64, Double or DateTime; it is {TimestampKind}.", nameof(TimestampKind));
        if (RelevantFrom is not null && Columns.Label is null)
            throw new ArgumentException($"{nameof(RelevantFrom)} looks at labels: name their column in {nameof(Columns)}, or set it to null.", nameof(RelevantFrom));

        static void CheckIds(DataKind? kind, string name)
        {
            if (kind is not (null or DataKind.String or DataKind.Int32 or DataKind.Int64 or DataKind.UInt32 or DataKind.UInt64))
                throw new ArgumentException($"{name} must be String, Int32, Int64, UInt32 or UInt64; it is {kind}.", name);
        }
    }
}
