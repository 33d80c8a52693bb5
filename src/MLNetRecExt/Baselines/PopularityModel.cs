using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<PopularityModel>("Popularity")]

namespace MLNetRecExt;

/// <summary>Recommends what most users took, the same to everybody. The score is the share of users that took the item.</summary>
public sealed class PopularityModel : RecommenderModel, ISavedModel<PopularityModel>
{
    internal PopularityModel(IdMap users, IdMap items, InteractionRows history)
        : base(users, items, history)
    {
    }

    /// <summary>True: a history decides only which items are left out as seen.</summary>
    public override bool CanFoldIn => true;

    static PopularityModel ISavedModel<PopularityModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => PopularityScore(item);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        for (int item = 0; item < scores.Length; item++)
            scores[item] = PopularityScore(item);
    }

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        foreach (var list in block)
            RankByPopularity(queries[list], candidates, lists, list);
    }
}
