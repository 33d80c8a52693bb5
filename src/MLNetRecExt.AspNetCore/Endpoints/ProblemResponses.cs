using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MLNetRecExt.AspNetCore;

/// <summary>Gives requests that cannot be read, or ask for what there is not, problem details that say why.</summary>
internal static class ProblemResponses
{
    // What the address may hold beside ids, and what it must be.
    private static readonly (string Name, Func<string, bool> IsRead, string Needed)[] Parameters =
    [
        ("count", text => int.TryParse(text, CultureInfo.InvariantCulture, out _), "a whole number"),
        ("inStock", text => bool.TryParse(text, out _), "true or false"),
        ("minPrice", text => decimal.TryParse(text, CultureInfo.InvariantCulture, out _), "a number"),
        ("maxPrice", text => decimal.TryParse(text, CultureInfo.InvariantCulture, out _), "a number"),
    ];

    /// <summary>Wraps an endpoint.</summary>
    public static void AddTo(EndpointBuilder endpoint)
    {
        var answer = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async context =>
        {
            try
            {
                await answer(context);
                // The framework could not bind a parameter: it says nothing but the code.
                if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status400BadRequest, ContentType: null })
                    await Unreadable(context).ExecuteAsync(context);
            }
            // As in development, where the framework throws.
            catch (BadHttpRequestException e) when (!context.Response.HasStarted)
            {
                await (e.Message.StartsWith("Failed to bind", StringComparison.Ordinal)
                    ? Unreadable(context)
                    : TypedResults.Problem(e.Message, statusCode: e.StatusCode)).ExecuteAsync(context);
            }
            // No catalogue, no explanation by this model: the message says what to do.
            catch (NotSupportedException e) when (!context.Response.HasStarted)
            {
                await TypedResults.Problem(e.Message, statusCode: StatusCodes.Status501NotImplemented).ExecuteAsync(context);
            }
        };
    }

    private static IResult Unreadable(HttpContext context)
    {
        var errors = Parameters
            .Where(parameter => context.Request.Query[parameter.Name] is [{ Length: > 0 } text] && !parameter.IsRead(text))
            .ToDictionary(parameter => parameter.Name, parameter => new[] { $"{parameter.Name} must be {parameter.Needed}." });
        return errors.Count > 0
            ? TypedResults.ValidationProblem(errors)
            : TypedResults.Problem(
                "An id in the address is not of the type that the model was trained on.", statusCode: StatusCodes.Status400BadRequest);
    }
}
