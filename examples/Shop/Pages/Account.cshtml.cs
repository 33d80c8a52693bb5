using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Shop.Pages;

/// <summary>What a customer bought; where it is allowed, for a demonstration, a way to be another customer.</summary>
internal sealed class AccountModel(Orders orders, Catalogue catalogue, IConfiguration configuration) : PageModel
{
    public IReadOnlyList<(Product Product, OrderLine Line)> Bought { get; private set; } = [];

    public IReadOnlyList<(long Id, string Name, long Lines)> Customers { get; private set; } = [];

    private bool ShowsCustomers => configuration.GetValue<bool>("Shop:ShowCustomers");

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        foreach (var line in await orders.LastAsync(User.CustomerId(), 12, cancellationToken))
            if (catalogue.Find(line.Sku) is { } product)
                Bought = [.. Bought, (product, line)];
        if (ShowsCustomers)
            Customers = await orders.CustomersAsync(12, cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync(long customer, CancellationToken cancellationToken)
    {
        if (!ShowsCustomers)
            return NotFound();
        var name = await orders.NameAsync(customer, cancellationToken);
        var visitor = name is null ? Visitor.CreateNew() : Visitor.Create(customer, name);
        await HttpContext.SignInAsync(visitor, new() { IsPersistent = true });
        return RedirectToPage("/Index");
    }
}
