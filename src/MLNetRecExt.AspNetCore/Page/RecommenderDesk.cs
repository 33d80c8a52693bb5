namespace MLNetRecExt.AspNetCore.Page;

/// <summary>
/// A registered recommender as the operator's page asks it: by the text of ids, whatever type they have. What the page asks is not counted
/// among the lists served.
/// </summary>
internal abstract class RecommenderDesk
{
    public abstract string Name { get; }

    public abstract RecommenderStatus Status { get; }

    /// <summary>The model that answers now; null until one is loaded. To be taken once for what belongs together.</summary>
    public abstract RecommenderModel? Model { get; }

    /// <summary>Whether there is a catalogue, read or not.</summary>
    public abstract bool HasCatalogue { get; }

    /// <summary>What the catalogue knows of an item; null where it knows nothing.</summary>
    public abstract CatalogueItem<string>? Entry(string item);

    /// <summary>Items whose title or id holds a text: those whose title it is first, then as the catalogue has them.</summary>
    /// <param name="text">The text, in letters large or small.</param>
    /// <param name="count">How many items at most.</param>
    public abstract IReadOnlyList<CatalogueItem<string>> Find(string text, int count);

    /// <summary>Which items a page of the shop may show: those in stock; null for all.</summary>
    public abstract ItemFilter? InStock(RecommenderModel model);

    /// <summary>What somebody gets of whom nothing is known.</summary>
    public abstract RecommendationFallback Fallback { get; }

    /// <summary>Length of a list when nobody says.</summary>
    public abstract int DefaultListLength { get; }

    /// <summary>What a user took since training, oldest first.</summary>
    /// <param name="user">The text of the user's id.</param>
    /// <param name="model">The model that will answer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The entries, and what went wrong, where something did.</returns>
    public abstract ValueTask<(IReadOnlyList<HistoryEntry<string>> Entries, string? Failure)> SinceTrainingAsync(
        string user, RecommenderModel model, CancellationToken cancellationToken);

    /// <summary>The question for a list: by what training knows of a user, and by what they took since, where the model can make use of
    /// that.</summary>
    /// <param name="model">Who is asked.</param>
    /// <param name="user">The text of the user's id, known or not; null for a visitor without one.</param>
    /// <param name="since">What they took since training. Items that the model does not know are passed over.</param>
    public static RecommenderQuery Query(RecommenderModel model, string? user, IEnumerable<HistoryEntry<string>> since)
    {
        var entries = (model.CanFoldIn ? since : [])
            .Select(entry => new ItemFeedback(model.Items.IndexOf(entry.Item), entry.Label, entry.Weight, entry.Timestamp))
            .Where(entry => model.IsKnownItem(entry.Item)).ToArray();
        var index = user is null ? -1 : model.Users.IndexOf(user);
        return model.IsKnownUser(index) ? RecommenderQuery.ForUser(index, entries) : RecommenderQuery.ForHistory(entries);
    }

    /// <summary>What the catalogue knows of an item of the model, or its id alone.</summary>
    public CatalogueItem<string> Entry(RecommenderModel model, int item)
    {
        var id = model.Items.GetText(item);
        return Entry(id) ?? new(id);
    }
}
