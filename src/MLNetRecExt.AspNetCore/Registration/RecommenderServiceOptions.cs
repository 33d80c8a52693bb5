using System.ComponentModel.DataAnnotations;

namespace MLNetRecExt.AspNetCore;

/// <summary>How a recommender of <c>services.AddRecommender</c> serves: where its model is, how long answers may be, when a new model is
/// refused, and how feedback is kept. Named options, bound from configuration and checked when the application starts.</summary>
public sealed class RecommenderServiceOptions
{
    private const string Moment = "00:00:00.010", Day = "1.00:00:00";

    /// <summary>Path of the model's file, as <c>model.Save(path)</c> writes it. It may be missing when the application starts: lists are
    /// empty until it is there.</summary>
    /// <value>Needed, unless <see cref="RecommenderBuilder{TUser, TItem}.WithSource"/> names another source. Default null.</value>
    public string? ModelPath { get; set; }

    /// <summary>How often the source is asked whether there is another model. Where it can tell earlier, as the file system mostly can, it
    /// does.</summary>
    /// <value>Default 5 seconds; range [10 ms, 1 day].</value>
    [Range(typeof(TimeSpan), Moment, Day)]
    public TimeSpan ReloadEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a model may hold an ML.NET pipeline, as stages with a ranker do. Loading one runs code that the file names: only
    /// for files that nobody else can write.</summary>
    /// <value>Default false: such a model is refused.</value>
    public bool AllowPipelines { get; set; }

    /// <summary>What a user or a history gets of whom nothing is known.</summary>
    /// <value>Default <see cref="RecommendationFallback.Popularity"/>. <see cref="RecommendationFallback.None"/>: an empty list with the
    /// reason <see cref="RecommendationReason.Unknown"/>.</value>
    [EnumDataType(typeof(RecommendationFallback))]
    public RecommendationFallback Fallback { get; set; } = RecommendationFallback.Popularity;

    /// <summary>Length of a list when nobody says.</summary>
    /// <value>Default 10; range [1, 1000].</value>
    [Range(1, 1000)]
    public int DefaultListLength { get; set; } = 10;

    /// <summary>The longest list that may be asked for.</summary>
    /// <value>Default 100; range [1, 1000].</value>
    [Range(1, 1000)]
    public int MaxListLength { get; set; } = 100;

    /// <summary>The most entries of a history that count. Of a longer one from <see cref="IUserHistory{TUser, TItem}"/> the last count; a
    /// caller who sends a longer one is refused.</summary>
    /// <value>Default 1000; range [1, 100000].</value>
    [Range(1, 100_000)]
    public int MaxHistoryLength { get; set; } = 1000;

    /// <summary>How long an answer waits for <see cref="IUserHistory{TUser, TItem}"/>. After that it is made of what the model knows, and
    /// the failure is counted and logged.</summary>
    /// <value>Default 1 second; range [10 ms, 1 day].</value>
    [Range(typeof(TimeSpan), Moment, Day)]
    public TimeSpan HistoryTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many items of the history each recommendation names as its reasons, where the model can explain.</summary>
    /// <value>Default 2; range [0, 10]. 0 saves the work.</value>
    [Range(0, 10)]
    public int ReasonsPerItem { get; set; } = 2;

    /// <summary>The largest body, in bytes, that an endpoint reads.</summary>
    /// <value>Default 65,536; range [1024, 16777216].</value>
    [Range(1024, 16_777_216)]
    public int MaxRequestBytes { get; set; } = 65_536;

    /// <summary>The most queries that are answered as one batch, where the catalogue is so large that a batch is faster: see the package's
    /// README.</summary>
    /// <value>Default 64; range [1, 64]. 1 answers each alone.</value>
    [Range(1, 64)]
    public int MaxBatch { get; set; } = 64;

    /// <summary>How often <see cref="IItemCatalogue{TItem}"/> is read. Where it can tell of changes, it is read then too.</summary>
    /// <value>Default 1 minute; range [10 ms, 1 day].</value>
    [Range(typeof(TimeSpan), Moment, Day)]
    public TimeSpan CatalogueEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The gate: a new model is refused when it knows fewer items than this share of those that the serving one knows.</summary>
    /// <value>Default 0.8; range [0, 1]. 0 lets any catalogue pass.</value>
    [Range(0.0, 1.0)]
    public double MinCatalogueShare { get; set; } = 0.8;

    /// <summary>The gate: how many users, known to both models, have their lists of both compared.</summary>
    /// <value>Default 200; range [0, 10000]. 0 compares none.</value>
    [Range(0, 10_000)]
    public int SampledUsers { get; set; } = 200;

    /// <summary>The gate: a new model is refused when its lists share less than this with those of the serving one, on the mean of the
    /// sampled users: lists of 20, or of a twentieth of a smaller catalogue.</summary>
    /// <value>Default 0.05; range [0, 1]. Lists of two nights share about half; those of a model trained on the wrong table next to
    /// nothing.</value>
    [Range(0.0, 1.0)]
    public double MinOverlap { get; set; } = 0.05;

    /// <summary>The gate: the metric of the model cards that is compared, where both have it: <c>model.WithMetrics(report)</c> puts it
    /// there.</summary>
    /// <value>Default <c>NDCG@20</c>.</value>
    [Required]
    public string Metric { get; set; } = "NDCG@20";

    /// <summary>The gate: a new model is refused when its <see cref="Metric"/> is worse than that of the serving one by more than this
    /// share of it. Each night judges on other data, so leave room for chance.</summary>
    /// <value>Default 0.1; range [0, 1].</value>
    [Range(0.0, 1.0)]
    public double MaxMetricLoss { get; set; } = 0.1;

    /// <summary>How many events wait for <see cref="IFeedbackSink{TUser, TItem}"/> at most. What comes when so many wait is dropped and
    /// counted.</summary>
    /// <value>Default 10,000; range [1, 10000000].</value>
    [Range(1, 10_000_000)]
    public int FeedbackCapacity { get; set; } = 10_000;

    /// <summary>The most events that the sink gets at once.</summary>
    /// <value>Default 500; range [1, 100000].</value>
    [Range(1, 100_000)]
    public int FeedbackBatch { get; set; } = 500;

    /// <summary>How long an event waits for its batch to fill.</summary>
    /// <value>Default 1 second; range [10 ms, 1 day].</value>
    [Range(typeof(TimeSpan), Moment, Day)]
    public TimeSpan FeedbackEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the application waits, when it stops, for the sink to take what is left. What it does not take then is dropped,
    /// counted and logged.</summary>
    /// <value>Default 5 seconds; range [10 ms, 1 day].</value>
    [Range(typeof(TimeSpan), Moment, Day)]
    public TimeSpan FeedbackFlush { get; set; } = TimeSpan.FromSeconds(5);
}
