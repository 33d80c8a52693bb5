using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Shop.Pages;

internal sealed class IndexModel(Shelves shelves, Catalogue catalogue) : PageModel
{
    public Shelf Shelf { get; private set; } = null!;

    /// <summary>Of each category what sells best.</summary>
    public IEnumerable<(string Category, IEnumerable<Product> Products)> Bestsellers =>
        catalogue.Categories.Select(category => (category, catalogue.All.Where(p => p.Category == category && p.Stock > 0).Take(4)));

    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        Shelf = await shelves.ForCustomerAsync(User.CustomerId(), null, cancellationToken);
}
