namespace MLNetRecExt;

/// <summary>Which columns entries have beside user and item.</summary>
internal readonly record struct EntryColumns(bool HasLabels, bool HasWeights, bool HasTimestamps);
