using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Judges a model by the test part of a configuration.</summary>
internal sealed class EvaluateVerb : ModelVerb
{
    private readonly Option<string> _configuration = new("--config", "-c")
    {
        Description = "The configuration of the data, the split and the metric.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    public EvaluateVerb()
        : base("evaluate", "Judge a model by the test part of a configuration.", "mlrec evaluate best.model") => Add(_configuration);

    protected override async Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(arguments.GetValue(_configuration)!);
        var test = experiment.TestPart(await experiment.ReadAsync(cancellation));
        var options = experiment.Configuration.ToOptions() with { CancellationToken = cancellation };
        var heldOut = HeldOut.For(model, test) ?? throw new InvalidDataException(
            "Of the test part the model knows no user and item, or has learned all: it cannot be judged by this data.");
        var report = HeldOut.Evaluate(experiment.Recommenders, model, heldOut, options);
        return new($"{report}", report.Estimates);
    }
}
