namespace MLNetRecExt;

/// <summary>How far a training has come.</summary>
/// <param name="Iteration">Iterations finished, from 1.</param>
/// <param name="NumberOfIterations">Iterations at most.</param>
/// <param name="Loss">The objective in the trainer's documentation, after this iteration.</param>
/// <param name="ValidationMetric">NDCG@20 on the validation part, or null when there is none.</param>
/// <param name="Elapsed">Time since training began.</param>
public readonly record struct TrainingProgress(
    int Iteration, int NumberOfIterations, double Loss, double? ValidationMetric, TimeSpan Elapsed);
