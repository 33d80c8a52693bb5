using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Runs the experiment of a configuration, and searches options for a while.</summary>
internal sealed class TuneVerb : CompareVerb
{
    private readonly Option<double?> _minutes = new("--minutes") { Description = "Minutes for all trainers together." };
    private readonly Option<int?> _trials = new("--trials") { Description = "Settings to try for each trainer." };

    public TuneVerb()
        : base("tune", "As compare, but search the options of the trainers first.", "mlrec tune --minutes 10", "mlrec tune --trials 20")
    {
        Add(_minutes);
        Add(_trials);
    }

    protected override ExperimentConfiguration Change(ExperimentConfiguration configuration, ParseResult arguments)
    {
        var (minutes, trials) = (arguments.GetValue(_minutes), arguments.GetValue(_trials));
        var tune = minutes is null && trials is null
            ? configuration.Tune ?? throw new ArgumentException("tune needs --minutes or --trials, or 'tune' in the configuration.")
            : new TuneConfiguration { Minutes = minutes, Trials = trials };
        tune.Check();
        return configuration with { Tune = tune };
    }
}
