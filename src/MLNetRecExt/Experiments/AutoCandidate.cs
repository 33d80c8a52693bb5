namespace MLNetRecExt;

/// <summary>What <see cref="RecommendersCatalog.Auto(Interactions, AutoOptions)"/> found of one trainer.</summary>
public sealed record AutoCandidate
{
    /// <summary>The trainer, as <c>Recommenders().Trainers</c> names it.</summary>
    public required string Trainer { get; init; }

    /// <summary>NDCG@20 on the validation part with options from the data; NaN where that did not succeed.</summary>
    public double Untuned { get; init; } = double.NaN;

    /// <summary>NDCG@20 on the validation part with the best options found; NaN where no trial succeeded.</summary>
    public double Tuned { get; init; } = double.NaN;

    /// <summary>Its share of the blend, 0…1; 1 where it stands alone.</summary>
    public double Weight { get; init; }

    /// <summary>NDCG@20 on the test part, which nothing saw before, with its 95 % interval; null where the trainer was not among those that
    /// might be blended, or there is no such part.</summary>
    public MetricEstimate? Test { get; init; }

    /// <summary>What was tried, in order. The first is the options from the data.</summary>
    public IReadOnlyList<TuneTrial> Trials { get; init; } = [];

    /// <summary>The best options found: those that were tuned, by name. Empty where no trial succeeded.</summary>
    public IReadOnlyDictionary<string, double> Options { get; init; } = new Dictionary<string, double>();

    /// <summary>Wall time of its trials, seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Why it was not tried, or not blended; null where it was.</summary>
    public string? Note { get; init; }
}
