namespace MLNetRecExt.Benchmarks;

/// <summary>An item in a collection of vectors.</summary>
internal sealed record ItemRecord(string Id, ReadOnlyMemory<float> Vector);
