namespace MLNetRecExt;

/// <summary>Who of several that train together does a part of each half. They do not show in the bits.</summary>
/// <param name="Index">0…count−1.</param>
/// <param name="Count">How many there are; one does all.</param>
internal readonly record struct WalsShare(int Index, int Count)
{
    /// <summary>That of who trains alone.</summary>
    public static WalsShare All => new(0, 1);
}
