using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Shop;

/// <summary>Who looks at a page, as their cookie says; it is encrypted, so that nobody can put another's id into it.</summary>
internal static class Visitor
{
    public const string Operator = "operator";

    public static ClaimsPrincipal Create(long customer, string? name, bool isOperator = false)
    {
        var claims = new List<Claim> { new(ClaimTypes.NameIdentifier, customer.ToString(CultureInfo.InvariantCulture)) };
        if (name is not null)
            claims.Add(new(ClaimTypes.Name, name));
        if (isOperator)
            claims.Add(new(ClaimTypes.Role, Operator));
        return new(new ClaimsIdentity(claims, CookieAuthenticationDefaults.AuthenticationScheme));
    }

    /// <summary>Someone new: an id that no customer has, since these count from 1.</summary>
    public static ClaimsPrincipal CreateNew() => Create(Random.Shared.NextInt64(1L << 32, 1L << 53), null);

    public static long CustomerId(this ClaimsPrincipal user) =>
        long.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!, CultureInfo.InvariantCulture);
}
