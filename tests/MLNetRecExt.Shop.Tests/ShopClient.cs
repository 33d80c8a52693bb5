using System.Net;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Shop.Tests;

/// <summary>A visitor without a browser: keeps cookies, follows no redirects, and sends what no browser would.</summary>
internal sealed partial class ShopClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        BaseAddress = address,
    };

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends a form to a page, with the token that the page at <paramref name="from"/> has; null: without.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PostAsync(
        string path, string? from, params (string Name, string Value)[] fields)
    {
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        if (from is not null)
            form["__RequestVerificationToken"] = Token().Match((await GetAsync(from)).Text).Groups[1].Value;
        using var response = await _http.PostAsync(path, new FormUrlEncodedContent(form));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]* value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
