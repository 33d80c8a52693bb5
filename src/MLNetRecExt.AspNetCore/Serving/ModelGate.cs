using System.Globalization;

namespace MLNetRecExt.AspNetCore;

/// <summary>Whether a new model may take the place of the one that serves. What a nightly training run gets wrong most often shows here: half of
/// the table, or another one.</summary>
internal sealed class ModelGate<TUser, TItem>(RecommenderServiceOptions options)
    where TUser : notnull
    where TItem : notnull
{
    // Of a small catalogue, long lists of whatever model hold much the same.
    private const int LongestList = 20, ItemsPerEntry = 20;

    /// <summary>Why the new model is refused; null when it passes.</summary>
    public string? Refusal(Recommender<TUser, TItem> serving, Recommender<TUser, TItem> next)
    {
        var (before, after) = (KnownItems(serving.Model), KnownItems(next.Model));
        if (after < options.MinCatalogueShare * before)
            return string.Create(CultureInfo.InvariantCulture,
                $"It knows {after:N0} items, the serving one {before:N0}: less than the share of {options.MinCatalogueShare} that ")
                + $"{nameof(options.MinCatalogueShare)} asks for. Was all data read? If the catalogue did shrink, lower the option or restart.";
        var users = SampleOfCommonUsers(serving.Model, next.Model);
        var length = Math.Clamp(before / ItemsPerEntry, 1, LongestList);
        if (users.Length > 0 && Overlap(serving.Recommend(users, length), next.Recommend(users, length)) is var overlap
            && overlap < options.MinOverlap)
            return string.Create(CultureInfo.InvariantCulture,
                $"Its lists of {users.Length} users share {overlap:0.000} with those of the serving one, less than {nameof(options.MinOverlap)} = ")
                + string.Create(CultureInfo.InvariantCulture, $"{options.MinOverlap}. Was it trained on the right data? ")
                + "If it shall differ so much, lower the option or restart.";
        return null;
    }

    /// <summary>The share of the first lists' items that the second ones hold too, on the mean.</summary>
    public static double Overlap(
        IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> first, IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> second) =>
        first.Zip(second, (a, b) => a.Count == 0 ? 1 : a.Select(entry => entry.Item).Intersect(b.Select(entry => entry.Item)).Count() / (double)a.Count)
            .Average();

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
