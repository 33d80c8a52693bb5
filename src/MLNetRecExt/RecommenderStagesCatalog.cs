using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>
/// The three stages of a recommender, by way of <c>mlContext.Recommenders().Stages</c>: candidates from several models, an exact scorer
/// behind them, rules behind that.
/// </summary>
/// <remarks>
/// Each stage is a <see cref="RecommenderModel"/> made of others: it is evaluated, saved and served as any model is, and
/// <c>Transforms.TopItems</c> makes it a transformer that appends to a pipeline.
/// <code>
/// var candidates = recommenders.Stages.Fuse([new(wals, 200), new(content, 100), new(popularity, 50)]);
/// var ranker = features.Append(mlContext.Ranking.Trainers.LightGbm()).Fit(recommenders.Stages.RankingTable(candidates, validation));
/// var ranked = recommenders.Stages.Rank(candidates, ranker);
/// var final = recommenders.Stages.Rerank(ranked, new RerankOptions { Diversity = 0.2f });
/// Console.WriteLine(recommenders.Evaluate(final, test));
/// </code>
/// </remarks>
public sealed class RecommenderStagesCatalog
{
    internal RecommenderStagesCatalog()
    {
    }

    /// <summary>Candidate generation: a model whose lists are the union of what several models propose. Where the union itself is the list,
    /// with nothing behind it, <see cref="Blend"/> ranks better.</summary>
    /// <param name="sources">1 to 255 models with their quotas, trained on the same ids.</param>
    /// <param name="fusion">How the union is ranked. Default: by the sum of reciprocal ranks.</param>
    /// <returns>The fused model.</returns>
    /// <exception cref="ArgumentException">There is no source, or the models have other ids.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A quota or weight is out of its range.</exception>
    /// <example><code>
    /// var candidates = recommenders.Stages.Fuse([new(wals, 200), new(popularity, 50)]);
    /// </code></example>
    public FusedModel Fuse(
        IReadOnlyList<CandidateSource> sources, CandidateFusion fusion = CandidateFusion.ReciprocalRank) => new(sources, fusion);

    /// <summary>
    /// A model whose scores are the sum of those of several models, each times a weight that is found on held-out interactions. The best
    /// model alone where a sum gains nothing. See <see cref="BlendTrainer"/>, which trains the models, too.
    /// </summary>
    /// <param name="models">1 to 255 models, trained on the same ids without <paramref name="heldOut"/>.</param>
    /// <param name="heldOut">What users took besides: a validation part, never the test part.</param>
    /// <param name="numberOfCandidates">Length of each model's list that is blended, at least 1.</param>
    /// <param name="options">Threads and cancellation; null for the defaults.</param>
    /// <returns>The models with a weight above 0, as sources of one.</returns>
    /// <exception cref="ArgumentException">There is no model, no held-out interaction, or the models have other ids.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="numberOfCandidates"/> is below 1.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    /// <example><code>
    /// var blend = recommenders.Stages.Blend([wals, ease], validation);
    /// foreach (var (model, _, weight) in blend.Sources)
    ///     Console.WriteLine($"{model.GetType().Name} {weight:0.00}");
    /// </code></example>
    public FusedModel Blend(
        IReadOnlyList<RecommenderModel> models, Interactions heldOut, int numberOfCandidates = 500, TopItemsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(heldOut);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfCandidates, 1);
        var equal = new FusedModel(
            [.. models.Select(model => new CandidateSource(model, numberOfCandidates))], CandidateFusion.StandardizedScore);
        equal.Users.CheckMeansTheSame(heldOut.Users, "user", nameof(heldOut));
        equal.Items.CheckMeansTheSame(heldOut.Items, "item", nameof(heldOut));
        if (heldOut.Count == 0)
            throw new ArgumentException("The held-out part has no interaction to find weights on.", nameof(heldOut));
        var weights = new BlendWeights(models, heldOut, numberOfCandidates, seed: 42, options ?? new()).Best;
        var weighted = equal.Sources.Select((source, m) => source with { Weight = (float)weights[m] });
        return new([.. weighted.Where(source => source.Weight > 0)], equal.Fusion);
    }

    /// <summary>
    /// The table that a ranker learns from: a row for each user of <paramref name="labels"/> and each of the user's candidates, labelled
    /// by whether the user took the candidate afterwards. Users who took none of their candidates are left out.
    /// </summary>
    /// <param name="candidates">A model trained without <paramref name="labels"/>.</param>
    /// <param name="labels">What users took afterwards: a validation part.</param>
    /// <param name="numberOfCandidates">Rows per user at most, at least 1.</param>
    /// <param name="options">Filters and cancellation; null for the defaults.</param>
    /// <returns>
    /// Columns, S being the number of sources of a <see cref="FusedModel"/>, else 1:
    /// <c>GroupId</c> (key: the user's rows belong together), <c>User</c>, <c>Item</c> (as in training; missing, or 0, for somebody known
    /// by a history only),
    /// <c>SourceScores</c> (S Singles, NaN where a source does not know user or item), <c>SourceRanks</c> (S Singles: 1 / (60 + rank), 0
    /// where the source did not propose the item),
    /// <c>ItemPopularity</c> (Single: share of users), <c>UserActivity</c> (Single: items in the history), <c>Label</c> (Single: 1 for a
    /// taken item, else 0). Join features of your own by <c>User</c> and <c>Item</c>, with
    /// <c>mlContext.Transforms.Conversion.MapValue</c> for instance.
    /// </returns>
    /// <exception cref="ArgumentException">The ids of <paramref name="labels"/> are not the model's, or no candidate of any user was
    /// taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="numberOfCandidates"/> is below 1.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    public IDataView RankingTable(
        RecommenderModel candidates, Interactions labels, int numberOfCandidates = 200, TopItemsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfCandidates, 1);
        return CandidateTable.ToLearnFrom(candidates, labels, numberOfCandidates, options ?? new TopItemsOptions()) ?? throw new ArgumentException(
            $"No candidate of any user was taken afterwards: there is nothing to learn. Raise numberOfCandidates (now {numberOfCandidates}), or give more labels.", nameof(labels));
    }

    /// <summary>Scoring: a model whose lists are another's candidates, sorted by the score of a ranker.</summary>
    /// <param name="candidates">Where candidates come from.</param>
    /// <param name="ranker">Any transformer that makes a score column (Single, higher for better) of the columns of
    /// <see cref="RankingTable"/>, row by row.</param>
    /// <param name="numberOfCandidates">How many candidates are scored at most, at least 1.</param>
    /// <param name="scoreColumnName">The ranker's column to sort by.</param>
    /// <returns>The ranked model.</returns>
    /// <exception cref="ArgumentException">The ranker makes no such column.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="numberOfCandidates"/> is below 1.</exception>
    public RankedModel Rank(
        RecommenderModel candidates, ITransformer ranker, int numberOfCandidates = 200, string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(ranker);
        ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
        return new RankedModel(candidates, ranker, numberOfCandidates, scoreColumnName);
    }

    /// <summary>Re-ranking: a model whose lists are chosen from another's best items under rules.</summary>
    /// <param name="candidates">Where candidates come from.</param>
    /// <param name="options">The rules.</param>
    /// <returns>The re-ranked model.</returns>
    /// <exception cref="ArgumentException">A rule lacks what it needs to know about items.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <example><code>
    /// var model = recommenders.Stages.Rerank(wals, new RerankOptions { Diversity = 0.2f });
    /// </code></example>
    public RerankedModel Rerank(RecommenderModel candidates, RerankOptions options)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(options);
        return new RerankedModel(candidates, options);
    }
}
