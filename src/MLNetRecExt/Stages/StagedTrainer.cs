using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace MLNetRecExt;

/// <summary>
/// A recommender in three stages, trained as one: several sources propose candidates, a ranker learns which candidates are taken, and rules
/// choose the list.
/// </summary>
/// <remarks>
/// <para>A share of each user's interactions is held back; the sources are trained on the rest, the ranker learns from what they propose
/// which of the
/// held-back items are taken, and the sources are trained again on everything. Where no candidate of any user was taken there is nothing to
/// learn:
/// a warning is logged, and candidates keep the order of <see cref="Options.Fusion"/>.</para>
/// <para>Lists hold candidates only, and never what somebody took, also where they are asked not to leave it out.</para>
/// <para>Memory, beside what the ranker takes: that of all sources, each by its own formula, since what one has learned stays while the
/// next learns; and what the ranker learns from,
/// <code>
/// 8·users·(Σ counts of sources + candidates) + users·candidates·(24 + 8·sources) + 200·users
/// + interactions·(5 + 4 for each of labels and weights + 8 for timestamps)
/// </code>
/// bytes: proposals and candidates of each user, a row for each of these, and the interactions in two parts. Sources without an estimate
/// are not counted. Each source also looks at its own <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label, weight and timestamp as the sources use them |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes, when the sources and the ranker keep to it; those of this package and the ranker by default do |</para>
/// <para>Covington, Adams, Sargin: Deep Neural Networks for YouTube Recommendations, RecSys 2016 (candidates, then ranking).</para>
/// </remarks>
public sealed class StagedTrainer : RecommenderTrainer<RerankedModel, StagedTrainer.Options>
{
    /// <summary>Options of <see cref="StagedTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>Who proposes candidates: 1 to 255 trainers with their quotas.</summary>
        /// <value>Default empty, which the trainer refuses.</value>
        public CandidateTrainer[] Sources = [];

        /// <summary>How the proposals of the sources become one list of candidates.</summary>
        /// <value>Default <see cref="CandidateFusion.ReciprocalRank"/>.</value>
        public CandidateFusion Fusion = CandidateFusion.ReciprocalRank;

        /// <summary>
        /// Learns a score of the columns that <see cref="RecommenderStagesCatalog.RankingTable"/> describes, such as a chain that ends with
        /// LightGBM ranking or FastTree.
        /// Null: a logistic regression over what the sources say and the item's popularity.
        /// </summary>
        /// <value>Default null.</value>
        public IEstimator<ITransformer>? Ranker;

        /// <summary>The ranker's column that candidates are sorted by (Single, higher for better).</summary>
        /// <value>Default <c>"Score"</c>.</value>
        public string RankerScoreColumnName = "Score";

        /// <summary>Candidates of a query that are scored and chosen from.</summary>
        /// <value>Default 100; range [1, 100000].</value>
        [OptionRange(1, 100_000), TuneRange(30, 500, Logarithmic = true)]
        public int NumberOfCandidates = 100;

        /// <summary>Share of each user's interactions that the ranker learns from.</summary>
        /// <value>Default 0.125; range (0, 0.9].</value>
        [OptionRange(0, 0.9, MinExclusive = true), TuneRange(0.05, 0.5)]
        public float RankerShare = 0.125f;

        /// <summary>Candidates that the ranker learns from at most: those of the first users.</summary>
        /// <value>Default 100000; range [1, 1e9].</value>
        [OptionRange(1, 1e9)]
        public int RankerRows = 100_000;

