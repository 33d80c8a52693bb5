using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Shop.Pages;

/// <summary>What a visitor sees when a request fails: nothing of the inside.</summary>
[IgnoreAntiforgeryToken, ResponseCache(NoStore = true)]
internal sealed class ErrorModel : PageModel
{
    public string Heading { get; private set; } = "";

    public string Text { get; private set; } = "";

    public void OnGet(int? code) => Say(code);

    public void OnPost(int? code) => Say(code);

    private void Say(int? code) => (Heading, Text) = code switch
    {
        404 => ("Not here", "We do not have this, or not any more."),
        400 => ("That did not work", "The form was not complete, or too old. Please go back, load the page again and try once more."),
        _ => ("Something went wrong", "It is our fault, and nothing was ordered. Please try again in a minute."),
    };
}
