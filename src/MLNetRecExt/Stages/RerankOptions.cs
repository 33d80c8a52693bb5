namespace MLNetRecExt;

/// <summary>The rules of <see cref="RerankedModel"/>. Each is off by default.</summary>
public sealed record RerankOptions
{
    /// <summary>How many candidates a list is chosen from, or as many as it is long if that is more.</summary>
    /// <value>Default 100; at least 1.</value>
    public int NumberOfCandidates { get; init; } = 100;

    /// <summary>λ_d, the weight of what a candidate lacks in novelty beside the items before it: its highest similarity to one of them.</summary>
    /// <value>Default 0; range [0, 1], together with <see cref="Calibration"/> at most 1.</value>
    public float Diversity { get; init; }

    /// <summary>Whose item embeddings' cosine is the similarity of two items.</summary>
    /// <value>Default null: the candidates' model, or of several sources the first that has embeddings; without any, the share of categories in common.</value>
    public FactorModel? SimilarityOf { get; init; }

    /// <summary>λ_c, the weight of how far the list's mix of categories is from that of the history.</summary>
    /// <value>Default 0; range [0, 1]. Needs <see cref="CategoryColumnName"/>.</value>
    public float Calibration { get; init; }

    /// <summary>How many items of a list may be of one category; an item of several counts for each. Null: any number.</summary>
    /// <value>Default null; at least 1. Needs <see cref="CategoryColumnName"/>.</value>
    public int? MaxPerCategory { get; init; }

    /// <summary>The age at which an item's relevance is halved: in days where dates are DateTime, else in the unit of the date column. Null: age does not matter.</summary>
    /// <value>Default null; above 0. Needs <see cref="DateColumnName"/>.</value>
    public double? FreshnessHalfLife { get; init; }

    /// <summary>The date that an age is counted from, as <see cref="DateColumnName"/> has it.</summary>
    /// <value>Default null: the latest date of any item.</value>
    public double? AsOf { get; init; }

    /// <summary>Items that are never recommended (0-based indices): the re-ranked model does not know them.</summary>
    /// <value>Default null: none.</value>
    public IReadOnlyCollection<int>? ExcludedItems { get; init; }

    /// <summary>What is known of items. Those that the candidates' model lacks are left out.</summary>
    /// <value>Default null. From <see cref="RecommenderDataCatalog.ReadFeatures"/>.</value>
    public SideFeatures? ItemFeatures { get; init; }

    /// <summary>The column of <see cref="ItemFeatures"/> that holds an item's categories.</summary>
    /// <value>Default null: categories are not known.</value>
    public string? CategoryColumnName { get; init; }

    /// <summary>The column of <see cref="ItemFeatures"/> that holds an item's date: a number, such as a year, or a DateTime, of which the days since the year 1 count.</summary>
    /// <value>Default null: dates are not known.</value>
    public string? DateColumnName { get; init; }

    internal void Validate()
    {
        Check(NumberOfCandidates >= 1, nameof(NumberOfCandidates), NumberOfCandidates, "at least 1");
        Check(Diversity is >= 0 and <= 1, nameof(Diversity), Diversity, "in [0, 1]");
        Check(Calibration is >= 0 and <= 1, nameof(Calibration), Calibration, "in [0, 1]");
        Check(Diversity + Calibration <= 1, nameof(Calibration), Calibration, $"at most 1 together with {nameof(Diversity)} ({Diversity})");
        Check(MaxPerCategory is null or >= 1, nameof(MaxPerCategory), MaxPerCategory, "at least 1");
        Check(FreshnessHalfLife is null or (> 0 and <= double.MaxValue), nameof(FreshnessHalfLife), FreshnessHalfLife, "finite and above 0");
        Check(AsOf is null || double.IsFinite(AsOf.Value), nameof(AsOf), AsOf, "finite");
        Need(Calibration > 0, nameof(Calibration), CategoryColumnName, nameof(CategoryColumnName));
        Need(MaxPerCategory is not null, nameof(MaxPerCategory), CategoryColumnName, nameof(CategoryColumnName));
        Need(FreshnessHalfLife is not null, nameof(FreshnessHalfLife), DateColumnName, nameof(DateColumnName));
        if (ItemFeatures is null && (CategoryColumnName ?? DateColumnName) is { } column)
            throw new ArgumentException($"There is no column '{column}' without {nameof(ItemFeatures)}: read them with recommenders.Data.ReadFeatures(…).");

        static void Check(bool holds, string option, object? value, string needed)
        {
            if (!holds)
                throw new ArgumentOutOfRangeException(option, value, $"{option} is {value}; it must be {needed}.");
        }

        static void Need(bool isOn, string option, string? column, string what)
        {
            if (isOn && column is null)
                throw new ArgumentException($"{option} needs to know more of items: set {nameof(ItemFeatures)} to recommenders.Data.ReadFeatures(…), and {what}.");
        }
    }
}
