using System.CommandLine;
using System.Text.Json;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Runs the experiment of a configuration.</summary>
internal class CompareVerb : Verb
{
    private readonly Argument<string> _configuration = new("config")
    {
        Description = "The configuration.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The record of the run that is written.",
        DefaultValueFactory = _ => "run.json",
    };

    private readonly Option<string?> _log = new("--log")
    {
        Description = "A folder of trials: a search that was broken off goes on from them.",
    };

    public CompareVerb()
        : this("compare", "Train, judge and compare the trainers of a configuration, and save the best model.",
            "mlrec compare", "mlrec compare recommender.json --output monday.json --json")
    {
    }

    protected CompareVerb(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        Add(_configuration);
        Add(_output);
        Add(_log);
    }

    /// <summary>What the verb changes in the configuration.</summary>
    protected virtual ExperimentConfiguration Change(ExperimentConfiguration configuration, ParseResult arguments) => configuration;

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(
            arguments.GetValue(_configuration)!, configuration => Change(configuration, arguments));
        var data = await experiment.ReadAsync(cancellation);
        if (arguments.GetValue(_log) is { } log)
            Directory.CreateDirectory(log);
        var options = experiment.Options(cancellation) with
        {
            Caption = $"{experiment.Source.Name}: {data}",
            LogDirectory = arguments.GetValue(_log),
        };
        var quiet = arguments.GetValue(Quiet);
        var record = await ProgressBars.ShowAsync(
            quiet, progress => experiment.Experiment(data, options with { Progress = progress }).Run());
        record = record with { Command = $"mlrec {Name} {experiment.Path}" };
        var output = arguments.GetValue(_output)!;
        record.Save(output);
        var text = $"{record}{Environment.NewLine}The record is {output}.";
        if (experiment.Configuration.Publish is { } publish && record.Trainers.Count > 0)
            text += Environment.NewLine
                + new Publication(experiment, options).Publish(Publication.Judged(record.Best), record.Best.Name, publish, data).Sentence;
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(output, CancellationToken.None));
        return new(text, json.RootElement.Clone(), record.LeftOut.Count > 0 ? ExitCodes.TrainerFailed : ExitCodes.Success);
    }
}
