using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Which items may be recommended in one call: known, let through by the filter, and not seen by the one who asks.</summary>
/// <param name="model">The model that is asked.</param>
/// <param name="options">What the caller wants.</param>
internal sealed class CandidateFilter(RecommenderModel model, TopItemsOptions options)
{
    /// <summary>What the filter is made of.</summary>
    public TopItemsOptions Options => options;

    /// <summary>Threads and cancellation.</summary>
    public ParallelOptions Parallel { get; } = options.ToParallel();

    /// <summary>The candidates of everybody.</summary>
    public CandidateItems Items { get; } = options.Filter?.For(model) ?? model.AllCandidates;

    /// <summary>An empty list for a query, which takes candidates only.</summary>
    public TopList Start(RecommenderQuery query, TopItemLists lists, int list) =>
        Start(options.ExcludeSeen ? TakenItems.Of(model, query).ItemSegment : default, lists, list);

    /// <summary>An empty list, which takes candidates only, and none of <paramref name="excluded"/> (ascending).</summary>
    public TopList Start(ArraySegment<int> excluded, TopItemLists lists, int list) => Items.AreFew
        ? new(null, Items.AmongThem(excluded), lists.ItemPlaces(list), lists.ScorePlaces(list))
        : new(Items.Allowed, excluded, lists.ItemPlaces(list), lists.ScorePlaces(list));
}
