using System.Buffers;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<FusedModel>("Fused")]

namespace MLNetRecExt;

/// <summary>
/// Candidate generation from several models: each proposes its best items, and the union is ranked by <see cref="CandidateFusion"/>.
/// </summary>
/// <remarks>
/// <para>Made by <see cref="RecommenderStagesCatalog.Fuse"/>. A user or item that any source knows is known. A source that knows nothing
/// about a query, or that cannot fold in the history which comes with one, proposes nothing to it. An item that nobody proposes scores 0
/// and is in no list: a list
/// is shorter
/// than asked for where the sources propose less. Of the features that come with a query, each source gets those that it learned of users;
/// they count instead of all that training knew, also where a source gets none of them.</para>
/// <para>Sources never propose what somebody has taken. An allow-list or deny-list holds for them too: ranks are then those among the items
/// that may be recommended.
/// What counts as taken is what the first source was trained on.</para>
/// </remarks>
public sealed class FusedModel : RecommenderModel, ISavedModel<FusedModel>
{
    /// <summary>What reciprocal ranks add to a rank, so that the first places do not decide alone.</summary>
    internal const int RankOffset = 60;

    private const float LeastHeight = 1e-6f;

    // Each user and item is asked for: an array is gone through without an enumerator.
    private readonly CandidateSource[] _sources;

