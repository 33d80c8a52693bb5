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
    /// Stops after so many iterations that did not improve the validation part given to <c>Fit</c>; 0: never. Improved means a higher
    /// NDCG@20 or, where labels are predicted, a lower RMSE over all pairs. The model is that of the best iteration, stopped early or
    /// not. Without a validation part this option does nothing.
    /// </summary>
    /// <value>Default 3; range [0, 10000].</value>
    [OptionRange(0, 10000)]
    public int EarlyStoppingRounds = 3;

    /// <summary>Switches off what a trial of a tuner has no use for: the tuner itself decides when to stop, and a checkpoint is of one
    /// training.</summary>
    protected internal virtual void PrepareForTrial() => EarlyStoppingRounds = 0;
}
