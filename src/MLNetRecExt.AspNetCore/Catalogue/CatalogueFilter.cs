namespace MLNetRecExt.AspNetCore;

/// <summary>Which items of the catalogue a list may hold. Filters of equal values are worked out once for each model and
/// catalogue.</summary>
public sealed record CatalogueFilter
{
    /// <summary>What passes when nobody says: all that is in stock.</summary>
    internal static readonly CatalogueFilter InStock = new();

    /// <summary>Only items of this category, compared letter by letter.</summary>
    /// <value>Default null: any.</value>
    public string? Category { get; init; }

    /// <summary>Only items in stock.</summary>
    /// <value>Default true.</value>
    public bool InStockOnly { get; init; } = true;

    /// <summary>The lowest price. Items without a price do not pass where a price is asked for.</summary>
    /// <value>Default null: any.</value>
    public decimal? MinPrice { get; init; }

    /// <summary>The highest price, itself included.</summary>
    /// <value>Default null: any.</value>
    public decimal? MaxPrice { get; init; }
}
