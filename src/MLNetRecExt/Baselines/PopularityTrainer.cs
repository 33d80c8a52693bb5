using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The baseline that every recommender must beat: items by the number of users who took them.</summary>
/// <remarks>Memory: 4·items bytes.</remarks>
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
    protected override long MemoryFor(Interactions trainData, Interactions? validationData) => 4L * trainData.Items.Count;

    /// <inheritdoc/>
    protected override PopularityModel Train(TrainingInput input) => new(input.Train.Users, input.Train.Items, input.Train.ByUser);
}
