namespace MLNetRecExt.AspNetCore;

/// <summary>Has a model compute what it computes once, before anybody waits for it: on one thread, since the others answer
/// requests.</summary>
internal static class ModelWarmUp
{
    private static readonly TopItemsOptions Options = new() { Fallback = RecommendationFallback.Popularity, NumberOfThreads = 1 };

    public static void Run(RecommenderModel model)
    {
        Rank(model, null);
        if (FirstKnown(model.Items.Count, model.IsKnownItem) is var item and >= 0)
        {
            if (model.CanCompareItems)
                model.SimilarItems(item, 1, Options);
            if (model.CanExplain && FirstKnown(model.Users.Count, model.IsKnownUser) is var user and >= 0)
                model.Explain(user, item);
        }
    }

    /// <summary>Works out what a filter means to the model, and packs its index.</summary>
    public static void Rank(RecommenderModel model, ItemFilter? filter) => model.WarmUp(Options with { Filter = filter });

    private static int FirstKnown(int count, Func<int, bool> isKnown)
    {
        for (int index = 0; index < count; index++)
            if (isKnown(index))
                return index;
        return -1;
    }
}
