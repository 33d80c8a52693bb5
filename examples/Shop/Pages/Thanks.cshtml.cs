using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Shop.Pages;

/// <summary>After an order, and what goes with it.</summary>
internal sealed class ThanksModel(Shelves shelves, Catalogue catalogue) : PageModel
{
    public Product Product { get; private set; } = null!;

    public Shelf TakenTogether { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string sku, CancellationToken cancellationToken)
    {
        if (catalogue.Find(sku) is not { } product)
            return NotFound();
        Product = product;
        TakenTogether = await shelves.TakenWithAsync(User.CustomerId(), product.Sku, cancellationToken);
        return Page();
    }
}
