using MLNetRecExt;
using MLNetRecExt.AspNetCore;

namespace Shop;

/// <summary>Asks the recommender, and makes of its list a row with titles and reasons. What was shown goes into feedback.</summary>
internal sealed class Shelves(
    IRecommender<long, string> recommender, IFeedback<long, string> feedback, Catalogue catalogue, CustomerHistory history)
{
    /// <summary>What they may like, of all the shop or of one category.</summary>
    public async Task<Shelf> ForCustomerAsync(long customer, string? category, CancellationToken cancellationToken)
    {
        var list = await recommender.RecommendAsync(customer, category is null ? 8 : 4, new() { Category = category }, cancellationToken);
        var title = list.Reason == RecommendationReason.Popularity ? "Popular" : "You may like";
        return Show(customer, "you-may-like", category is null ? title : $"{title} in {category}", list);
    }

    /// <summary>What others took together with a product.</summary>
    public async Task<Shelf> TakenWithAsync(long customer, string sku, CancellationToken cancellationToken)
    {
        var list = await recommender.SimilarAsync(sku, 4, cancellationToken: cancellationToken);
        return Show(customer, "taken-together", "Often taken together", list);
    }

    private Shelf Show(long customer, string id, string title, RecommendationList<string> list)
    {
        var items = new List<ShelfItem>();
        foreach (var (index, item) in list.Items.Index())
            if (catalogue.Find(item.Id) is { } product)
            {
                var because = item.Because.FirstOrDefault();
                items.Add(new(product, index + 1, catalogue.Find(because), because is not null && history.OnlyLookedAt(customer, because)));
                feedback.Add(new(customer, item.Id, FeedbackKind.Seen, DateTimeOffset.UtcNow, list.ListId, index + 1, list.Model));
            }
        return new(id, title, list, items);
    }
}