        /// <summary>The rules of the last stage. Its <see cref="RerankOptions.NumberOfCandidates"/> does not count: that is
        /// <see cref="NumberOfCandidates"/>.</summary>
        /// <value>Default: no rule.</value>
        public RerankOptions Rules = new();

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            ArgumentNullException.ThrowIfNull(Sources);
            ArgumentNullException.ThrowIfNull(Rules);
            if (Sources.Length is < 1 or > 255)
                throw new ArgumentException($"{nameof(Sources)} has {Sources.Length} trainers; 1 to 255 are needed, such as new(recommenders.Trainers.Wals(), 200).", nameof(Sources));
            if (string.IsNullOrWhiteSpace(RankerScoreColumnName))
                throw new ArgumentException($"{nameof(RankerScoreColumnName)} must name a column of the ranker.", nameof(RankerScoreColumnName));
            Rules.Validate();
        }

        /// <inheritdoc/>
        protected internal override RecommenderTrainerOptions Clone()
        {
            var copy = (Options)base.Clone();
            // Null is refused later, by name.
            copy.Sources = Sources is null ? null! : [.. Sources];
            return copy;
        }
    }

    internal StagedTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected internal override (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema) =>
        FirstIds(TrainerOptions.Sources.Select(source => source.Trainer), schema);

    /// <summary>The starting ids of the first of several trainers that has some.</summary>
    internal static (IdMap? Users, IdMap? Items) FirstIds(IEnumerable<RecommenderTrainer> trainers, DataViewSchema schema)
    {
        var all = trainers.Select(trainer => trainer.StartingIds(schema)).ToArray();
        return (all.Select(ids => ids.Users).FirstOrDefault(ids => ids is not null),
            all.Select(ids => ids.Items).FirstOrDefault(ids => ids is not null));
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy =>
        $"Take fewer or smaller {nameof(Options.Sources)} ({nameof(EstimateMemory)} of each says which is large), or lower "
        + $"their counts or {nameof(Options.NumberOfCandidates)} (now {TrainerOptions.NumberOfCandidates}).";

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        var sources = TrainerOptions.Sources;
        long users = trainData.Users.Count, items = trainData.Items.Count, candidates = Math.Min(TrainerOptions.NumberOfCandidates, items);
        Int128 learned = 0;
        foreach (var source in sources)
            learned += source.Trainer.EstimateMemory(trainData);
        var proposed = 8 * users * (sources.Sum(source => Math.Min(source.Count, items)) + candidates);
        var table = users * candidates * (24 + 8 * sources.Length) + 200 * users;
        return long.CreateSaturating(learned + proposed + table + SplitMemory(trainData) + 12 * items);
    }

    /// <summary>Bytes that both parts of a split take, and which part each interaction belongs to.</summary>
    internal static long SplitMemory(Interactions data)
    {
        var rows = data.ByUser;
        return (5L + (rows.HasLabels ? 4 : 0) + (rows.HasWeights ? 4 : 0) + (rows.HasTimestamps ? 8 : 0)) * data.Count;
    }

    /// <inheritdoc/>
    protected override RerankedModel Train(TrainingInput input)
    {
        var ranker = TrainRanker(input);
        var candidates = Candidates(input.Train);
        return new(
            ranker is null ? candidates : new RankedModel(candidates, ranker, TrainerOptions.NumberOfCandidates, TrainerOptions.RankerScoreColumnName),
            TrainerOptions.Rules with { NumberOfCandidates = TrainerOptions.NumberOfCandidates });
    }

    /// <summary>What learns from held-back interactions which candidates are taken; null when none is.</summary>
    private ITransformer? TrainRanker(TrainingInput input)
    {
        var parts = SplitRules.RandomPerUser(input.Train.ByUser, TrainerOptions.RankerShare, TrainerOptions.Seed);
        var split = new InteractionSplit(input.Train, parts);
        var table = split.Train.Count == 0 || split.Test.Count == 0 ? null : CandidateTable.ToLearnFrom(
            Candidates(split.Train), split.Test, TrainerOptions.NumberOfCandidates,
            new TopItemsOptions { NumberOfThreads = TrainerOptions.NumberOfThreads, CancellationToken = TrainerOptions.CancellationToken });
        if (table is null)
        {
            input.Warn($"No candidate was taken among the {nameof(Options.RankerShare)} = {TrainerOptions.RankerShare} of interactions held back: "
                + "there is nothing to rank by, and candidates keep the order of the sources.");
            return null;
        }
        var ml = new MLContext(TrainerOptions.Seed);
        return (TrainerOptions.Ranker ?? DefaultRanker(ml)).Fit(ml.Data.TakeRows(table, TrainerOptions.RankerRows));
    }

    private FusedModel Candidates(Interactions train)
    {
        TrainerOptions.CancellationToken.ThrowIfCancellationRequested();
        return new([.. TrainerOptions.Sources.Select(source => new CandidateSource(source.Trainer.Fit(train), source.Count, source.Weight))], TrainerOptions.Fusion);
    }

    private static EstimatorChain<ITransformer> DefaultRanker(MLContext ml) => new EstimatorChain<ITransformer>()
        .Append(ml.Transforms.ReplaceMissingValues("SourceScores"))
        .Append(ml.Transforms.Concatenate("Features", "SourceScores", "SourceRanks", "ItemPopularity"))
        .Append(ml.Transforms.NormalizeMeanVariance("Features"))
        .Append(ml.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.Boolean))
        .Append<ITransformer>(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1 }));
}
