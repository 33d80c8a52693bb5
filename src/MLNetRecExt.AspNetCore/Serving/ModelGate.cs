using System.Globalization;

namespace MLNetRecExt.AspNetCore;

/// <summary>Whether a new model may take the place of the one that serves. What a nightly training run gets wrong most often shows here:
/// half of the table, or another one.</summary>
internal sealed class ModelGate<TUser, TItem>(RecommenderServiceOptions options)
    where TUser : notnull
    where TItem : notnull
{
    // Of a small catalogue, long lists of whatever model hold much the same.
    private const int LongestList = 20, ItemsPerEntry = 20;

    /// <summary>Why the new model is refused; null when it passes.</summary>
    public string? Refusal(Recommender<TUser, TItem> serving, Recommender<TUser, TItem> next) =>
        Shrank(serving.Model, next.Model) ?? GotWorse(serving.Model.Info, next.Model.Info) ?? Changed(serving, next);

    private string? Shrank(RecommenderModel serving, RecommenderModel next)
    {
        var (before, after) = (KnownItems(serving), KnownItems(next));
        return after >= options.MinCatalogueShare * before ? null : string.Create(CultureInfo.InvariantCulture,
            $"It knows {after:N0} items, the serving one {before:N0}: less than the share of {options.MinCatalogueShare} that ")
            + $"{nameof(options.MinCatalogueShare)} asks for. Was all data read? If the catalogue did shrink, lower the option or restart.";
    }

    private string? GotWorse(ModelInfo? serving, ModelInfo? next)
    {
        if (serving is null || next is null
            || !serving.Metrics.TryGetValue(options.Metric, out var before) || !next.Metrics.TryGetValue(options.Metric, out var after))
            return null;
        // Errors are better when they are lower.
        var isError = options.Metric.Contains("RMSE", StringComparison.Ordinal) || options.Metric.Contains("MAE", StringComparison.Ordinal);
        var loss = (isError ? after - before : before - after) / before;
        return loss <= options.MaxMetricLoss ? null : string.Create(CultureInfo.InvariantCulture,
            $"Its {options.Metric} is {after:0.0000}, that of the serving one {before:0.0000}: worse by more than the share ")
            + string.Create(CultureInfo.InvariantCulture,
                $"{nameof(options.MaxMetricLoss)} = {options.MaxMetricLoss}. Train it again, or raise the option or restart.");
    }

    private string? Changed(Recommender<TUser, TItem> serving, Recommender<TUser, TItem> next)
    {
        var users = SampleOfCommonUsers(serving.Model, next.Model);
        var length = Math.Clamp(KnownItems(serving.Model) / ItemsPerEntry, 1, LongestList);
        if (users.Length > 0 && Overlap(serving.Recommend(users, length), next.Recommend(users, length)) is var overlap
            && overlap < options.MinOverlap)
            return string.Create(CultureInfo.InvariantCulture,
                $"Its lists of {users.Length} users share {overlap:0.000} with those of the serving one, less than ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{nameof(options.MinOverlap)} = {options.MinOverlap}. Was it trained on the right data? ")
                + "If it shall differ so much, lower the option or restart.";
        return null;
    }

    /// <summary>The share of the first lists' items that the second ones hold too, on the mean.</summary>
    public static double Overlap(
        IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> first, IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> second) =>
        first.Zip(second, Overlap).Average();

    private static double Overlap(IReadOnlyList<Recommendation<TItem>> first, IReadOnlyList<Recommendation<TItem>> second)
    {
        var common = first.Select(entry => entry.Item).Intersect(second.Select(entry => entry.Item)).Count();
        return first.Count == 0 ? 1 : common / (double)first.Count;
    }

    /// <summary>Users that both know, evenly from the first to the last.</summary>
    private TUser[] SampleOfCommonUsers(RecommenderModel serving, RecommenderModel next)
    {
        var common = new List<TUser>();
        for (int user = 0; user < serving.Users.Count && options.SampledUsers > 0; user++)
            if (serving.IsKnownUser(user) && serving.Users.GetId<TUser>(user) is var id && next.IsKnownUser(next.Users.IndexOf(id)))
                common.Add(id);
        var step = Math.Max(1, common.Count / (double)Math.Max(1, options.SampledUsers));
        return [.. Enumerable.Range(0, Math.Min(common.Count, options.SampledUsers)).Select(place => common[(int)(place * step)])];
    }

    private static int KnownItems(RecommenderModel model) => Enumerable.Range(0, model.Items.Count).Count(model.IsKnownItem);
}
