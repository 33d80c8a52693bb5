using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Answers what the operator's page is asked.</summary>
internal sealed class PageEndpoints(IReadOnlyList<RecommenderDesk> desks, TimeProvider time, ModelSurveys surveys)
{
    private const string Year = "private, max-age=31536000, immutable";

    // Nothing but the style sheet is loaded, nothing runs, and nobody frames the page.
    private const string ContentSecurity =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>What every answer says: addresses hold ids of users, and the page what they took, so neither is kept nor told.</summary>
    public static ValueTask<object?> AddHeadersAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurity;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }

    public static IResult StyleSheet(HttpContext context)
    {
        context.Response.Headers.CacheControl = Year;
        return Results.Bytes(PageStyle.Content, "text/css; charset=utf-8");
    }

    public IResult Overview(HttpContext context)
    {
        var request = Request(context, Views.Overview);
        return Page<OverviewPage, PageRequest>(request, request);
    }

    public Task<IResult> UserAsync(HttpContext context, CancellationToken cancellationToken) => WithModelAsync(
        context, Views.User, async (desk, model, request) =>
            Page<UserPage, UserView>(request, await UserView.ReadAsync(desk, model, request, cancellationToken)));

    public Task<IResult> ItemAsync(HttpContext context, CancellationToken cancellationToken) => WithModelAsync(
        context, Views.Item, async (desk, model, request) =>
        {
            var view = await ItemView.ReadAsync(desk, model, request.Text("id"), surveys, cancellationToken);
            return Page<ItemPage, ItemView>(request, view, view.IsMissing ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
        });

    public Task<IResult> MapAsync(HttpContext context, CancellationToken cancellationToken) => WithModelAsync(
        context, Views.Map, async (desk, model, request) =>
            Page<MapPage, MapView>(request, await MapView.ReadAsync(desk, model, request, surveys, cancellationToken)));

    public async Task<IResult> CompareAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = Request(context, Views.Compare);
        foreach (var side in (ReadOnlySpan<string>)["left", "right"])
            if (request.Text(side) is { } name && request.Named(side) is null)
                return Unknown(request, name);
        return Page<ComparePage, CompareView>(request, await CompareView.ReadAsync(request, surveys, cancellationToken));
    }

    private async Task<IResult> WithModelAsync(
        HttpContext context, string view, Func<RecommenderDesk, RecommenderModel, PageRequest, Task<IResult>> answer)
    {
        var request = Request(context, view);
        if (request.Desk is not { } desk)
            return Unknown(request, request.Text("model")!);
        return desk.Model is { } model
            ? await answer(desk, model, request)
            : Page<MessagePage, PageMessage>(request, new(
                "No model yet",
                $"The recommender “{desk.Name}” has loaded no model, so there is nothing to look at. The overview says what is wrong."));
    }

    private PageRequest Request(HttpContext context, string view) => new(context, view, desks, time.GetUtcNow());

    private static PageResult<MessagePage, PageMessage> Unknown(PageRequest request, string name) => Page<MessagePage, PageMessage>(
        request, new("No such recommender", $"No recommender is registered as “{name}”."), StatusCodes.Status404NotFound);

    private static PageResult<TView, TFound> Page<TView, TFound>(
        PageRequest request, TFound found, int statusCode = StatusCodes.Status200OK)
        where TView : IComponent => new(request, found, statusCode);
}
