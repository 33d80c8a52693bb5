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
    /// <value>Default null: the candidates' model, or of several sources the first that has embeddings; without any, the share of <see cref="Facts"/>' categories in common.</value>
    public FactorModel? SimilarityOf { get; init; }

    /// <summary>λ_c, the weight of how far the list's mix of categories is from that of the history.</summary>
    /// <value>Default 0; range [0, 1]. Needs <see cref="Facts"/>.</value>
    public float Calibration { get; init; }

    /// <summary>How many items of a list may be of one category; an item of several counts for each. Null: any number.</summary>
    /// <value>Default null; at least 1. Needs <see cref="Facts"/>.</value>
    public int? MaxPerCategory { get; init; }

    /// <summary>The age at which an item's relevance is halved: in days where dates are DateTime, else in the unit of the date column. Null: age does not matter.</summary>
    /// <value>Default null; above 0. Needs <see cref="Facts"/> with dates.</value>
    public double? FreshnessHalfLife { get; init; }

    /// <summary>The date that an age is counted from, as in <see cref="ItemFacts.Date"/>.</summary>
    /// <value>Default null: the latest date of any item.</value>
    public double? AsOf { get; init; }

    /// <summary>Items that are never recommended (0-based indices): the re-ranked model does not know them.</summary>
    /// <value>Default null: none.</value>
    public IReadOnlyCollection<int>? ExcludedItems { get; init; }

    /// <summary>Categories and dates, read with the ids of the candidates' model.</summary>
    /// <value>Default null.</value>
    public ItemFacts? Facts { get; init; }

    internal void Validate(int itemCount)
    {
        Check(NumberOfCandidates >= 1, nameof(NumberOfCandidates), NumberOfCandidates, "at least 1");
        Check(Diversity is >= 0 and <= 1, nameof(Diversity), Diversity, "in [0, 1]");
        Check(Calibration is >= 0 and <= 1, nameof(Calibration), Calibration, "in [0, 1]");
        Check(Diversity + Calibration <= 1, nameof(Calibration), Calibration, $"at most 1 together with {nameof(Diversity)} ({Diversity})");
        Check(MaxPerCategory is null or >= 1, nameof(MaxPerCategory), MaxPerCategory, "at least 1");
        Check(FreshnessHalfLife is null or (> 0 and <= double.MaxValue), nameof(FreshnessHalfLife), FreshnessHalfLife, "finite and above 0");
        Check(AsOf is null || double.IsFinite(AsOf.Value), nameof(AsOf), AsOf, "finite");
        Need(Calibration > 0 && Facts is not { CategoryNames.Count: > 0 }, nameof(Calibration), "categories");
        Need(MaxPerCategory is not null && Facts is not { CategoryNames.Count: > 0 }, nameof(MaxPerCategory), "categories");
        Need(FreshnessHalfLife is not null && Facts is not { HasDates: true }, nameof(FreshnessHalfLife), "dates");
        if (Facts is not null && Facts.ItemCount != itemCount)
            throw new ArgumentException($"{nameof(Facts)} is about {Facts.ItemCount} items, the model has {itemCount}. Read it with the model's ids: recommenders.Data.ReadItemFacts(view, model.Items, …).");

        static void Check(bool holds, string option, object? value, string needed)
        {
            if (!holds)
                throw new ArgumentOutOfRangeException(option, value, $"{option} is {value}; it must be {needed}.");
        }

        static void Need(bool lacks, string option, string what)
        {
            if (lacks)
                throw new ArgumentException($"{option} needs {what} of items: set {nameof(Facts)} to recommenders.Data.ReadItemFacts(view, model.Items, …) with a column of {what}.");
        }
    }
}
