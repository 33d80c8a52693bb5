namespace MLNetRecExt.Tool;

/// <summary>A test part in the ids of a model.</summary>
internal static class HeldOut
{
    /// <summary>The pairs of whose user and item a model knows, and which it has not learned.</summary>
    /// <param name="model">The model that is to be judged.</param>
    /// <param name="test">Pairs with ids of their own.</param>
    /// <param name="other">Another model, of which the same must hold.</param>
    /// <returns>Null where there is none.</returns>
    public static Interactions? For(RecommenderModel model, Interactions test, RecommenderModel? other = null)
    {
        var (userOf, itemOf) = (Places(test.Users, model.Users), Places(test.Items, model.Items));
        var (otherUser, otherItem) = other is null ? (userOf, itemOf) : (Places(test.Users, other.Users), Places(test.Items, other.Items));
        var (users, items, labels) = (new List<int>(), new List<int>(), new List<float>());
        for (int user = 0; user < test.ByUser.RowCount; user++)
        {
            var taken = test.ByUser.Indices(user);
            for (int place = 0; place < taken.Length; place++)
            {
                var item = taken[place];
                if (IsNew(model, userOf[user], itemOf[item]) && IsNew(other ?? model, otherUser[user], otherItem[item]))
                {
                    users.Add(userOf[user]);
                    items.Add(itemOf[item]);
                    labels.Add(test.ByUser.HasLabels ? test.ByUser.Labels(user)[place] : 1);
                }
            }
        }
        return users.Count > 0 ? Interactions.Create(model.Users, model.Items, [.. users], [.. items], [.. labels]) : null;
    }

    /// <summary>Judges a model by a metric, as an experiment does.</summary>
    public static EvaluationReport Evaluate(
        RecommendersCatalog recommenders, RecommenderModel model, Interactions heldOut, ExperimentOptions options)
    {
        var metric = ExperimentMetric.Parse(options.Metric);
        if (metric.IsError)
            return recommenders.EvaluateRatings(model, heldOut, new()
            {
                Seed = options.Seed,
                NumberOfThreads = options.NumberOfThreads,
                CancellationToken = options.CancellationToken,
            });
        return recommenders.Evaluate(model, heldOut, new()
        {
            Cutoffs = [metric.Cutoff!.Value],
            Seed = options.Seed,
            NumberOfThreads = options.NumberOfThreads,
            CancellationToken = options.CancellationToken,
        });
    }

    private static bool IsNew(RecommenderModel model, int user, int item) =>
        user >= 0 && item >= 0 && !(user < model.History.RowCount && model.History.Indices(user).Contains(item));

    private static int[] Places(IdMap from, IdMap to) =>
        [.. Enumerable.Range(0, from.Count).Select(index => to.IndexOf(from.GetText(index).AsSpan()))];
}
