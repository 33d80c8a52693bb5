using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The baseline that every recommender must beat: items by the number of users who took them, where tastes change by those who
/// took them of late.</summary>
/// <remarks>
/// <code>
/// score_i = Σ_(u took i) 2^(−age_ui / h) / U
/// </code>
/// <list type="bullet">
/// <item>h: <see cref="Options.HalfLifeDays"/>; with 0 the score is the share of users who took the item.</item>
/// <item>age_ui: days from the interaction to the latest one of the data; U: all users.</item>
/// </list>
/// <para>Memory: 4·items bytes, with a half-life 12·items.</para>
/// </remarks>
public sealed class PopularityTrainer : RecommenderTrainer<PopularityModel, PopularityTrainer.Options>
{
    /// <summary>Options of <see cref="PopularityTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>h: how many days halve what an interaction counts; 0: all count alike. Needs timestamps that are points in time:
        /// <see cref="RecommenderTrainerOptions.TimestampColumnName"/> says which are. Fallback lists of other models count all
        /// alike.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(7, 365, Logarithmic = true)]
        public float HalfLifeDays;
    }

    internal PopularityTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData) =>
        (TrainerOptions.HalfLifeDays > 0 ? 12L : 4L) * trainData.Items.Count;

    /// <inheritdoc/>
    protected override void CheckColumns(SchemaShape inputSchema)
    {
        if (TrainerOptions.HalfLifeDays > 0)
            CheckTimestampColumn(nameof(Options.HalfLifeDays));
    }

    private protected override void CheckTimestamps(Interactions train)
    {
        if (TrainerOptions.HalfLifeDays > 0)
            CheckDays(train, nameof(Options.HalfLifeDays));
    }

    internal override bool TrainsOnFiles => true;

    /// <inheritdoc/>
    protected override PopularityModel Train(TrainingInput input) =>
        new(input.Train.Users, input.Train.Items, input.Train.ByUser, TrainerOptions.HalfLifeDays);
}
