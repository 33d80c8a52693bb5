namespace MLNetRecExt;

/// <summary>What an experiment learned from and judged on.</summary>
public sealed record RunData
{
    /// <summary>Users of the data.</summary>
    public required int Users { get; init; }

    /// <summary>Items of the data.</summary>
    public required int Items { get; init; }

    /// <summary>Different pairs of user and item that were learned from in the end.</summary>
    public required int TrainInteractions { get; init; }

    /// <summary>Those among them that options were chosen by; 0 where nothing was chosen.</summary>
    public required int ValidationInteractions { get; init; }

    /// <summary>Held-out pairs of the test part.</summary>
    public required int TestInteractions { get; init; }

    /// <summary>Users with a held-out item: those judged.</summary>
    public required int TestUsers { get; init; }

    /// <summary>Users of the test part of whom training knows nothing.</summary>
    public required int ColdUsers { get; init; }

    /// <summary>Items of the test part that training does not know.</summary>
    public required int ColdItems { get; init; }

    /// <summary>What became of the rows that were read.</summary>
    public required InteractionCounts Rows { get; init; }

    /// <summary>The earliest timestamp, as its column has it; null without timestamps.</summary>
    public long? EarliestTimestamp { get; init; }

    /// <summary>The latest timestamp, likewise.</summary>
    public long? LatestTimestamp { get; init; }

    /// <summary>Training interactions in equal spans of time from the earliest to the latest; empty without timestamps.</summary>
    public IReadOnlyList<int> Timeline { get; init; } = [];

    /// <summary>The share of training interactions that the most popular 1 %, 2 %, … 100 % of the items have: the long tail.</summary>
    public required IReadOnlyList<double> PopularityShares { get; init; }

    /// <summary>By decile of the items by popularity, the most popular first, the share of held-out pairs.</summary>
    public required IReadOnlyList<double> TestPopularity { get; init; }

    /// <summary>For each judged user, in the order of <see cref="RunTrainer.UserValues"/>, how many items they have in training.</summary>
    public required IReadOnlyList<int> Activity { get; init; }

    /// <summary>A checksum of the judged users' ids: two records with the same one can be compared user by user.</summary>
    public required string UsersChecksum { get; init; }

    /// <summary>Share of all pairs of user and item that training has.</summary>
    public double Density => (double)TrainInteractions / ((double)Users * Items);
}
