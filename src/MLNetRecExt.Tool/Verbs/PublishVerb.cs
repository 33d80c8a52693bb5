using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Puts a model where it is served from.</summary>
internal sealed class PublishVerb : ModelVerb
{
    private readonly Option<string?> _to = new("--to") { Description = "The file that is served; else that of the configuration." };
    private readonly Option<bool> _ifNotWorse = new("--if-not-worse") { Description = "Keep the file there if its model is better." };
    private readonly Option<string> _configuration = new("--config", "-c")
    {
        Description = "The configuration of the data, the split and the metric.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    public PublishVerb()
        : base("publish", "Put a model where it is served from.", "mlrec publish new.model --to shop.model --if-not-worse")
    {
        Add(_to);
        Add(_ifNotWorse);
        Add(_configuration);
    }

    protected override async Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = ConfiguredExperiment.Load(arguments.GetValue(_configuration)!);
        var options = experiment.Configuration.ToOptions() with { CancellationToken = cancellation };
        // On the command line paths are relative to where one is, not to the configuration.
        var to = arguments.GetValue(_to) is { } path ? Path.GetFullPath(path) : experiment.Configuration.Publish?.To
            ?? throw new ArgumentException($"publish needs --to, or 'publish' in {experiment.Path}.");
        var publish = experiment.Configuration.Publish ?? new() { To = to };
        publish = publish with { To = to, IfNotWorse = arguments.GetValue(_ifNotWorse) };
        var (isSaved, sentence) = new Publication(experiment, options).Publish(
            model, model.Info?.Trainer ?? model.GetType().Name, publish, await experiment.ReadAsync(cancellation));
        return new(sentence, new { IsSaved = isSaved, Sentence = sentence });
    }
}
