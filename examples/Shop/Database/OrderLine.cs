namespace Shop;

/// <summary>One product of an order. Times are milliseconds since 1970, which both databases and all time zones read alike.</summary>
internal sealed record OrderLine(long Customer, string Sku, int Quantity, long OrderedAt)
{
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(OrderedAt);
}
