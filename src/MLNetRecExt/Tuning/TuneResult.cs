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

    /// <summary>The trial with the best <see cref="TuneTrial.CautiousMetric"/> on the validation part; of equal ones the first.</summary>
    public TuneTrial Best { get; }

    /// <summary>All trials in the order they ran.</summary>
    public IReadOnlyList<TuneTrial> Trials { get; }

    /// <summary>The table of trials, best first.</summary>
    public override string ToString() => string.Join(Environment.NewLine,
        Trials.OrderByDescending(trial => double.IsNaN(trial.Metric) ? double.NegativeInfinity : trial.CautiousMerit));
}
