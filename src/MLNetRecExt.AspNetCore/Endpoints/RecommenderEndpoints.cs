using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore;

/// <summary>Answers requests by a recommender.</summary>
internal sealed class RecommenderEndpoints<TUser, TItem>(
    IRecommenderService<TUser, TItem> recommender, RecommenderNames names, TimeProvider time, string? historyPolicy)
    where TUser : notnull
    where TItem : notnull
{
    private const int LongestId = 256, LongestListId = 64;

    public void MapTo(RouteGroupBuilder group)
    {
        Get(group, "/users/{user}/recommendations", RecommendAsync)
            .WithSummary("The best items for a user.")
            .Produces<RecommendationList<TItem>>().ProducesValidationProblem();
        Post(group, "/recommendations", RecommendForAsync)
            .WithSummary("The best items for somebody without an id, by what they took.")
            .Accepts<HistoryRequest<TItem>>("application/json")
            .Produces<RecommendationList<TItem>>().ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        Get(group, "/items/{item}/similar", SimilarAsync)
            .WithSummary("The items most similar to one.")
            .Produces<RecommendationList<TItem>>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status501NotImplemented);
        Get(group, "/model", () => TypedResults.Ok(ModelCard.Of(recommender.Status)))
            .WithSummary("The model that answers.");
        if (historyPolicy is not null)
            Get(group, "/users/{user}/explain/{item}", ExplainAsync)
                .WithSummary("What an item's score for a user is made of.")
                .Produces<Explanation<TItem>>().ProducesProblem(StatusCodes.Status403Forbidden)
                .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status501NotImplemented);
        if (recommender.Feedback is not null)
            Post(group, "/events", AddEventsAsync)
                .WithSummary("What users saw, clicked and bought.")
                .Accepts<FeedbackRow<TUser, TItem>[]>("application/json")
                .Produces<FeedbackReceipt>(StatusCodes.Status202Accepted).ProducesValidationProblem()
                .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    // As a Delegate: taken for a RequestDelegate, a handler of the context alone would have its result thrown away.
    private static RouteHandlerBuilder Get(RouteGroupBuilder group, string pattern, Delegate handler) => group.MapGet(pattern, handler);

    private static RouteHandlerBuilder Post(RouteGroupBuilder group, string pattern, Delegate handler) => group.MapPost(pattern, handler);

    private async Task<IResult> RecommendAsync(TUser user, [AsParameters] ListParameters list, HttpContext context)
    {
        if (Invalid(list.Errors(recommender.Options), ("user", user)) is { } problem)
            return problem;
        var withReasons = await MaySeeHistoryAsync(context, user);
        return Personal(context, await recommender.RecommendAsync(user, list.Count, list.Where, withReasons, context.RequestAborted));
    }

    private async Task<IResult> RecommendForAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync<HistoryRequest<TItem>>(context.Request, recommender.Options.MaxRequestBytes);
        var errors = request.List.Errors(recommender.Options);
        if (request.History.Count > recommender.Options.MaxHistoryLength)
            errors["history"] = [$"history has {request.History.Count} entries; at most {recommender.Options.MaxHistoryLength} are taken."];
        else if (request.History.Any(row => row is null || row.Item is null))
            errors["history"] = ["An entry of history has no item."];
        if (Invalid(errors) is { } problem)
            return problem;
        try
        {
            var history = request.History.Select(row => new HistoryEntry<TItem>(row.Item, row.Label, row.Weight, row.Time)).ToArray();
            return Personal(context,
                await recommender.RecommendForAsync(history, request.Count, request.List.Where, context.RequestAborted));
        }
        // A label or weight that is not finite, or too large.
        catch (ArgumentException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private async Task<IResult> SimilarAsync(TItem item, [AsParameters] ListParameters list, HttpContext context)
    {
        if (Invalid(list.Errors(recommender.Options), ("item", item)) is { } problem)
            return problem;
        var answer = await recommender.SimilarAsync(item, list.Count, list.Where, context.RequestAborted);
        return answer.Reason == RecommendationReason.Unknown && answer.Version.Length > 0 ? NotKnown("The item") : TypedResults.Ok(answer);
    }

    private async Task<IResult> ExplainAsync(TUser user, TItem item, HttpContext context)
    {
        if (Invalid([], ("user", user), ("item", item)) is { } problem)
            return problem;
        if (!await MaySeeHistoryAsync(context, user))
            return TypedResults.Problem("The history of this user is not yours to see.", statusCode: StatusCodes.Status403Forbidden);
        return await recommender.ExplainAsync(user, item, context.RequestAborted) is { } parts
            ? Personal(context, Explanation<TItem>.Of(parts))
            : NotKnown("The user or the item");
    }

    private async Task<IResult> AddEventsAsync(HttpContext context)
    {
        var rows = await JsonBody.ReadAsync<FeedbackRow<TUser, TItem>?[]>(context.Request, recommender.Options.MaxRequestBytes);
        for (int place = 0; place < rows.Length; place++)
            if (Error(rows[place]) is { } error)
                return TypedResults.ValidationProblem(new Dictionary<string, string[]> { [$"[{place}]"] = [error] });
        var (added, now) = (0, time.GetUtcNow());
        foreach (var row in rows)
            if (recommender.Feedback!.Add(new(row!.User, row.Item, row.Kind, now, row.ListId, row.Position, row.Model)))
                added++;
        return TypedResults.Accepted((string?)null, new FeedbackReceipt(added, rows.Length - added));
    }

    private string? Error(FeedbackRow<TUser, TItem>? row) => row switch
    {
        null or { User: null } or { Item: null } => "An event needs a user and an item.",
        _ when IsTooLong(row.User) || IsTooLong(row.Item) => $"An id has at most {LongestId} characters.",
        { ListId.Length: > LongestListId } => $"listId has at most {LongestListId} characters.",
        { Position: < 1 } => "position counts from 1.",
        _ when !Enum.IsDefined(row.Kind) => $"kind must be one of {string.Join(", ", Enum.GetNames<FeedbackKind>())}.",
        _ when row.Model is not null && !names.All.Contains(row.Model) => "model is not the name of a recommender.",
        _ => null,
    };

    /// <summary>Whether the caller meets the policy for this user; nobody does where there is none.</summary>
    private async ValueTask<bool> MaySeeHistoryAsync(HttpContext context, TUser user) =>
        historyPolicy is not null
        && (await context.RequestServices.GetRequiredService<IAuthorizationService>()
            .AuthorizeAsync(context.User, user, historyPolicy)).Succeeded;

    private static IResult? Invalid(Dictionary<string, string[]> errors, params ReadOnlySpan<(string Name, object Id)> ids)
    {
        foreach (var (name, id) in ids)
            if (IsTooLong(id))
                errors[name] = [$"{name} has more than {LongestId} characters."];
        return errors.Count > 0 ? TypedResults.ValidationProblem(errors) : null;
    }

    private static bool IsTooLong(object id) => id is string { Length: > LongestId };

    private static IResult NotKnown(string what) =>
        TypedResults.Problem($"{what} is not known to the model.", statusCode: StatusCodes.Status404NotFound);

    /// <summary>An answer that is kept nowhere on its way.</summary>
    private static IResult Personal<T>(HttpContext context, T answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(answer);
    }
}
