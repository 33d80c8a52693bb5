namespace MLNetRecExt;

/// <summary>Where a split puts an entry.</summary>
internal enum SplitPart : byte
{
    Train,
    Test,
    FoldIn,
}
