namespace MLNetRecExt;

/// <summary>Names of the columns that interactions are read from.</summary>
/// <param name="User">User column: a key or raw ids.</param>
/// <param name="Item">Item column: a key or raw ids.</param>
/// <param name="Label">Label column, or null: every label is 1.</param>
/// <param name="Weight">Weight column, or null: every weight is 1.</param>
/// <param name="Timestamp">Timestamp column, or null.</param>
public sealed record InteractionColumns(string User = "User", string Item = "Item", string? Label = null, string? Weight = null, string? Timestamp = null)
{
    internal static InteractionColumns From(RecommenderTrainerOptions options) =>
        new(options.UserColumnName, options.ItemColumnName, options.LabelColumnName, options.WeightColumnName, options.TimestampColumnName);
}
