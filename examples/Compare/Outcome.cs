namespace Compare;

/// <summary>What became of the trainers.</summary>
/// <param name="Results">Of those that were judged.</param>
/// <param name="LeftOut">A line for each that the data or the build is not for.</param>
/// <param name="Failures">Of those that went wrong.</param>
internal sealed record Outcome(
    IReadOnlyList<TrainerResult> Results, IReadOnlyList<string> LeftOut, IReadOnlyList<TrainerFailure> Failures);
