namespace MLNetRecExt.AspNetCore.Page;

/// <summary>A list as the shop would show it.</summary>
/// <param name="Reason">Where it comes from.</param>
/// <param name="Lines">Its items, best first.</param>
internal sealed record DeskList(RecommendationReason Reason, IReadOnlyList<ListLine> Lines)
{
    public const int MaxLength = 50;

    private const int MaxReasons = 3;

    /// <summary>Asks for a list.</summary>
    public static DeskList Ask(RecommenderDesk desk, RecommenderModel model, RecommenderQuery query, int count, bool inStockOnly)
    {
        var answer = model.TopItems([query], Math.Min(count, MaxLength), new TopItemsOptions
        {
            Fallback = desk.Fallback,
            Filter = inStockOnly ? desk.InStock(model) : null,
            NumberOfThreads = 1,
        });
        var (items, scores) = (answer.Items(0).ToArray(), answer.Scores(0).ToArray());
        return new(answer.Reason(0), [.. items.Select((item, place) =>
            new ListLine(desk.Entry(model, item), place + 1, scores[place], []))]);
    }

    /// <summary>The same list with the reasons of each of its items, where the model tells them.</summary>
    public DeskList Explain(RecommenderDesk desk, RecommenderModel model, RecommenderQuery query)
    {
        if (!model.CanExplain || Reason is not (RecommendationReason.Model or RecommendationReason.FoldIn))
            return this;
        return this with
        {
            Lines = [.. Lines.Select(line => line with { Reasons = Reasons(desk, model, query, model.Items.IndexOf(line.Item.Id)) })],
        };
    }

    private static ListReason[] Reasons(RecommenderDesk desk, RecommenderModel model, RecommenderQuery query, int item)
    {
        var parts = model.Explain(query, item);
        var all = parts.Where(part => part.Value > 0).Sum(part => (double)part.Value);
        return [.. parts.Take(MaxReasons).Where(part => part.Value > 0).Select(part => new ListReason(
            part.Of == ContributionOf.Item ? desk.Entry(model, part.Index) : null,
            part.Of == ContributionOf.User ? model.Users.GetText(part.Index) : $"{part.Feature}: {part.Category}",
            part.Value / all))];
    }
}
