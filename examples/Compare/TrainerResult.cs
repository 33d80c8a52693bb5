using MLNetRecExt;

namespace Compare;

/// <summary>All that was found out about one trainer.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Settings">Every option with its value.</param>
/// <param name="FromData">What the trainer said of options that follow from the data, a line each.</param>
/// <param name="Search">What came of tuning; null without, or where there was nothing to search.</param>
/// <param name="Model">The trained model.</param>
/// <param name="Training">What training took, the first call's compilation included.</param>
/// <param name="EstimatedMemory">The bytes that the trainer estimated to take beyond the interactions; 0: it estimates none.</param>
/// <param name="Report">The metrics on the test part.</param>
/// <param name="UsersPerSecond">Top lists per second, warm, all threads.</param>
/// <param name="ModelBytes">Size of the saved model; null when it could not be saved.</param>
internal sealed record TrainerResult(
    string Name, IReadOnlyList<Setting> Settings, IReadOnlyList<string> FromData, Search? Search,
    RecommenderModel Model, Cost Training, long EstimatedMemory, EvaluationReport Report, double UsersPerSecond, long? ModelBytes)
{
    /// <summary>What the search over trainers found, for the row that --auto adds.</summary>
    public AutoResult? Auto { get; init; }
}
