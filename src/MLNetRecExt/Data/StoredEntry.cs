namespace MLNetRecExt;

/// <summary>An entry that waits in a file.</summary>
internal readonly record struct StoredEntry(long Timestamp, int Row, int Column, float Label, float Weight);
