using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLNetRecExt.AspNetCore;

/// <summary>Healthy while a model serves, is young enough, and nothing is wrong.</summary>
internal sealed class RecommenderHealthCheck(IRecommenderSlot slot, TimeSpan? maxAge, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = slot.Status;
        var age = time.GetUtcNow() - (status.TrainedAt ?? status.LoadedAt);
        var data = new Dictionary<string, object> { ["version"] = status.Version ?? "", ["ageInSeconds"] = age?.TotalSeconds ?? -1 };
        return Task.FromResult(status switch
        {
            { Version: null } => new HealthCheckResult(context.Registration.FailureStatus, status.Reason, null, data),
            { IsDegraded: true } => HealthCheckResult.Degraded(status.Reason, null, data),
            _ when age > maxAge => HealthCheckResult.Degraded(string.Create(
                CultureInfo.InvariantCulture,
                $"The model is {age.Value.TotalHours:0.0} hours old, older than {maxAge.Value.TotalHours:0.0}. Did training run?"),
                null, data),
            _ => HealthCheckResult.Healthy(null, data),
        });
    }
}