    internal FusedModel(IReadOnlyList<CandidateSource> sources, CandidateFusion fusion)
        : base(First(sources).Users, First(sources).Items, First(sources).History)
    {
        _sources = [.. sources];
        Sources = _sources.AsReadOnly();
        Encoder = FeatureEncoder.Join(Sources.Select(source => source.Model.Encoder));
        Fusion = fusion;
        if (!Enum.IsDefined(fusion))
            throw new ArgumentOutOfRangeException(nameof(fusion), fusion, $"{fusion} is none of {string.Join(", ", Enum.GetNames<CandidateFusion>())}.");
        foreach (var (model, count, weight) in Sources)
        {
            CheckSameIds(this, model, nameof(sources));
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(CandidateSource.Count));
            if (!(weight > 0 && float.IsFinite(weight)))
                throw new ArgumentOutOfRangeException(nameof(sources), weight, $"{nameof(CandidateSource.Weight)} must be finite and above 0.");
        }
    }

    /// <summary>The models that propose.</summary>
    public IReadOnlyList<CandidateSource> Sources { get; }

    /// <summary>How their proposals become one list.</summary>
    public CandidateFusion Fusion { get; }

    /// <summary>Whether any source can answer a query that brings a history.</summary>
    public override bool CanFoldIn => Sources.Any(source => source.Model.CanFoldIn);

    /// <summary>Whether any source can. A list is that of the first which can and knows the item.</summary>
    public override bool CanCompareItems => Sources.Any(source => source.Model.CanCompareItems);

    /// <summary>Whether any source can. A list is that of the first which can and knows the user.</summary>
    public override bool CanCompareUsers => Sources.Any(source => source.Model.CanCompareUsers);

    /// <summary>
    /// Whether any source can. The parts are those of the score of the first which can and knows the item and something about the query.
    /// </summary>
    public override bool CanExplain => Sources.Any(source => source.Model.CanExplain);

    /// <summary>Those of all sources.</summary>
    public override IReadOnlyList<string> ItemFeatureNames => [.. Sources.SelectMany(source => source.Model.ItemFeatureNames).Distinct()];

    /// <summary>Whether every source can.</summary>
    public override bool CanAddItems => Array.TrueForAll(_sources, source => source.Model.CanAddItems);

    /// <summary>Beside the items in order, what the sources propose to one query.</summary>
    internal override long CacheSize => base.CacheSize + Sources.Sum(source => 8L * Math.Min(source.Count, Items.Count));

    private protected override bool ScoresAllAtOnce => true;

    private protected override bool AsksOthers => true;

    /// <summary>Whether any source knows the user.</summary>
    public override bool IsKnownUser(int user)
    {
        foreach (var source in _sources)
            if (source.Model.IsKnownUser(user))
                return true;
        return false;
    }

    /// <summary>Whether any source knows the item.</summary>
    public override bool IsKnownItem(int item)
    {
        foreach (var source in _sources)
            if (source.Model.IsKnownItem(item))
                return true;
        return false;
    }

    internal override FeatureEncoder Encoder { get; }

    internal override bool Knows(FeatureValues features)
    {
        if (Encoder.TableRows == 0)
            return base.Knows(features);
        foreach (var name in features)
            Encoder.Find(name);
        // All are asked: each refuses what is of another kind than it learned.
        return Sources.Count(source => source.Model.Encoder.TableRows > 0 && source.Model.Knows(features.Only(source.Model.Encoder.Names))) > 0;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item)
    {
        foreach (var (model, _, _) in Sources)
        {
            var asked = Asked(model, query);
            if (model.CanExplain && model.IsKnownItem(item) && model.ReasonFor(asked) != RecommendationReason.Unknown)
                return model.Explain(asked, item);
        }
        return [];
    }

    /// <summary>Those of the first source that keeps some.</summary>
    /// <param name="item">0-based item index.</param>
    protected override IEnumerable<ItemFeature> FeaturesOf(int item) =>
        Sources.Select(source => source.Model.ItemFeatures(item)).FirstOrDefault(features => features.Length > 0) ?? [];

    private protected override void RankSimilar(IReadOnlyList<int> items, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var options = candidates.Options with { NumberOfThreads = 1 };
        foreach (var list in block)
            if (FirstModel(model => model.CanCompareItems && model.IsKnownItem(items[list])) is { } model)
                lists.Copy(list, model.SimilarItems([items[list]], lists.MaxLength, options), 0);
    }

    internal override void OfferSimilarUsers(int user, ref TopList list)
    {
        if (FirstModel(model => model.CanCompareUsers && model.IsKnownUser(user)) is { } model)
            model.OfferSimilarUsers(user, ref list);
    }

    private RecommenderModel? FirstModel(Func<RecommenderModel, bool> can) => Sources.Select(source => source.Model).FirstOrDefault(can);

    /// <summary>What a source sees of a query: without the history if it cannot fold one in, and of the features those that it
    /// learned.</summary>
    internal static RecommenderQuery Asked(RecommenderModel model, RecommenderQuery query)
    {
        var asked = !query.ChangesHistory || model.CanFoldIn ? query : query.WithoutHistory();
        return asked.WithOnly(model.Encoder.TableRows > 0 ? query.Features?.Only(model.Encoder.Names) : null);
    }

    /// <summary>What a source proposes to each query.</summary>
    internal static TopItemLists Propose(CandidateSource source, IReadOnlyList<RecommenderQuery> queries, TopItemsOptions options) =>
        source.Model.TopItems([.. queries.Select(query => Asked(source.Model, query))], source.Count,
            options with { ExcludeSeen = true, Fallback = RecommendationFallback.None });

    /// <summary>The best items for each query, of what the sources have proposed to it.</summary>
    internal TopItemLists TopItems(IReadOnlyList<RecommenderQuery> queries, TopItemLists[] proposals, int count, TopItemsOptions options)
    {
        var lists = NewLists(queries.Count, count);
        Rank(queries, [.. Enumerable.Range(0, queries.Count)], proposals, new CandidateFilter(this, options), lists);
        return lists;
    }

    /// <summary>Sees to it that indices mean the same to two models.</summary>
    internal static void CheckSameIds(RecommenderModel model, RecommenderModel other, string parameter)
    {
        if (!model.Users.HasSameIds(other.Users) || !model.Items.HasSameIds(other.Items))
            throw new ArgumentException(
                $"The models have other user or item ids ({model.Users.Count} and {other.Users.Count} users, {model.Items.Count} and {other.Items.Count} items), so their indices mean something else. "
                + "Read the interactions once and fit all models on them: recommenders.Data.ReadInteractions(…), trainer.Fit(interactions).", parameter);
    }

    static FusedModel ISavedModel<FusedModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var fusion = (CandidateFusion)reader.ReadInt32();
        var sources = new CandidateSource[reader.ReadByte()];
        for (int source = 0; source < sources.Length; source++)
        {
            var (count, weight) = (reader.ReadInt32(), reader.ReadSingle());
            sources[source] = new(ModelFile.ReadNested(reader, users, items, history), count, weight);
        }
        // The features of all are joined.
        reader.Reserve(128L * sources.Sum(source => source.Model.Encoder.Columns.Length));
        return new FusedModel(sources, fusion);
    }

    // State: fusion: int32
    //        sources: byte, then for each quota: int32, weight: float32, model: nested
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        writer.WriteInt32((int)Fusion);
        writer.WriteByte(checked((byte)Sources.Count));
        foreach (var (model, count, weight) in Sources)
        {
            writer.WriteInt32(count);
            writer.WriteSingle(weight);
            ModelFile.WriteNested(writer, model, History);
        }
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) =>
        new FusedModel(Array.ConvertAll(_sources, source => source with { Model = kept.In(source.Model) }), Fusion);

    /// <inheritdoc/>
    protected override RecommenderModel AddItems(NewItems added) =>
        new FusedModel(Array.ConvertAll(_sources, source => source with { Model = added.In(source.Model) }), Fusion);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var scores = new float[Items.Count];
        ScoreAllItems(RecommenderQuery.ForUser(user), scores);
        return scores[item];
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores) => Fuse(ProposeAll([query], new TopItemsOptions()), 0, scores);

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists) =>
        Rank(queries, block, ProposeAll([.. block.Select(list => queries[list])], candidates.Options with { NumberOfThreads = 1 }), candidates, lists);

    private void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, TopItemLists[] proposals, CandidateFilter candidates, TopItemLists lists)
    {
        var scores = ArrayPool<float>.Shared.Rent(Items.Count);
        for (int i = 0; i < block.Count; i++)
        {
            Fuse(proposals, i, scores.AsSpan(0, Items.Count));
            var top = candidates.Start(queries[block[i]], lists, block[i]);
            for (int item = 0; item < Items.Count; item++)
                if (scores[item] > 0)
                    top.Offer(item, scores[item]);
            lists.Lengths[block[i]] = top.Sort();
        }
        ArrayPool<float>.Shared.Return(scores);
    }

    private static RecommenderModel First(IReadOnlyList<CandidateSource> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return sources.Count is > 0 and <= 255 ? sources[0].Model : throw new ArgumentException($"There are {sources.Count} sources; 1 to 255 are needed.", nameof(sources));
    }

    private TopItemLists[] ProposeAll(RecommenderQuery[] queries, TopItemsOptions options) =>
        [.. Sources.Select(source => Propose(source, queries, options))];

    /// <summary>How far each score of a list lies above the lowest, in standard deviations of the list: above 0, so that the lowest is
    /// told from what is not in the list.</summary>
    internal static float[] Standardize(ReadOnlySpan<float> scores)
    {
        double sum = 0, squares = 0, lowest = double.PositiveInfinity;
        foreach (var score in scores)
            (sum, lowest) = (sum + score, Math.Min(lowest, score));
        var mean = sum / scores.Length;
        foreach (var score in scores)
            squares += (score - mean) * (score - mean);
        var deviation = Math.Sqrt(squares / scores.Length);
        var heights = new float[scores.Length];
        for (int place = 0; place < heights.Length; place++)
            heights[place] = LeastHeight + (deviation > 0 ? (float)((scores[place] - lowest) / deviation) : 0);
        return heights;
    }

    private void Fuse(TopItemLists[] proposals, int list, Span<float> scores)
    {
        scores.Clear();
        if (Fusion == CandidateFusion.Interleaved)
        {
            Interleave(proposals, list, scores);
            return;
        }
        for (int source = 0; source < proposals.Length; source++)
        {
            var items = proposals[source].Items(list);
            var heights = Fusion == CandidateFusion.StandardizedScore ? Standardize(proposals[source].Scores(list)) : null;
            for (int place = 0; place < items.Length; place++)
                scores[items[place]] += Sources[source].Weight * (heights?[place] ?? 1f / (RankOffset + place + 1));
        }
    }

    private void Interleave(TopItemLists[] proposals, int list, Span<float> scores)
    {
        Span<int> next = stackalloc int[proposals.Length];
        Span<int> taken = stackalloc int[proposals.Length];
        next.Clear();
        taken.Clear();
        for (int place = 1; ;)
        {
            var turn = -1;
            for (int source = 0; source < proposals.Length; source++)
                if (next[source] < proposals[source].Lengths[list]
                    && (turn < 0 || (taken[source] + 1) / (double)Sources[source].Weight < (taken[turn] + 1) / (double)Sources[turn].Weight))
                    turn = source;
            if (turn < 0)
                return;
            var item = proposals[turn].Items(list)[next[turn]++];
            if (scores[item] > 0)
                continue;
            scores[item] = 1f / place++;
            taken[turn]++;
        }
    }
}
