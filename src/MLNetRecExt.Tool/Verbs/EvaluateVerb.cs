using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Judges a model by the test part of a configuration.</summary>
internal sealed class EvaluateVerb : ModelVerb
{
    public EvaluateVerb()
        : base("evaluate", "Judge a model by the test part of a configuration.",
            "mlrec evaluate best.model", "mlrec evaluate best.model --config shop.json --json") => Add(Configuration);

    protected override async Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(arguments.GetValue(Configuration)!);
        var report = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(experiment.Source.Name);
            var (data, options) = await experiment.ReadAsync(cancellation);
            var heldOut = HeldOut.For(model, ConfiguredExperiment.Split(data, options).Test) ?? throw new InvalidDataException(
                "Of the test part the model knows no user and item, or has learned all: it cannot be judged by this data.");
            bars.Begin("evaluate");
            return HeldOut.Evaluate(experiment.Recommenders, model, heldOut, options);
        });
        return new($"{report}", report.Estimates);
    }
}
