using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLNetRecExt.AspNetCore.Page;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the operator's page of the recommenders that <c>services.AddRecommender</c> registered.</summary>
public static class RecommenderPageEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps pages on which operators see how recommenders do: models and their age, what was served, users with their history, list and
    /// reasons, items with those who get them, two recommenders side by side, and a map of the item embeddings.
    /// </summary>
    /// <remarks>The page needs no JavaScript and changes nothing. It shows what users took, and ids of users stand in its addresses: the
    /// policy says who may see that, and logs of addresses should be kept accordingly.</remarks>
    /// <param name="endpoints">Where to, such as the application.</param>
    /// <param name="pattern">The path, such as <c>"/recommender"</c>.</param>
    /// <param name="policy">Name of the authorization policy that a caller must meet, registered with <c>AddAuthorization</c>.</param>
    /// <returns>The group of all endpoints of the page, for further conventions.</returns>
    /// <exception cref="ArgumentException"><paramref name="policy"/> is null, empty or white space.</exception>
    /// <exception cref="InvalidOperationException">No recommender is registered: call <c>services.AddRecommender</c> before the application
    /// is built.</exception>
    public static RouteGroupBuilder MapRecommenderPage(this IEndpointRouteBuilder endpoints, string pattern, string policy)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);
        var services = endpoints.ServiceProvider;
        RecommenderDesk[] desks = [.. services.GetServices<RecommenderDesk>()];
        if (desks.Length == 0)
            throw new InvalidOperationException("No recommender is registered, so there is nothing to show. Call services.AddRecommender.");
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var surveys = new ModelSurveys(time);
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(surveys.Dispose);

        var page = new PageEndpoints(desks, time, surveys);
        var group = endpoints.MapGroup(pattern).RequireAuthorization(policy).ExcludeFromDescription();
        group.AddEndpointFilter(PageEndpoints.AddHeadersAsync);
        group.MapGet(Views.Overview, page.Overview);
        group.MapGet(Views.User, page.UserAsync);
        group.MapGet(Views.Item, page.ItemAsync);
        group.MapGet(Views.Compare, page.CompareAsync);
        group.MapGet(Views.Map, page.MapAsync);
        group.MapGet(PageStyle.FileName, PageEndpoints.StyleSheet);
        return group;
    }
}
