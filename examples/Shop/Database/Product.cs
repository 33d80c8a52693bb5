namespace Shop;

/// <summary>A product as the pages show it.</summary>
/// <param name="Picture">Classes of its picture: what it is, its colour and the ground behind it, such as <c>mug sage ground-2</c>.</param>
/// <param name="Sold">How many were ordered in the last 90 days.</param>
internal sealed record Product(
    string Sku, string Title, string Category, string Description, string Picture, int PriceInCents, int Stock, long Sold = 0)
{
    public decimal Price => PriceInCents / 100m;

    /// <summary>The drawing in <c>wwwroot/products.svg</c>.</summary>
    public string Drawing => Picture.Split(' ')[0];

    public string Ground => Picture.Split(' ')[2];
}
