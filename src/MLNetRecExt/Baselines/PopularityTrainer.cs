using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The baseline that every recommender must beat: items by the number of users who took them.</summary>
public sealed class PopularityTrainer : RecommenderTrainer<PopularityModel>
{
    /// <summary>Options of <see cref="PopularityTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
    }

    internal PopularityTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    private protected override PopularityModel Train(Interactions train, Interactions? validation, IChannel channel) =>
        new(train.Users, train.Items, train.ByUser);
}
