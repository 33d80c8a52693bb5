namespace MLNetRecExt.AspNetCore;

/// <summary>Has a model compute what it computes once, before anybody waits for it.</summary>
internal static class ModelWarmUp
{
    public static void Run(RecommenderModel model)
    {
        Rank(model, null);
        if (FirstKnown(model.Items.Count, model.IsKnownItem) is var item and >= 0)
        {
            if (model.CanCompareItems)
                model.SimilarItems(item, 1);
            if (model.CanExplain && FirstKnown(model.Users.Count, model.IsKnownUser) is var user and >= 0)
                model.Explain(user, item);
        }
        // The dictionaries of ids.
        if (model.Users.Count > 0)
            model.Users.IndexOf(model.Users.GetText(0).AsSpan());
        if (model.Items.Count > 0)
            model.Items.IndexOf(model.Items.GetText(0).AsSpan());
    }

    /// <summary>Works out what a filter means to the model, and packs its index.</summary>
    public static void Rank(RecommenderModel model, ItemFilter? filter)
    {
        var user = FirstKnown(model.Users.Count, model.IsKnownUser);
        var query = user < 0 ? RecommenderQuery.Nobody : RecommenderQuery.ForUser(user);
        model.TopItems(query, 1, new TopItemsOptions { Filter = filter, Fallback = RecommendationFallback.Popularity });
    }

    private static int FirstKnown(int count, Func<int, bool> isKnown)
    {
        for (int index = 0; index < count; index++)
            if (isKnown(index))
                return index;
        return -1;
    }
}
