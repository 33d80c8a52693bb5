using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace MLNetRecExt.AspNetCore;

/// <summary>What a caller may say of a list in the address.</summary>
internal sealed record ListParameters(
    [property: FromQuery(Name = "count"), Description("Length of the list.")] int? Count,
    [property: FromQuery(Name = "category"), Description("Only items of this category.")] string? Category,
    [property: FromQuery(Name = "inStock"), Description("Only items in stock; true when nothing is said.")] bool? InStock,
    [property: FromQuery(Name = "minPrice"), Description("The lowest price.")] decimal? MinPrice,
    [property: FromQuery(Name = "maxPrice"), Description("The highest price.")] decimal? MaxPrice)
{
    private const int LongestCategory = 200;

    public CatalogueFilter Where => new()
    {
        Category = Category,
        InStockOnly = InStock ?? true,
        MinPrice = MinPrice,
        MaxPrice = MaxPrice,
    };

    /// <summary>What is wrong, by parameter; empty when nothing is.</summary>
    public Dictionary<string, string[]> Errors(RecommenderServiceOptions options)
    {
        var errors = new Dictionary<string, string[]>();
        if (Count is { } count && (count < 1 || count > options.MaxListLength))
            errors["count"] = [$"count is {count}; 1 to {options.MaxListLength} is needed."];
        if (Category?.Length > LongestCategory)
            errors["category"] = [$"category has {Category.Length} characters; at most {LongestCategory} are taken."];
        return errors;
    }
}
