namespace MLNetRecExt.AspNetCore.Page;

/// <summary>The map of the item embeddings, colored by category, with what was searched for.</summary>
internal sealed class MapView
{
    public const int MaxFound = 20;

    /// <summary>The color of items without a category, or of one beyond the largest.</summary>
    public const int OtherColor = 7;

    public required RecommenderModel Model { get; init; }

    /// <summary>The text searched for in ids and titles; null for none.</summary>
    public required string? Find { get; init; }

    /// <summary>The category that stands out; null for all.</summary>
    public required string? Category { get; init; }

    /// <summary>The items; null where the model has no embeddings of two dimensions or more.</summary>
    public IReadOnlyList<MapPoint>? Points { get; private init; }

    /// <summary>Which share of the variance of the embeddings the picture shows.</summary>
    public double VarianceShare { get; private init; }

    /// <summary>The largest categories, with the number of their items; the place is the color.</summary>
    public IReadOnlyList<(string Name, int Items)> Categories { get; private init; } = [];

    public IEnumerable<MapPoint> Found => Points?.Where(point => point.IsFound) ?? [];

    /// <summary>Whether a point steps back behind those of the category asked for.</summary>
    public bool IsDim(MapPoint point) => Category is not null && point.Item.Category != Category;

    /// <summary>Draws the map of a model.</summary>
    /// <param name="desk">Whom to ask.</param>
    /// <param name="model">Its model.</param>
    /// <param name="request">What stands out.</param>
    /// <param name="surveys">The map.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<MapView> ReadAsync(
        RecommenderDesk desk, RecommenderModel model, PageRequest request, ModelSurveys surveys, CancellationToken cancellationToken)
    {
        var (find, category) = (request.Text("find"), request.Text("category"));
        if (model is not FactorModel { ApproximationRank: >= 2 } factors)
            return new() { Model = model, Find = find, Category = category };

        var map = await surveys.MapAsync(factors, cancellationToken);
        CatalogueItem<string>[] items = [.. map.Items.Select(item => desk.Entry(model, item))];
        (string Name, int Items)[] categories = [.. items.Where(item => item.Category is not null)
            .CountBy(item => item.Category!, StringComparer.Ordinal)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(OtherColor).Select(pair => (pair.Key, pair.Value))];
        var color = categories.Index().ToDictionary(entry => entry.Item.Name, entry => entry.Index, StringComparer.Ordinal);
        return new()
        {
            Model = model,
            Find = find,
            Category = category,
            VarianceShare = map.VarianceShare,
            Categories = categories,
            Points = [.. items.Zip(map.Places, (item, place) => new MapPoint(
                item, place[0], place[1], color.GetValueOrDefault(item.Category ?? "", OtherColor), IsMatch(item, find)))],
        };
    }

    private static bool IsMatch(CatalogueItem<string> item, string? find) => find is not null
        && (item.Id.Equals(find, StringComparison.Ordinal) || item.Title?.Contains(find, StringComparison.OrdinalIgnoreCase) == true);
}
