using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<PopularityModel>("Popularity")]

namespace MLNetRecExt;

/// <summary>Recommends what most users took, the same to everybody. The score is the share of users that took the item, or where it has a
/// half-life the formula of <see cref="PopularityTrainer"/>.</summary>
public sealed class PopularityModel : RecommenderModel, ISavedModel<PopularityModel>
{
    private readonly float[]? _scores;

    internal PopularityModel(IdMap users, IdMap items, InteractionRows history, float halfLifeDays = 0, float[]? scores = null)
        : base(users, items, history)
    {
        HalfLifeDays = halfLifeDays;
        _scores = halfLifeDays > 0 ? scores ?? Scores() : null;
    }

    /// <summary>How many days halve what an interaction counts; 0: all count alike.</summary>
    public float HalfLifeDays { get; }

    /// <summary>True: a history decides only which items are left out as seen.</summary>
    public override bool CanFoldIn => true;

    /// <summary>True: exactly.</summary>
    public override bool CanAppend => true;

    /// <inheritdoc/>
    protected override RecommenderModel TakeIn(AppendedInteractions appended, ParallelOptions parallel)
    {
        var all = appended.All;
        return HalfLifeDays == 0 || all.ByUser.TimestampsPerDay is not null
            ? new PopularityModel(all.Users, all.Items, all.ByUser, HalfLifeDays)
            : throw new ArgumentException(
                FormattableString.Invariant($"The latest timestamp is {all.ByUser.Times?.Latest}, which does not tell how long a day is. ")
                + "Give timestamps in the unit that training had.", "newInteractions");
    }

    static PopularityModel ISavedModel<PopularityModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var halfLife = reader.Version == 2 ? 0 : Recency.ReadHalfLife(reader);
        if (halfLife == 0)
            return new(users, items, history);
        if (history.TimestampsPerDay is null)
            throw ModelReader.Damaged();
        if (reader.Version > 3)
            return new(users, items, history, halfLife, reader.ReadFinite(items.Count));
        // While they are summed up, in double precision.
        reader.Reserve(12L * items.Count);
        return new(users, items, history, halfLife);
    }

    // State: half-life in days: float32; nothing in version 2
    //        where there is one, scores by item: array of float32, none until version 3
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        writer.WriteSingle(HalfLifeDays);
        if (_scores is not null)
            writer.WriteArray<float>(_scores);
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) =>
        new PopularityModel(kept.Users, Items, kept.HistoryOf(this), HalfLifeDays, _scores);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => ScoreOf(item);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        for (int item = 0; item < scores.Length; item++)
            scores[item] = ScoreOf(item);
    }

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        if (_scores is not null)
            base.Rank(queries, block, candidates, lists);
        else
            foreach (var list in block)
                RankByPopularity(queries[list], candidates, lists, list);
    }

    private float ScoreOf(int item) => _scores?[item] ?? PopularityScore(item);

    private float[] Scores()
    {
        var (latest, halfLife) = (History.Times!.Value.Latest, HalfLifeDays * History.TimestampsPerDay!.Value);
        var sums = new double[Items.Count];
        for (int user = 0; user < History.RowCount; user++)
        {
            var items = History.Indices(user);
            var times = History.Timestamps(user);
            for (int e = 0; e < items.Length; e++)
                sums[items[e]] += Math.Pow(2, ((double)times[e] - latest) / halfLife);
        }
        return Array.ConvertAll(sums, sum => (float)(sum / Math.Max(1, Users.Count)));
    }
}
