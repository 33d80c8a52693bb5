using Microsoft.Extensions.Diagnostics.HealthChecks;
using MLNetRecExt.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of recommenders.</summary>
public static class RecommenderHealthChecksBuilderExtensions
{
    /// <summary>Checks a recommender: unhealthy without a model; degraded when a model was refused, when the catalogue cannot be read or
    /// feedback not be written, and when the model is too old; the description says which.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The recommender's name.</param>
    /// <param name="maxAge">The oldest that a model may be, by when it was trained; null for any age.</param>
    /// <param name="failureStatus">What it is without a model; null for unhealthy.</param>
    /// <param name="tags">Tags to select checks by.</param>
    public static IHealthChecksBuilder AddRecommender(
        this IHealthChecksBuilder builder, string name, TimeSpan? maxAge = null, HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.Add(new HealthCheckRegistration(
            $"recommender {name}",
            services => new RecommenderHealthCheck(
                services.GetRequiredKeyedService<IRecommenderSlot>(name), maxAge, services.GetRequiredService<TimeProvider>()),
            failureStatus, tags));
    }
}
