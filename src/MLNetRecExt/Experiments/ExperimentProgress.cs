namespace MLNetRecExt;

/// <summary>How far an experiment has come.</summary>
/// <param name="Trainer">Name of the trainer whose turn it is.</param>
/// <param name="Step">What it does: <c>tune</c>, <c>train</c>, <c>evaluate</c>.</param>
/// <param name="Share">How much of the step is done, 0…1.</param>
/// <param name="Trial">In a search, the setting that was tried last.</param>
/// <param name="Elapsed">Time since the experiment began.</param>
public sealed record ExperimentProgress(string Trainer, string Step, double Share, TuneTrial? Trial, TimeSpan Elapsed)
{
    /// <summary>One line: <c>01:23 wals, tune 40 %</c>.</summary>
    public override string ToString() => FormattableString.Invariant($@"{Elapsed:mm\:ss} {Trainer}, {Step} {Share:0 %}")
        + (Trial is null ? "" : $": {Trial}");
}
