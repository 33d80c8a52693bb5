namespace MLNetRecExt.Benchmarks;

/// <summary>What <see cref="ServedShop"/> says of itself.</summary>
internal sealed record ServedStatus(long WorkingSet, long Added, long Dropped, long Written, long Rows, string? Reason);
