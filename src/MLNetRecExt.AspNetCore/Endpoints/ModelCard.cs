namespace MLNetRecExt.AspNetCore;

/// <summary>What callers may know of the model that answers. Why it is degraded, which may name paths, is for health checks and the
/// operator.</summary>
internal sealed record ModelCard(
    string Name, string? Version, DateTimeOffset? TrainedAt, DateTimeOffset? LoadedAt, bool IsDegraded, string? Trainer, int? Users,
    int? Items, long? Interactions, IReadOnlyDictionary<string, string>? Options, string? LibraryVersion)
{
    public static ModelCard Of(RecommenderStatus status) => new(
        status.Name, status.Version, status.TrainedAt, status.LoadedAt, status.IsDegraded, status.Info?.Trainer, status.Info?.Users,
        status.Info?.Items, status.Info?.Interactions, status.Info?.Options, status.Info?.LibraryVersion);
}
