using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The baseline that every predictor of labels must beat: the mean label of the item, of the user, or of all.</summary>
public sealed class MeanTrainer : RecommenderTrainer<MeanModel>
{
    private readonly Options _options;

    /// <summary>Options of <see cref="MeanTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>Whose mean it is.</summary>
        /// <value>Default <see cref="MeanOf.Item"/>.</value>
        public MeanOf Of = MeanOf.Item;
    }

    internal MeanTrainer(IHostEnvironment environment, Options options)
        : base(environment, options) => _options = (Options)options.Clone();

    private protected override MeanModel Train(Interactions train, Interactions? validation, IChannel channel) =>
        new(train.Users, train.Items, train.ByUser, _options.Of);
}
