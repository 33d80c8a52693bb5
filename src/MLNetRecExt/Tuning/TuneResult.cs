namespace MLNetRecExt;

/// <summary>What tuning found.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
public sealed class TuneResult<TOptions>
    where TOptions : RecommenderTrainerOptions
{
    internal TuneResult(TOptions options, TuneTrial best, IReadOnlyList<TuneTrial> trials)
    {
        Options = options;
        Best = best;
        Trials = trials;
    }

    /// <summary>The base options with the values and the number of iterations of the best trial. Fit with these on train and validation
    /// together.</summary>
    public TOptions Options { get; }

    /// <summary>The trial with the best <see cref="TuneTrial.CautiousMetric"/> on the validation part, or of <see cref="Seeds"/> that with
    /// the best mean; of equal ones the first.</summary>
    public TuneTrial Best { get; }

    /// <summary>All trials in the order they ran.</summary>
    public IReadOnlyList<TuneTrial> Trials { get; }

    /// <summary>The best settings, fitted again with <see cref="TunerOptions.FurtherSeeds"/>, best trial first; empty without.</summary>
    public IReadOnlyList<TuneSeeds> Seeds { get; internal init; } = [];

    /// <summary>Options whose best value lies within a hundredth of an end of their range, on its own scale, and could lie beyond: widen it
    /// by <see cref="TunerOptions.Ranges"/>. An end that the option itself cannot pass, such as 1 neighbor, is none.</summary>
    public IReadOnlyList<TuneEdge> Edges { get; internal init; } = [];

    /// <summary>What speaks against trusting the choice, in sentences: too few users of the validation part for the number of options, or
    /// training rows that are later than what was held back.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>The table of trials, best first; below it <see cref="Seeds"/>, <see cref="Edges"/> and <see cref="Warnings"/>.</summary>
    public override string ToString() => string.Join<object>(Environment.NewLine,
    [
        .. Trials.OrderByDescending(trial => double.IsNaN(trial.Metric) ? double.NegativeInfinity : trial.CautiousMerit),
        .. Seeds,
        .. Edges,
        .. Warnings.Select(warning => $"Warning: {warning}"),
    ]);
}
