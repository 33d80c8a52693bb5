namespace MLNetRecExt;

/// <summary>What became of the rows that were read into <see cref="Interactions"/>.</summary>
/// <param name="Read">Rows seen.</param>
/// <param name="MissingIds">Rows skipped for a missing key (0), a key beyond its type's count, an empty text id, or text where an integer
/// id is needed.</param>
/// <param name="BadLabels">Rows skipped for a NaN or infinite label, or text that is none.</param>
/// <param name="BadWeights">Rows skipped for a NaN, infinite or negative weight, or text that is none.</param>
/// <param name="BadTimestamps">Rows skipped for a NaN or infinite timestamp, one beyond Int64, or text that is none.</param>
/// <param name="Duplicates">Rows merged into an earlier row of the same (user, item).</param>
public readonly record struct InteractionCounts(
    long Read, long MissingIds = 0, long BadLabels = 0, long BadWeights = 0, long BadTimestamps = 0, long Duplicates = 0)
{
    /// <summary>Rows skipped, for whatever reason. Every row read was skipped, merged, or became an entry.</summary>
    public long Skipped => MissingIds + BadLabels + BadWeights + BadTimestamps;
}
