namespace MLNetRecExt.AspNetCore.Page;

/// <summary>An item: what the catalogue and training know of it, what is similar, and who gets it recommended.</summary>
internal sealed class ItemView
{
    public const int MaxHits = 20;
    public const int MaxUsers = 20;
    public const int MaxFeatures = 30;

    private const int SimilarItems = 12;

    public required RecommenderModel Model { get; init; }

    /// <summary>What was asked for; null for nothing.</summary>
    public required string? Asked { get; init; }

    /// <summary>The item's index; −1 where the model does not know it.</summary>
    public int Index { get; private init; } = -1;

    /// <summary>What the catalogue knows of it; null where it has no such item.</summary>
    public CatalogueItem<string>? Entry { get; private init; }

    /// <summary>The features by which the model knows it; empty where the model keeps none.</summary>
    public IReadOnlyList<ItemFeature> Features { get; private init; } = [];

    /// <summary>What is similar; null where the model cannot compare items.</summary>
    public IReadOnlyList<ListLine>? Similar { get; private init; }

    /// <summary>The lists that were looked through.</summary>
    public ListSample? Sample { get; private init; }

    /// <summary>Whose list holds it, and where, best places first.</summary>
    public IReadOnlyList<(int User, int Place)> Users { get; private init; } = [];

    /// <summary>Items whose title or id holds the text, where it is no id; popular ones where nothing was asked.</summary>
    public IReadOnlyList<CatalogueItem<string>> Hits { get; private init; } = [];

    public bool IsFound => Index >= 0 || Entry is not null;

    /// <summary>Whether something was asked for that there is not.</summary>
    public bool IsMissing => Asked is not null && !IsFound && Hits.Count == 0;

    /// <summary>The item's place among all by number of users in training, from 1; equal ones share a place.</summary>
    public int PopularityRank
    {
        get
        {
            var counts = Model.ItemPopularity;
            var rank = 1;
            foreach (var count in counts)
                if (count > counts[Index])
                    rank++;
            return rank;
        }
    }

    /// <summary>Finds an item by id, or items by their title.</summary>
    /// <param name="desk">Whom to ask.</param>
    /// <param name="model">Its model.</param>
    /// <param name="asked">Id or title; null for nothing.</param>
    /// <param name="surveys">Who gets what.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ItemView> ReadAsync(
        RecommenderDesk desk, RecommenderModel model, string? asked, ModelSurveys surveys, CancellationToken cancellationToken)
    {
        if (asked is null)
            return new() { Model = model, Asked = asked, Hits = Popular(desk, model) };
        var (index, entry) = (model.Items.IndexOf(asked), desk.Entry(asked));
        if (index < 0 && entry is null)
            return new() { Model = model, Asked = asked, Hits = desk.Find(asked, MaxHits) };
        if (!model.IsKnownItem(index))
            return new() { Model = model, Asked = asked, Entry = entry ?? new(asked) };

        var sample = await surveys.SampleAsync(model, cancellationToken);
        return new()
        {
            Model = model,
            Asked = asked,
            Index = index,
            Entry = entry,
            Features = model.ItemFeatures(index),
            Similar = model.CanCompareItems ? [.. model.SimilarItems(index, SimilarItems, new() { NumberOfThreads = 1 })
                .Select((found, place) => new ListLine(desk.Entry(model, found.Item), place + 1, found.Score, []))] : null,
            Sample = sample,
            Users = sample.WhoGets(index),
        };
    }

    private static CatalogueItem<string>[] Popular(RecommenderDesk desk, RecommenderModel model) =>
        [.. model.TopItems(RecommenderQuery.Nobody, MaxHits, new() { Fallback = RecommendationFallback.Popularity, NumberOfThreads = 1 })
            .Select(entry => desk.Entry(model, entry.Item))];
}
