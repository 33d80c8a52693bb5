namespace Shop;

/// <summary>A product of a shelf, and why it is there.</summary>
/// <param name="Because">What the customer took that speaks most for it; null where nothing does.</param>
/// <param name="OnlyLookedAt">They looked at that, and did not buy it.</param>
/// <param name="Position">Its place in the list, from 1.</param>
internal sealed record ShelfItem(Product Product, int Position, Product? Because = null, bool OnlyLookedAt = false);
