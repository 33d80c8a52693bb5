using Microsoft.ML;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<RankedModel>("Ranked")]

namespace MLNetRecExt;

/// <summary>
/// Scoring: the candidates of a model, ranked by any ML.NET transformer that makes a score column of the rows of a
/// <see cref="RecommenderStagesCatalog.RankingTable"/>, such as a chain with LightGBM or FastTree ranking.
/// </summary>
/// <remarks>
/// <para>Made by <see cref="RecommenderStagesCatalog.Rank"/>. Lists hold candidates only, and are shorter than asked for where there are
/// fewer. <c>Score</c> and <c>ScoreItems</c>
/// give the ranker's score of any item, candidate or not. A candidate whose score is NaN is left out.</para>
/// <para>To be saved the ranker is written into the model's file by <c>mlContext.Model.Save</c>. To load the file, ask for it by
/// <see cref="LoadOptions.AllowPipelines"/>, which says why; the packages of the ranker's parts must be there.</para>
/// </remarks>
public sealed class RankedModel : RecommenderModel, ISavedModel<RankedModel>
{
    private readonly DataViewSchema _schema;

    internal RankedModel(RecommenderModel candidates, ITransformer ranker, int numberOfCandidates, string scoreColumnName)
        : base(candidates.Users, candidates.Items, candidates.History)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfCandidates, 1);
        (Candidates, Ranker, NumberOfCandidates, ScoreColumnName) = (candidates, ranker, numberOfCandidates, scoreColumnName);
        _schema = CandidateTable.SchemaOf(candidates);
        TransformerModel.CheckScore(ranker.GetOutputSchema(_schema), scoreColumnName);
    }

    /// <summary>Where candidates come from.</summary>
    public RecommenderModel Candidates { get; }

    /// <summary>What scores them.</summary>
    public ITransformer Ranker { get; }

    /// <summary>How many candidates a query has scored at most.</summary>
    public int NumberOfCandidates { get; }

    /// <summary>The ranker's column that candidates are sorted by.</summary>
    public string ScoreColumnName { get; }

    /// <inheritdoc/>
    public override bool CanFoldIn => Candidates.CanFoldIn;

    /// <inheritdoc/>
    public override bool CanCompareItems => Candidates.CanCompareItems;

    /// <inheritdoc/>
    public override bool CanCompareUsers => Candidates.CanCompareUsers;

    /// <summary>Whether the candidates' model can. The parts are those of its score, not of the ranker's.</summary>
    public override bool CanExplain => Candidates.CanExplain;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ItemFeatureNames => Candidates.ItemFeatureNames;

    /// <summary>Whether the candidates' model can, and items are not keys: the ranker's columns have a type with their number
    /// then.</summary>
    public override bool CanAddItems => Candidates.CanAddItems && !Items.IsKey;

    /// <summary>Beside the items in order, ids for the rows of a ranker, and the rows of one query.</summary>
    internal override long CacheSize =>
        base.CacheSize + 32L * Items.Count + 12L * Users.Count + 64L * Math.Min(NumberOfCandidates, Items.Count);

    internal override FeatureEncoder Encoder => Candidates.Encoder;

    internal override bool Knows(FeatureValues features) => Candidates.Knows(features);

    /// <inheritdoc/>
    public override bool IsKnownUser(int user) => Candidates.IsKnownUser(user);

    /// <inheritdoc/>
    public override bool IsKnownItem(int item) => Candidates.IsKnownItem(item);

    static RankedModel ISavedModel<RankedModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        if (!reader.AllowsPipelines)
            throw new InvalidDataException(
                "The model holds an ML.NET pipeline, its ranker, and ML.NET loads assemblies that such a pipeline names. If you trust who saved the "
                + $"file, load it by RecommenderModel.Load(…, new {nameof(LoadOptions)} {{ {nameof(LoadOptions.AllowPipelines)} = true }}).");
        var count = reader.ReadInt32();
        var scoreColumnName = reader.ReadName();
        var candidates = ModelFile.ReadNested(reader, users, items, history);
        using var stream = new MemoryStream(reader.ReadArray<byte>(null));
        reader.CheckChecksum();
        try
        {
            return new RankedModel(candidates, new MLContext().Model.Load(stream, out _), count, scoreColumnName);
        }
        // ML.NET says what is wrong with a pipeline by exceptions of a dozen types.
        catch (Exception cause)
        {
            throw new InvalidDataException(
                $"The model's ranker cannot be loaded: {cause.Message} Reference the packages of its parts; if they are there, save the model again.", cause);
        }
    }

    // State: candidates: int32, score column: name, model: nested
    //        ranker: array of byte, a file of mlContext.Model.Save
    //        checksum
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        writer.WriteInt32(NumberOfCandidates);
        writer.WriteName(ScoreColumnName);
        ModelFile.WriteNested(writer, Candidates, History);
        using var stream = new MemoryStream();
        new MLContext().Model.Save(Ranker, _schema, stream);
        writer.WriteArray<byte>(stream.ToArray());
        writer.WriteChecksum();
    }

    /// <inheritdoc/>
    protected override RecommenderModel AddItems(NewItems added) =>
        new RankedModel(added.In(Candidates), Ranker, NumberOfCandidates, ScoreColumnName);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept)
    {
        if (Users is { IsKey: true, Kind: not null })
            throw new NotSupportedException(
                "The ranker may hold the users' ids: ML.NET keeps the values of key columns that it was trained on. "
                + "Train on raw ids, without MapValueToKey, or leave the ranker out.");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_schema.Where(column => column.Name != nameof(CandidateTable.Of.User)));
        try
        {
            TransformerModel.CheckScore(Ranker.GetOutputSchema(builder.ToSchema()), ScoreColumnName);
        }
        // Whatever a transformer throws that does not find a column.
        catch (Exception cause)
        {
            throw new NotSupportedException(
                $"The ranker may hold something of users, since it reads their column: {cause.Message} Train one that reads others.",
                cause);
        }
        return new RankedModel(kept.In(Candidates), Ranker, NumberOfCandidates, ScoreColumnName);
    }

    private protected override bool AsksOthers => true;

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var score = new float[1];
        Score([RecommenderQuery.ForUser(user)], _ => new[] { item }, score);
        return score[0];
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var all = Enumerable.Range(0, Items.Count).ToArray();
        Score([query], _ => all, scores);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ItemFeature> FeaturesOf(int item) => Candidates.ItemFeatures(item);

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item) => Candidates.Explain(query, item);

    private protected override void RankSimilar(IReadOnlyList<int> items, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var options = candidates.Options with { NumberOfThreads = 1 };
        var found = Candidates.SimilarItems([.. block.Select(list => items[list])], lists.MaxLength, options);
        for (int i = 0; i < block.Count; i++)
            lists.Copy(block[i], found, i);
    }

    internal override void OfferSimilarUsers(int user, ref TopList list) => Candidates.OfferSimilarUsers(user, ref list);

    internal override float[][] ScorePairs(IReadOnlyList<RecommenderQuery> queries, IReadOnlyList<int[]> items)
    {
        int[] answerable = [.. Enumerable.Range(0, queries.Count).Where(query => ReasonFor(queries[query]) != RecommendationReason.Unknown)];
        var known = Array.ConvertAll(answerable, query => Array.FindAll(items[query], IsKnownItem));
        var scored = new float[known.Sum(wanted => wanted.Length)];
        Score([.. answerable.Select(query => queries[query])], query => known[query], scored);
        var scores = items.Select(wanted => Array.ConvertAll(wanted, _ => float.NaN)).ToArray();
        var next = 0;
        foreach (var query in answerable)
            for (int i = 0; i < items[query].Length; i++)
                if (IsKnownItem(items[query][i]))
                    scores[query][i] = scored[next++];
        return scores;
    }

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        RecommenderQuery[] asked = [.. block.Select(list => queries[list])];
        var options = candidates.Options with { NumberOfThreads = 1 };
        var proposals = CandidateTable.Propose(Candidates, asked, NumberOfCandidates, options);
        var proposed = CandidateTable.TopItems(Candidates, asked, proposals, NumberOfCandidates, options);
        var scores = new float[proposed.Lengths.Sum()];
        Score(asked, query => proposed.ItemPlaces(query).AsMemory(0, proposed.Lengths[query]), proposals, scores);
        var next = 0;
        for (int i = 0; i < block.Count; i++)
        {
            var top = candidates.Start(asked[i], lists, block[i]);
            foreach (var item in proposed.Items(i))
                top.Offer(item, scores[next++]);
            lists.Lengths[block[i]] = top.Sort();
        }
    }

    private void Score(IReadOnlyList<RecommenderQuery> queries, Func<int, ReadOnlyMemory<int>> items, Span<float> scores) =>
        Score(queries, items, CandidateTable.Propose(Candidates, queries, NumberOfCandidates, new TopItemsOptions { NumberOfThreads = 1 }), scores);

    private void Score(IReadOnlyList<RecommenderQuery> queries, Func<int, ReadOnlyMemory<int>> items, TopItemLists[] proposals, Span<float> scores)
    {
        var rows = CandidateTable.Create(Candidates, _schema, queries, items, proposals);
        TransformerModel.ReadScores(Ranker.Transform(rows), ScoreColumnName, scores);
    }
}
