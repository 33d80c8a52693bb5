using Microsoft.AspNetCore.Authorization;

namespace MLNetRecExt.AspNetCore;

/// <summary>What <c>app.MapRecommender</c> lets callers see.</summary>
public sealed class RecommenderEndpointOptions
{
    /// <summary>The authorization policy that a caller must meet to see what a user took: the reasons of their list, and the endpoint
    /// <c>explain</c>. The user's id is the resource that <see cref="IAuthorizationService"/> is asked about, so that a handler can let
    /// everybody see their own.</summary>
    /// <value>Default null: nobody sees it. <c>because</c> stays empty in lists by user, and <c>explain</c> is not mapped.</value>
    public string? HistoryPolicy { get; set; }
}
