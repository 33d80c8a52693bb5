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

    private readonly Option<string> _report = new("--report")
    {
        Description = "The report that is written, one HTML file.",
        DefaultValueFactory = _ => "report.html",
    };

    private readonly Option<string?> _log = new("--log")
    {
        Description = "A folder of trials: a search that was broken off goes on from them.",
    };

    public CompareVerb()
        : this("compare", "Train, judge and compare the trainers of a configuration, report it, and save the best model.",
            "mlrec compare", "mlrec compare shop.json --output monday.json --report monday.html")
    {
    }

    protected CompareVerb(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        foreach (var option in new Option[] { _output, _report, _log })
            Add(option);
        Add(_configuration);
    }

    /// <summary>What the verb changes in the configuration.</summary>
    protected virtual ExperimentConfiguration Change(ExperimentConfiguration configuration, ParseResult arguments) => configuration;

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(
            arguments.GetValue(_configuration)!, configuration => Change(configuration, arguments));
        var (data, options, record) = await ProgressBars.ShowAsync(
            arguments.GetValue(Quiet), bars => RunAsync(experiment, arguments, bars, cancellation));
        var (output, report) = (arguments.GetValue(_output)!, arguments.GetValue(_report)!);
        record.Save(output);
        record.SaveHtml(report);
        List<string> sentences = [$"The report is {report}, the record {output}."];
        if (experiment.Configuration.Publish is { } publish && record.Trainers.Count > 0)
        {
            var publication = new Publication(experiment, options);
            sentences.Add(publication.Publish(Publication.Judged(record.Best), record.Best.Name, publish, data).Sentence);
        }
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(output, CancellationToken.None));
        var code = record.LeftOut.Count > 0 ? ExitCodes.TrainerFailed : ExitCodes.Success;
        return new(RunView.Of(record, sentences), json.RootElement.Clone(), code);
    }

    private async Task<(Interactions Data, ExperimentOptions Options, RunRecord Record)> RunAsync(
        ConfiguredExperiment experiment, ParseResult arguments, ProgressBars bars, CancellationToken cancellation)
    {
        bars.Begin(experiment.Source.Name);
        var (data, read) = await experiment.ReadAsync(cancellation);
        var log = arguments.GetValue(_log);
        if (log is not null)
            Directory.CreateDirectory(log);
        var options = read with
        {
            Caption = $"{experiment.Source.Name}: {data}",
            LogDirectory = log,
            Progress = bars,
        };
        var record = experiment.Experiment(data, options).Run();
        return (data, options, record with { Command = Typed(arguments) });
    }

    /// <summary>What was typed, as a shell takes it.</summary>
    private static string Typed(ParseResult arguments) => string.Join(' ', arguments.Tokens.Select(token => token.Value)
        .Prepend("mlrec").Select(word => word.Contains(' ') ? $"\"{word}\"" : word));
}
