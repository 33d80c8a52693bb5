namespace MLNetRecExt;

/// <summary>How far a training has come.</summary>
/// <param name="Iteration">Iterations finished, from 1.</param>
/// <param name="NumberOfIterations">Iterations at most.</param>
/// <param name="Loss">The objective in the trainer's documentation, after this iteration, or over it where the trainer says so.</param>
/// <param name="ValidationMetric"><see cref="MetricName"/> on the validation part, or null when there is none.</param>
/// <param name="Elapsed">Time since training began.</param>
public readonly record struct TrainingProgress(
    int Iteration, int NumberOfIterations, double Loss, double? ValidationMetric, TimeSpan Elapsed)
{
    /// <summary>What <see cref="ValidationMetric"/> is: NDCG@20, or RMSE where a trainer predicts labels.</summary>
    public string MetricName { get; init; } = "NDCG@20";

    /// <summary><see cref="MLNetRecExt.ValidationMetric.Ranks"/> behind <see cref="ValidationMetric"/>.</summary>
    internal byte[]? ValidationRanks { get; init; }
}
