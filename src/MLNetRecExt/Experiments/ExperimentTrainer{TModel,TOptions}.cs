using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <inheritdoc/>
/// <param name="name">Its name in the experiment.</param>
/// <param name="options">What the search begins with.</param>
/// <param name="create">Makes the trainer.</param>
internal sealed class ExperimentTrainer<TModel, TOptions>(
    string name, TOptions options, Func<IHostEnvironment, TOptions, RecommenderTrainer<TModel, TOptions>> create) : ExperimentTrainer(name)
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions
{
    public override RecommenderTrainerOptions Options => options;

    public override RecommenderTrainer Create(IHostEnvironment environment, RecommenderTrainerOptions given) =>
        create(environment, (TOptions)given);

    public override ITuner Tune(IHostEnvironment environment, ExperimentParts parts, TunerOptions tuning, IChannel channel) =>
        new Tuner<TModel, TOptions>(
            given => create(environment, given), options, parts.Train!, parts.Validation!, tuning with { Ranges = Ranges }, channel);
}
