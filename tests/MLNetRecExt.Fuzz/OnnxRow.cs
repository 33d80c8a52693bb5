namespace MLNetRecExt.Fuzz;

/// <summary>A row of what a graph reads.</summary>
/// <typeparam name="TUser">Type of user ids.</typeparam>
/// <typeparam name="TItem">Type of item ids.</typeparam>
internal sealed class OnnxRow<TUser, TItem>
{
    public TUser User { get; set; } = default!;
    public TItem Item { get; set; } = default!;
    public TItem[] History { get; set; } = [];
    public string Kind { get; set; } = "kind 1";
    public float Size { get; set; } = 20;
}
