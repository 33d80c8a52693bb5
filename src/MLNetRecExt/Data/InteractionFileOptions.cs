using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>How interactions stand in a delimited text file, and how they are read from it.</summary>
/// <remarks>
/// The text is UTF-8, with or without a byte order mark; a line, ended by LF or CRLF, is a row, and blank lines are none.
/// Spaces before a value do not belong to it.
/// </remarks>
public sealed record InteractionFileOptions
{
    /// <summary>Names of the columns in the first line; without a header, their numbers from 0: <c>new("0", "1", Label: "2")</c>.</summary>
    /// <value>Default: <c>User</c> and <c>Item</c> alone.</value>
    public InteractionColumns Columns { get; init; } = new();

    /// <summary>What stands between the values of a line: <c>","</c>, <c>"\t"</c>, <c>"::"</c>, or any other text without quotes and line breaks.</summary>
    /// <value>Default <c>","</c>.</value>
    public string Separator { get; init; } = ",";

    /// <summary>Whether the first line that is not blank names the columns.</summary>
    /// <value>Default true.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// Whether a value may stand between quotes, so that it can hold the separator, and a quote as two. A value whose quotes do not match is missing.
    /// </summary>
    /// <value>Default true.</value>
    public bool AllowQuoting { get; init; } = true;

    /// <summary>What user ids are read as: <see cref="DataKind.String"/>, <see cref="DataKind.Int32"/>, <see cref="DataKind.Int64"/>, <see cref="DataKind.UInt32"/> or <see cref="DataKind.UInt64"/>.</summary>
    /// <value>Default null: as the ids that are continued, or text. Integers are faster and smaller.</value>
    public DataKind? UserKind { get; init; }

    /// <summary>What item ids are read as: <see cref="DataKind.String"/>, <see cref="DataKind.Int32"/>, <see cref="DataKind.Int64"/>, <see cref="DataKind.UInt32"/> or <see cref="DataKind.UInt64"/>.</summary>
    /// <value>Default null: as the ids that are continued, or text. Integers are faster and smaller.</value>
    public DataKind? ItemKind { get; init; }

    /// <summary>What timestamps are read as: <see cref="DataKind.Int64"/>, <see cref="DataKind.Double"/> (rounded down) or <see cref="DataKind.DateTime"/> (its ticks; invariant culture).</summary>
    /// <value>Default <see cref="DataKind.Int64"/>.</value>
    public DataKind TimestampKind { get; init; } = DataKind.Int64;

    /// <summary>Rows with a smaller label are passed over, as if they were not in the file; the others count as label 1. Null: every row is read with its label.</summary>
    /// <value>Default null; needs a label column.</value>
    public float? RelevantFrom { get; init; }

    /// <summary>How rows of the same (user, item) become one.</summary>
    /// <value>Default <see cref="DuplicateHandling.Last"/>.</value>
    public DuplicateHandling Duplicates { get; init; }

    /// <summary>What rows get that lack an id, or whose label, weight or timestamp is missing or no finite number, or whose weight is negative.</summary>
    /// <value>Default <see cref="BadRowHandling.Skip"/>.</value>
    public BadRowHandling BadRows { get; init; }

    /// <summary>Threads that read; null: all cores. The result does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    public int? NumberOfThreads { get; init; }

    /// <summary>Told the number of rows read, about every million.</summary>
    /// <value>Default null.</value>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Cancels the reading.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Columns);
        Columns.CheckUsersAreNotItems();
        if (string.IsNullOrEmpty(Separator) || Separator.AsSpan().ContainsAny('"', '\r', '\n'))
            throw new ArgumentException($"{nameof(Separator)} must be text without quotes and line breaks; it is '{Separator}'.", nameof(Separator));
        CheckIds(UserKind, nameof(UserKind));
        CheckIds(ItemKind, nameof(ItemKind));
        if (TimestampKind is not (DataKind.Int64 or DataKind.Double or DataKind.DateTime))
            throw new ArgumentException($"{nameof(TimestampKind)} must be Int64, Double or DateTime; it is {TimestampKind}.", nameof(TimestampKind));
        if (RelevantFrom is { } least && !float.IsFinite(least))
            throw new ArgumentOutOfRangeException(nameof(RelevantFrom), least, $"{nameof(RelevantFrom)} must be finite.");
        if (RelevantFrom is not null && Columns.Label is null)
            throw new ArgumentException($"{nameof(RelevantFrom)} looks at labels: name their column in {nameof(Columns)}, or set it to null.", nameof(RelevantFrom));
        if (NumberOfThreads is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(NumberOfThreads), NumberOfThreads, $"{nameof(NumberOfThreads)} must be in [1, 1024].");

        static void CheckIds(DataKind? kind, string name)
        {
            if (kind is not (null or DataKind.String or DataKind.Int32 or DataKind.Int64 or DataKind.UInt32 or DataKind.UInt64))
                throw new ArgumentException($"{name} must be String, Int32, Int64, UInt32 or UInt64; it is {kind}.", name);
        }
    }
}
