using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using MLNetRecExt.AspNetCore;

namespace Shop.Pages;

/// <summary>A product. Looking at it and buying it is told to the recommender, with the list that led here.</summary>
internal sealed class ProductModel(
    Shelves shelves, Catalogue catalogue, Orders orders, CustomerHistory history, IFeedback<long, string> feedback) : PageModel
{
    public const int MaxQuantity = 10;

    /// <summary>The list in which it was clicked, as the link says.</summary>
    [BindProperty(SupportsGet = true), RegularExpression("^[0-9a-f]{32}$")]
    public string? List { get; set; }

    /// <summary>Its place there.</summary>
    [BindProperty(SupportsGet = true), Range(1, 1000)]
    public int? At { get; set; }

    [BindProperty, Range(1, MaxQuantity)]
    public int Quantity { get; set; } = 1;

    public Product Product { get; private set; } = null!;

    public Shelf TakenTogether { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string sku, CancellationToken cancellationToken)
    {
        if (catalogue.Find(sku) is not { } product)
            return NotFound();
        if (!ModelState.IsValid)
            return BadRequest();
        await TellAsync(product, FeedbackKind.Clicked, cancellationToken);
        return await ShowAsync(product, cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync(string sku, CancellationToken cancellationToken)
    {
        if (catalogue.Find(sku) is not { } product)
            return NotFound();
        if (ModelState.IsValid && !await orders.PlaceAsync(User.CustomerId(), product.Sku, Quantity, cancellationToken))
            ModelState.AddModelError(nameof(Quantity), $"We have no {Quantity} of these left.");
        catalogue.Change();
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return await ShowAsync(product, cancellationToken);
        }
        await TellAsync(product, FeedbackKind.Bought, cancellationToken);
        return RedirectToPage("/Thanks", new { product.Sku });
    }

    private async Task TellAsync(Product product, FeedbackKind kind, CancellationToken cancellationToken)
    {
        var customer = User.CustomerId();
        await history.AddAsync(customer, product.Sku, kind == FeedbackKind.Bought, cancellationToken);
        feedback.Add(new(customer, product.Sku, kind, DateTimeOffset.UtcNow, List, At, List is null ? null : "shop"));
    }

    private async Task<IActionResult> ShowAsync(Product product, CancellationToken cancellationToken)
    {
        Product = product;
        TakenTogether = await shelves.TakenWithAsync(User.CustomerId(), product.Sku, cancellationToken);
        return Page();
    }
}
