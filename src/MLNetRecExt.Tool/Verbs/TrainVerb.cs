using System.CommandLine;
using Microsoft.ML;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Trains one trainer of a configuration on all of the data.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly Argument<string> _configuration = new("config")
    {
        Description = "The configuration.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    private readonly Option<string> _trainer = new("--trainer", "-t")
    {
        Description = "Which trainer of the configuration.",
        Required = true,
    };

    private readonly Option<string> _to = new("--to") { Description = "The file that the model is written to.", Required = true };

    public TrainVerb()
        : base("train", "Train one trainer of a configuration on all of the data, and save the model.",
            "mlrec train --trainer ease --to shop.model")
    {
        Add(_configuration);
        Add(_trainer);
        Add(_to);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(arguments.GetValue(_configuration)!);
        var (name, path) = (arguments.GetValue(_trainer)!, arguments.GetValue(_to)!);
        var known = experiment.Configuration.Trainers;
        if (!known.TryGetValue(name, out var trainer))
            throw new ArgumentException(
                $"{experiment.Path} has no trainer '{name}'{Spelling.Suggest(name, known.Keys)}. It has {string.Join(", ", known.Keys)}.");
        var data = await experiment.ReadAsync(cancellation);
        var options = experiment.Options(cancellation);
        var chosen = trainer.WithFeatures(options.ItemFeatures);
        var made = ExperimentTrainer.Of(name, chosen, ExperimentTrainer.TrainerOf(chosen.GetType())!);
        made.Prepare(options);
        var model = made.Create(new MLContext(options.Seed), made.Options).Fit(data);
        model.Save(path);
        return new($"{model.Info}{Environment.NewLine}The model is saved as {path}.", model.Info!);
    }
}
