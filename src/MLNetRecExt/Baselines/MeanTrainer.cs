using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The baseline that every predictor of labels must beat: the mean label of the item, of the user, or of all.</summary>
/// <remarks>Memory: 4·items bytes.</remarks>
public sealed class MeanTrainer : RecommenderTrainer<MeanModel, MeanTrainer.Options>
{
    /// <summary>Options of <see cref="MeanTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>Whose mean it is.</summary>
        /// <value>Default <see cref="MeanOf.Item"/>.</value>
        public MeanOf Of = MeanOf.Item;
    }

    internal MeanTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData) => 4L * trainData.Items.Count;

    /// <inheritdoc/>
    protected override MeanModel Train(TrainingInput input) =>
        new(input.Train.Users, input.Train.Items, input.Train.ByUser, TrainerOptions.Of);
}
