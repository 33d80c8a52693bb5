using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Content-based recommendation: a user is the mean of the features of the items that they liked, and an item scores by how near it is to
/// that.
/// Needs no other users; works for items that nobody took yet, and for a user who brings three items.
/// </summary>
/// <remarks>
/// <para>
/// <code>
/// p_u = Σ_j liked w_uj v_j / Σ_j liked w_uj − β Σ_j disliked w_uj v_j / Σ_j disliked w_uj
/// score_ui = ⟨p_u, v_i⟩ / (‖p_u‖ ‖v_i‖) with each v of length 1, or ⟨p_u, v_i⟩
/// </code></para>
/// <list type="bullet">
/// <item>v_i: the features of an item, one after the other: a category is a place with log(1 + N / n)^γ when n of N items have it;
/// a single number, such as a year, is standardised; one that is 0 or 1 stays so; a vector of numbers, such as an embedding, is divided by
/// the root mean square
/// of such vectors' lengths; missing ones are 0 after that.</item>
/// <item>γ: <see cref="Options.RarityExponent"/>.</item>
/// <item>liked: by <see cref="Options.LikedFrom"/>; w_uj: the weight column, or 1. β: <see cref="Options.DislikedWeight"/>.</item>
/// </list>
/// <para>Memory: 24·entries + 56·places + 20·items bytes: entries are the categories and numbers of all items together, places the
/// different ones.</para>
/// <para>Text becomes a feature by <c>mlContext.Transforms.Text.FeaturizeText</c>, or word by word as categories by
/// <c>TokenizeIntoWords</c>,
/// which takes less memory.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label and weight: Single, optional |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Pazzani, Billsus: Content-Based Recommendation Systems, in The Adaptive Web, 2007 (after Rocchio's relevance feedback).</para>
/// </remarks>
public sealed class ContentBasedTrainer : RecommenderTrainer<ContentBasedModel, ContentBasedTrainer.Options>
{
    /// <summary>Options of <see cref="ContentBasedTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>
        /// Features of items; they must be given. <c>Fit</c> of a view knows all items that have features. Interactions that are read
        /// before know them only if they were read with <c>ReadInteractions(…, new() { Items = features.Ids })</c>; features of items that
        /// they lack
        /// are left out.
        /// </summary>
        /// <value>Default null, which <c>Fit</c> refuses. From <c>Data.ReadFeatures</c>.</value>
        public SideFeatures? ItemFeatures;

        /// <summary>An item is liked from this label on, and disliked below it. Null: every item taken is liked.</summary>
        /// <value>Default null; any finite number.</value>
        public float? LikedFrom;

        /// <summary>β: how much the mean of the disliked items counts against that of the liked ones.</summary>
        /// <value>Default 0.5; range [0, 100].</value>
        [OptionRange(0, 100), TuneRange(0, 2)]
        public float DislikedWeight = 0.5f;

        /// <summary>How the profile of a user and the vector of an item make a score.</summary>
        /// <value>Default <see cref="ContentSimilarity.Cosine"/>.</value>
        public ContentSimilarity Similarity = ContentSimilarity.Cosine;

        /// <summary>γ: how much more rare categories count; 0: all count the same.</summary>
        /// <value>Default 1; range [0, 10].</value>
        [OptionRange(0, 10), TuneRange(0, 3)]
        public float RarityExponent = 1;
    }

    internal ContentBasedTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected internal override (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema) =>
        (null, TrainerOptions.ItemFeatures?.StartingIds(schema, TrainerOptions.ItemColumnName));

    /// <inheritdoc/>
    protected override string MemoryRemedy => $"Leave out features, or items, of {nameof(Options.ItemFeatures)}.";

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData) =>
        ContentVectors.MemoryFor(TrainerOptions.ItemFeatures, trainData.Items.Count) + 8L * trainData.Items.Count;

    /// <inheritdoc/>
    protected override ContentBasedModel Train(TrainingInput input)
    {
        if (TrainerOptions.ItemFeatures is null)
            throw new ArgumentException($"{nameof(Options.ItemFeatures)} must be given: read them with mlContext.Recommenders().Data.ReadFeatures(…).", nameof(Options.ItemFeatures));
        var train = input.Train;
        var vectors = ContentVectors.Create(
            TrainerOptions.ItemFeatures, train.Items, TrainerOptions.RarityExponent, TrainerOptions.Similarity == ContentSimilarity.Cosine, input.Channel);
        return new(train.Users, train.Items, train.ByUser, vectors, new ContentSettings(TrainerOptions.LikedFrom ?? float.NegativeInfinity, TrainerOptions.DislikedWeight, TrainerOptions.Similarity));
    }
}
