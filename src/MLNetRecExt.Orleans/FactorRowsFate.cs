namespace MLNetRecExt;

/// <summary>What became of rows that were sent.</summary>
internal enum FactorRowsFate
{
    /// <summary>They are in their place.</summary>
    Taken,

    /// <summary>They are of an earlier plan, or of no job that is known, and were skipped.</summary>
    Stale,

    /// <summary>They are not as they were sent.</summary>
    Damaged,
}
