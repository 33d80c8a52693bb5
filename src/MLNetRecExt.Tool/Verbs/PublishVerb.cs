using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Puts a model where it is served from.</summary>
internal sealed class PublishVerb : ModelVerb
{
    private readonly Option<string?> _to = new("--to") { Description = "The file that is served; else that of the configuration." };
    private readonly Option<bool> _ifNotWorse = new("--if-not-worse")
    {
        Description = "Keep the file there unless the new model is as good on the test part.",
    };

    public PublishVerb()
        : base("publish", "Put a model where it is served from.",
            "mlrec publish new.model --to shop.model", "mlrec publish new.model --to shop.model --if-not-worse")
    {
        Add(_to);
        Add(_ifNotWorse);
        Add(Configuration);
    }

    protected override async Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var (to, name) = (arguments.GetValue(_to), model.Info?.Trainer ?? model.GetType().Name);
        if (to is not null && !arguments.GetValue(_ifNotWorse))
        {
            Publication.Save(model, to, null);
            return Said(true, $"{name} is saved as {to}.");
        }
        var experiment = ConfiguredExperiment.Load(arguments.GetValue(Configuration)!);
        var publish = experiment.Configuration.Publish;
        if (to is not null)
            // On the command line paths are relative to where one is, not to the configuration.
            publish = (publish ?? new() { To = to }) with { To = Path.GetFullPath(to), IfNotWorse = true };
        else if (publish is null)
            throw new ArgumentException($"publish needs --to, or 'publish' in {experiment.Path}.");
        var (isSaved, sentence) = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(experiment.Source.Name);
            var (data, options) = await experiment.ReadAsync(cancellation);
            return new Publication(experiment, options).Publish(model, name, publish, data);
        });
        return Said(isSaved, sentence);
    }

    private static Answer Said(bool isSaved, string sentence) => new(sentence, new { IsSaved = isSaved, Sentence = sentence });
}
