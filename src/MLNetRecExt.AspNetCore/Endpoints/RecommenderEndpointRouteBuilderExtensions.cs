using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLNetRecExt.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoints of a recommender.</summary>
public static class RecommenderEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps endpoints that answer by a recommender: <c>GET users/{user}/recommendations</c>, <c>POST recommendations</c> (by a history in
    /// the body), <c>GET items/{item}/similar</c>, <c>GET model</c>, with a sink <c>POST events</c>, and with a policy
    /// <c>GET users/{user}/explain/{item}</c>.
    /// </summary>
    /// <remarks>
    /// <para>They say in OpenAPI what they take and give, and why a request was refused as problem details. Lists and bodies are limited by
    /// <see cref="RecommenderServiceOptions"/>.</para>
    /// <para>Who may call is decided on what is returned: <c>app.MapRecommender&lt;long, string&gt;("/api").RequireAuthorization(…)</c>,
    /// <c>.RequireRateLimiting(…)</c>. Whoever may call gets the list of any user, and can add events of any; what a user took is shown
    /// only by <see cref="RecommenderEndpointOptions.HistoryPolicy"/>.</para>
    /// </remarks>
    /// <typeparam name="TUser">Type of the user ids.</typeparam>
    /// <typeparam name="TItem">Type of the item ids.</typeparam>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">What the addresses begin with: <c>/api</c>.</param>
    /// <param name="name">The recommender; null for the first of these types that was registered.</param>
    /// <param name="configure">Sets what callers may see.</param>
    /// <returns>The group, to add what all endpoints shall have.</returns>
    /// <exception cref="InvalidOperationException">There is no recommender of this name and these types, or a policy is named and the
    /// application has no authorization: the message says what to register.</exception>
    public static RouteGroupBuilder MapRecommender<TUser, TItem>(
        this IEndpointRouteBuilder endpoints, string prefix, string? name = null, Action<RecommenderEndpointOptions>? configure = null)
        where TUser : notnull
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = new RecommenderEndpointOptions();
        configure?.Invoke(options);
        var services = endpoints.ServiceProvider;
        if (options.HistoryPolicy is not null && services.GetService<IAuthorizationService>() is null)
            throw new InvalidOperationException(
                $"{nameof(RecommenderEndpointOptions.HistoryPolicy)} is '{options.HistoryPolicy}', and the application has no "
                + "authorization: call services.AddAuthorization with this policy.");
        name ??= services.GetService<IRecommender<TUser, TItem>>()?.Name;
        var recommender = name is null ? null : services.GetKeyedService<IRecommenderService<TUser, TItem>>(name);
        if (recommender is null)
            throw new InvalidOperationException(
                $"There is no recommender {(name is null ? "" : $"'{name}' ")}of {typeof(TUser).Name} and {typeof(TItem).Name}: "
                + $"register it by services.AddRecommender<{typeof(TUser).Name}, {typeof(TItem).Name}>.");

        var group = endpoints.MapGroup(prefix).WithTags(recommender.Name);
        new RecommenderEndpoints<TUser, TItem>(
            recommender, services.GetRequiredService<RecommenderNames>(), services.GetRequiredService<TimeProvider>(),
            options.HistoryPolicy).MapTo(group);
        ((IEndpointConventionBuilder)group).Finally(ProblemResponses.AddTo);
        return group;
    }
}
