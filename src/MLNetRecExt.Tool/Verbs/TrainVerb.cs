using System.CommandLine;
using Microsoft.ML;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Trains one trainer of a configuration.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly Argument<string> _configuration = new("config")
    {
        Description = "The configuration.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    private readonly Option<string?> _trainer = new("--trainer", "-t")
    {
        Description = "Which trainer of the configuration; the only one, or the best of --run.",
    };

    private readonly Option<string?> _run = new("--run")
    {
        Description = "The record of a run: the options that were found there are taken.",
    };

    private readonly Option<string?> _to = new("--to")
    {
        Description = "The file that the model is written to; else that of the configuration.",
    };

    private readonly Option<bool> _holdOut = new("--hold-out")
    {
        Description = "Leave out the test part, so that the model can be judged by it.",
    };

    public TrainVerb()
        : base("train", "Train one trainer of a configuration on all of the data, and save the model.",
            "mlrec train --trainer ease --to shop.model", "mlrec train --run run.json")
    {
        Add(_configuration);
        foreach (var option in new Option[] { _trainer, _run, _to, _holdOut })
            Add(option);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(arguments.GetValue(_configuration)!);
        var publish = experiment.Configuration.Publish;
        // On the command line paths are relative to where one is, not to the configuration.
        var path = arguments.GetValue(_to) ?? (publish is null
            ? throw new ArgumentException($"train needs --to, or 'publish' in {experiment.Path}.") : experiment.PathOf(publish.To));
        var run = arguments.GetValue(_run) is { } record ? RunRecord.Load(record) : null;
        var name = Choose(experiment, arguments.GetValue(_trainer) ?? run?.Best.Name);
        var model = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(experiment.Source.Name);
            var (data, options) = await experiment.ReadAsync(cancellation);
            bars.Begin(name);
            var trainer = Make(experiment, name, run, options);
            trainer.Options.Progress = bars;
            return trainer.Create(new MLContext(options.Seed), trainer.Options)
                .Fit(arguments.GetValue(_holdOut) ? ConfiguredExperiment.Split(data, options).Train : data);
        });
        Publication.Save(model, path, publish);
        return new($"{model.Info}{Environment.NewLine}The model is saved as {path}.", model.Info!);
    }

    /// <summary>The name of the trainer that is meant.</summary>
    private static string Choose(ConfiguredExperiment experiment, string? given)
    {
        var known = experiment.Configuration.Trainers.Keys.ToArray();
        var all = string.Join(", ", known);
        var name = given ?? (known.Length == 1 ? known[0] : throw new ArgumentException(
            $"{experiment.Path} has {all}: say which by --trainer, or give the record of a run by --run."));
        return known.Contains(name) ? name : throw new ArgumentException(
            $"{experiment.Path} has no trainer '{name}'{Spelling.Suggest(name, known)}. It has {all}.");
    }

    /// <summary>The trainer, ready to train.</summary>
    private static ExperimentTrainer Make(ConfiguredExperiment experiment, string name, RunRecord? run, ExperimentOptions options)
    {
        var chosen = experiment.Configuration.Trainers[name].WithFeatures(options.ItemFeatures, options.UserFeatures);
        if (run is not null)
            FoundOptions.Take(chosen, run.Trainers.FirstOrDefault(one => one.Name == name) ?? throw new ArgumentException(
                $"The run has no trainer '{name}'. It has {string.Join(", ", run.Trainers.Select(one => one.Name))}."));
        var made = ExperimentTrainer.Of(name, chosen, ExperimentTrainer.TrainerOf(chosen.GetType())!);
        made.Prepare(options);
        return made;
    }
}
