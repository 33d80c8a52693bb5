using System.Text.Json.Serialization;

namespace MLNetRecExt;

/// <summary>What an experiment found of one trainer.</summary>
public sealed record RunTrainer
{
    /// <summary>Its name in the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>The trainer's class, such as <c>WalsTrainer</c>; <c>Blend</c> for several.</summary>
    public required string Trainer { get; init; }

    /// <summary>The options that it was trained with, by name, as text; of a blend, the weight of each member.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Names of the <see cref="Options"/> whose values the data decided.</summary>
    public IReadOnlyList<string> FromData { get; init; } = [];

    /// <summary>What was tried, in order; empty where options were not searched.</summary>
    public IReadOnlyList<TuneTrial> Trials { get; init; } = [];

    /// <summary>What speaks against the choice: options found at the end of a range, too few users to choose by.</summary>
    public IReadOnlyList<string> TuneNotes { get; init; } = [];

    /// <summary>The loss after each iteration of the final training; empty for trainers that do not iterate.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>Every metric on the test part, with its 95 % interval.</summary>
    public required IReadOnlyList<MetricEstimate> Metrics { get; init; }

    /// <summary>The metric that counts, by seed, where there are several; the first is that of <see cref="Metrics"/>.</summary>
    public IReadOnlyList<double> SeedValues { get; init; } = [];

    /// <summary>The metric that counts, of each judged user; NaN where it is not defined.</summary>
    public required IReadOnlyList<double> UserValues { get; init; }

    /// <summary>By decile of the items by popularity, the most popular first, the share of the places in lists that they have.</summary>
    public IReadOnlyList<double> ListPopularity { get; init; } = [];

    /// <summary>By decile of the items by popularity, the most popular first, the share of held-out pairs that lists have.</summary>
    public IReadOnlyList<double> RecallByPopularity { get; init; } = [];

    /// <summary>Where items lie in the space of embeddings; null for models without.</summary>
    public RunMap? Map { get; init; }

    /// <summary>What it took.</summary>
    public required RunCost Cost { get; init; }

    /// <summary>The model, trained on all but the test part; null in a record that was read.</summary>
    [JsonIgnore]
    public RecommenderModel? Model { get; init; }

    /// <summary>A metric by its name, for example <c>NDCG@20</c>.</summary>
    /// <param name="metric">Its name, as <see cref="MetricEstimate.Name"/> has it.</param>
    /// <exception cref="KeyNotFoundException">It was not measured; the message lists those that were.</exception>
    public MetricEstimate this[string metric] => Metrics.FirstOrDefault(estimate => estimate.Name == metric)
        ?? throw new KeyNotFoundException(
            $"{Name} has no metric '{metric}'; it has {string.Join(", ", Metrics.Select(estimate => estimate.Name))}.");
}
