using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Shop.Pages;

/// <summary>Signs the operator in by <c>Shop:OperatorKey</c>, without which nobody gets in, and trains on demand.</summary>
internal sealed class OperatorModel(NightlyTraining training, ModelTrainer trainer, IConfiguration configuration) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty(SupportsGet = true)]
    public bool IsTraining { get; set; }

    public IReadOnlyList<TrainingRecord> Records => trainer.Records;

    public async Task<IActionResult> OnPostSignInAsync(string? key)
    {
        if (configuration["Shop:OperatorKey"] is not { Length: > 0 } expected || !Same(key ?? "", expected))
        {
            ModelState.AddModelError("", "That is not the key.");
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        await HttpContext.SignInAsync(Visitor.Create(User.CustomerId(), User.FindFirstValue(ClaimTypes.Name), isOperator: true));
        return Url.IsLocalUrl(ReturnUrl) ? LocalRedirect(ReturnUrl) : RedirectToPage("/Operator");
    }

    public IActionResult OnPostTrain()
    {
        if (!User.IsInRole(Visitor.Operator))
            return Forbid();
        training.TrainSoon();
        return RedirectToPage("/Operator", new { IsTraining = true });
    }

    // In the same time whatever is wrong.
    private static bool Same(string key, string expected) => CryptographicOperations.FixedTimeEquals(Hash(key), Hash(expected));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
