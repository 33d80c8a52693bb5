using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The baseline that every recommender must beat: items by the number of users who took them.</summary>
public sealed class PopularityTrainer : RecommenderTrainer<PopularityModel, PopularityTrainer.Options>
{
    /// <summary>Options of <see cref="PopularityTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
    }

    internal PopularityTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override PopularityModel Train(TrainingInput input) => new(input.Train.Users, input.Train.Items, input.Train.ByUser);
}
