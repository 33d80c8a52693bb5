namespace MLNetRecExt;

/// <summary>What a trainer that iterates can be told besides: how often, and when to stop.</summary>
/// <param name="numberOfIterations">The trainer's default of <see cref="NumberOfIterations"/>.</param>
public abstract class IterativeTrainerOptions(int numberOfIterations) : RecommenderTrainerOptions
{
    /// <summary>Passes over the data at most: sweeps over both sides, or epochs.</summary>
    /// <value>The default is the trainer's; range [1, 10000].</value>
    [OptionRange(1, 10000)]
    public int NumberOfIterations = numberOfIterations;

    /// <summary>
    /// With a validation part given to <c>Fit</c>: stops after so many iterations without a better metric on it, NDCG@20, or RMSE over all pairs where labels are predicted; 0: never.
    /// The model is that of the best iteration, stopped early or not. Without a validation part it does nothing.
    /// </summary>
    /// <value>Default 3; range [0, 10000].</value>
    [OptionRange(0, 10000)]
    public int EarlyStoppingRounds = 3;

    /// <summary>Switches off what a trial of a tuner has no use for: the tuner itself decides when to stop, and a checkpoint is of one training.</summary>
    protected internal virtual void PrepareForTrial() => EarlyStoppingRounds = 0;
}
