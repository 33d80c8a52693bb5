namespace MLNetRecExt;

/// <summary>What became of the rows that were read into <see cref="Interactions"/>.</summary>
/// <param name="Read">Rows seen.</param>
/// <param name="MissingIds">Rows skipped for a missing key (0), a key beyond its type's count, an empty text id or NULL, or a value where an
/// integer id is needed that is none.</param>
/// <param name="BadLabels">Rows skipped for a NaN or infinite label, NULL, or text that is none.</param>
/// <param name="BadWeights">Rows skipped for a NaN, infinite or negative weight, NULL, or text that is none.</param>
/// <param name="BadTimestamps">Rows skipped for a NaN or infinite timestamp, one beyond Int64, NULL, or text that is none.</param>
/// <param name="Duplicates">Rows merged into an earlier row of the same (user, item).</param>
public readonly record struct InteractionCounts(
    long Read, long MissingIds = 0, long BadLabels = 0, long BadWeights = 0, long BadTimestamps = 0, long Duplicates = 0)
{
    /// <summary>Rows skipped, for whatever reason. Every row read was skipped, merged, or became an entry.</summary>
    public long Skipped => MissingIds + BadLabels + BadWeights + BadTimestamps;

    /// <summary>The counts in one line, like <c>10 rows; 2 skipped: 1 without a user or item id, 1 with a bad timestamp; 3 merged</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Read:N0} rows{Fate}");

    /// <summary>How many rows were skipped and merged; empty where none was.</summary>
    internal string Fate =>
        (Skipped > 0 ? FormattableString.Invariant($"; {Skipped:N0} skipped: {SkippedWhy}") : "")
        + (Duplicates > 0 ? FormattableString.Invariant($"; {Duplicates:N0} merged") : "");

    /// <summary>How many rows were skipped for which reason.</summary>
    internal string SkippedWhy
    {
        get
        {
            (long Rows, string Why)[] reasons =
            [
                (MissingIds, "without a user or item id"),
                (BadLabels, "with a NaN or infinite label"),
                (BadWeights, "with a NaN, infinite or negative weight"),
                (BadTimestamps, "with a bad timestamp"),
            ];
            return string.Join(", ", reasons.Where(reason => reason.Rows > 0)
                .Select(reason => FormattableString.Invariant($"{reason.Rows:N0} {reason.Why}")));
        }
    }
}
