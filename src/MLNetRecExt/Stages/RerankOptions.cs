namespace MLNetRecExt;

/// <summary>The rules of <see cref="RerankedModel"/>. Each is off by default.</summary>
public sealed record RerankOptions
{
    /// <summary>How many candidates a list is chosen from. A list that is longer is chosen from as many as it has places.</summary>
    /// <value>Default 100; range [1, 1e9].</value>
    [OptionRange(1, 1e9)]
    public int NumberOfCandidates { get; init; } = 100;

    /// <summary>λ_d: how much a candidate loses by being like an item that is in the list already. What counts is its highest similarity
    /// to one of them.</summary>
    /// <value>Default 0; range [0, 1], together with <see cref="Calibration"/> at most 1.</value>
    [OptionRange(0, 1)]
    public float Diversity { get; init; }

    /// <summary>Whose item embeddings' cosine is the similarity of two items.</summary>
    /// <value>Default null: the candidates' model, or of several sources the first that has embeddings; without any, the share of
    /// categories in common.</value>
    public FactorModel? SimilarityOf { get; init; }

    /// <summary>λ_c: how much a list loses when its mix of categories differs from that of the user's history.</summary>
    /// <value>Default 0; range [0, 1]. Needs <see cref="CategoryColumnName"/>.</value>
    [OptionRange(0, 1)]
    public float Calibration { get; init; }

    /// <summary>How many items of a list may be of one category; an item of several counts for each. Null: any number.</summary>
    /// <value>Default null; range [1, 1e9]. Needs <see cref="CategoryColumnName"/>.</value>
    [OptionRange(1, 1e9)]
    public int? MaxPerCategory { get; init; }

    /// <summary>The age at which an item's relevance is halved: in days where dates are DateTime, else in the unit of the date column.
    /// Null: age does not matter.</summary>
    /// <value>Default null; range (0, 1e18]. Needs <see cref="DateColumnName"/>.</value>
    [OptionRange(0, 1e18, MinExclusive = true)]
    public double? FreshnessHalfLife { get; init; }

    /// <summary>The date that an age is counted back from, in the unit of <see cref="DateColumnName"/>.</summary>
    /// <value>Default null: the latest date of any item; else any finite number.</value>
    public double? AsOf { get; init; }

    /// <summary>Items that are never recommended (0-based indices): the re-ranked model does not know them.</summary>
    /// <value>Default null: none.</value>
    public IReadOnlyCollection<int>? ExcludedItems { get; init; }

    /// <summary>What is known of items. Those that the candidates' model lacks are left out.</summary>
    /// <value>Default null. From <c>Data.ReadFeatures</c>.</value>
    public SideFeatures? ItemFeatures { get; init; }

    /// <summary>The column of <see cref="ItemFeatures"/> that holds an item's categories.</summary>
    /// <value>Default null: categories are not known.</value>
    public string? CategoryColumnName { get; init; }

    /// <summary>The column of <see cref="ItemFeatures"/> that holds an item's date: a number, such as a year, or a DateTime, of which the
    /// days since the year 1 count.</summary>
    /// <value>Default null: dates are not known.</value>
    public string? DateColumnName { get; init; }

    internal void Validate()
    {
        OptionChecker.Check(this);
        if (!(Diversity + Calibration <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(Calibration), Calibration,
                $"{nameof(Calibration)} must be at most 1 together with {nameof(Diversity)} ({Diversity}).");
        Need(Calibration > 0, nameof(Calibration), CategoryColumnName, nameof(CategoryColumnName));
        Need(MaxPerCategory is not null, nameof(MaxPerCategory), CategoryColumnName, nameof(CategoryColumnName));
        Need(FreshnessHalfLife is not null, nameof(FreshnessHalfLife), DateColumnName, nameof(DateColumnName));
        if (ItemFeatures is null && (CategoryColumnName ?? DateColumnName) is { } column)
            throw new ArgumentException(
                $"There is no column '{column}' without {nameof(ItemFeatures)}: read them with recommenders.Data.ReadFeatures(…).");

        static void Need(bool isOn, string option, string? column, string what)
        {
            if (isOn && column is null)
                throw new ArgumentException(
                    $"{option} needs to know more of items: set {nameof(ItemFeatures)} to recommenders.Data.ReadFeatures(…), and {what}.");
        }
    }
}
