namespace MLNetRecExt.Fuzz;

/// <summary>Side features of a user or item.</summary>
internal sealed class FeatureRow
{
    public string Id { get; set; } = "";
    public string Kind { get; set; } = "";
    public float Size { get; set; }
}
