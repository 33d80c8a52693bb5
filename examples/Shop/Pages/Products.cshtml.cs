using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Shop.Pages;

/// <summary>The products of a category, or those whose title has all words of a search.</summary>
internal sealed class ProductsModel(Shelves shelves, Catalogue catalogue) : PageModel
{
    private const int PageLength = 24;

    [BindProperty(SupportsGet = true)]
    public string? Category { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Q { get; set; }

    [BindProperty(SupportsGet = true)]
    public int P { get; set; } = 1;

    public Shelf? Shelf { get; private set; }

    public IReadOnlyList<Product> Found { get; private set; } = [];

    public int Pages { get; private set; }

    public string Heading => Category ?? (string.IsNullOrWhiteSpace(Q) ? "Everything" : $"Search: {Q}");

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (!ModelState.IsValid || Q?.Length > 100)
            return BadRequest();
        if (Category is not null && !catalogue.Categories.Contains(Category))
            return NotFound();
        var words = (Q ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var found = catalogue.All.Where(product => (Category is null || product.Category == Category)
            && words.All(word => product.Title.Contains(word, StringComparison.OrdinalIgnoreCase))).ToArray();
        Pages = (found.Length + PageLength - 1) / PageLength;
        P = Math.Clamp(P, 1, Math.Max(1, Pages));
        Found = found[((P - 1) * PageLength)..Math.Min(P * PageLength, found.Length)];
        if (Category is not null && P == 1)
            Shelf = await shelves.ForCustomerAsync(User.CustomerId(), Category, cancellationToken);
        return Page();
    }
}
