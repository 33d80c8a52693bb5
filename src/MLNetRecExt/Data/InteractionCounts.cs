namespace MLNetRecExt;

/// <summary>What became of the rows that were read into <see cref="Interactions"/>.</summary>
/// <param name="Read">Rows seen.</param>
/// <param name="BadLabels">Rows skipped for a NaN or infinite label.</param>
/// <param name="BadWeights">Rows skipped for a NaN, infinite or negative weight.</param>
/// <param name="MissingIds">Rows skipped for a missing key (0) or an empty text id.</param>
/// <param name="UnknownIds">Rows skipped because given ids were to be used and theirs was not among them.</param>
/// <param name="Duplicates">Rows merged into an earlier row of the same (user, item).</param>
public readonly record struct InteractionCounts(
    long Read, long BadLabels = 0, long BadWeights = 0, long MissingIds = 0, long UnknownIds = 0, long Duplicates = 0);
