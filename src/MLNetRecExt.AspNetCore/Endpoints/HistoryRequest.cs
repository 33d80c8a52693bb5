namespace MLNetRecExt.AspNetCore;

/// <summary>Asks for a list by what somebody took.</summary>
/// <param name="History">What they took, oldest first.</param>
/// <param name="Count">Length of the list.</param>
/// <param name="Category">Only items of this category.</param>
/// <param name="InStock">Only items in stock; true when nothing is said.</param>
/// <param name="MinPrice">The lowest price.</param>
/// <param name="MaxPrice">The highest price.</param>
internal sealed record HistoryRequest<TItem>(
    IReadOnlyList<HistoryRow<TItem>> History, int? Count = null, string? Category = null, bool? InStock = null, decimal? MinPrice = null,
    decimal? MaxPrice = null)
{
    public ListParameters List => new(Count, Category, InStock, MinPrice, MaxPrice);
}
