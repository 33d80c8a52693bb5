namespace MLNetRecExt;

/// <summary>How far <see cref="RecommendersCatalog.Auto(Interactions, AutoOptions)"/> has come.</summary>
/// <param name="Trainer">The trainer whose turn it was, such as <c>Wals</c>.</param>
/// <param name="Stage">What it does: <c>tried</c>, or once options are chosen what it is trained for.</param>
/// <param name="Trial">What was tried; null for a training of what was chosen, which is told before it begins.</param>
/// <param name="BestTrainer">The trainer of the best setting so far; null before there is one.</param>
/// <param name="BestNdcg">NDCG@20 of it on the validation part; NaN before there is one.</param>
/// <param name="Elapsed">Time since the beginning.</param>
public sealed record AutoProgress(string Trainer, string Stage, TuneTrial? Trial, string? BestTrainer, double BestNdcg, TimeSpan Elapsed)
{
    /// <summary>One line.</summary>
    public override string ToString()
    {
        var best = BestTrainer is null ? "" : FormattableString.Invariant($"; best so far {BestNdcg:0.0000}, {BestTrainer}");
        return FormattableString.Invariant($@"{Elapsed:mm\:ss} {Trainer}, {Trial?.ToString() ?? Stage}{best}");
    }
}
