using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>The trainers, by way of <c>mlContext.Recommenders().Trainers</c>.</summary>
public sealed class RecommenderTrainersCatalog
{
    internal RecommenderTrainersCatalog(MLContext mlContext) => MLContext = mlContext;

    /// <summary>For trainers of other packages, which extend this catalog.</summary>
    internal MLContext MLContext { get; }

    /// <inheritdoc cref="PopularityTrainer"/>
    public PopularityTrainer Popularity(string userColumnName = "User", string itemColumnName = "Item") =>
        Popularity(new PopularityTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName });

    /// <inheritdoc cref="PopularityTrainer"/>
    public PopularityTrainer Popularity(PopularityTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="MeanTrainer"/>
    public MeanTrainer Mean(string userColumnName = "User", string itemColumnName = "Item", string labelColumnName = "Label", MeanOf of = MeanOf.Item) =>
        Mean(new MeanTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName, LabelColumnName = labelColumnName, Of = of });

    /// <inheritdoc cref="MeanTrainer"/>
    public MeanTrainer Mean(MeanTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="WalsTrainer"/>
    public WalsTrainer Wals(string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, int approximationRank = 64, int numberOfIterations = 15) =>
        Wals(new WalsTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            ApproximationRank = approximationRank,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="WalsTrainer"/>
    public WalsTrainer Wals(WalsTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="SgdMatrixFactorizationTrainer"/>
    public SgdMatrixFactorizationTrainer SgdMatrixFactorization(string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, int approximationRank = 64, int numberOfIterations = 30) =>
        SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            ApproximationRank = approximationRank,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="SgdMatrixFactorizationTrainer"/>
    public SgdMatrixFactorizationTrainer SgdMatrixFactorization(SgdMatrixFactorizationTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="ItemKnnTrainer"/>
    public ItemKnnTrainer ItemKnn(string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, int numberOfNeighbors = 200) =>
        ItemKnn(new ItemKnnTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName, LabelColumnName = labelColumnName, NumberOfNeighbors = numberOfNeighbors });

    /// <inheritdoc cref="ItemKnnTrainer"/>
    public ItemKnnTrainer ItemKnn(ItemKnnTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="UserKnnTrainer"/>
    public UserKnnTrainer UserKnn(string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, int numberOfNeighbors = 200) =>
        UserKnn(new UserKnnTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName, LabelColumnName = labelColumnName, NumberOfNeighbors = numberOfNeighbors });

    /// <inheritdoc cref="UserKnnTrainer"/>
    public UserKnnTrainer UserKnn(UserKnnTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="ContentBasedTrainer"/>
    public ContentBasedTrainer ContentBased(SideFeatures itemFeatures, string userColumnName = "User", string itemColumnName = "Item") =>
        ContentBased(new ContentBasedTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName, ItemFeatures = itemFeatures });

    /// <inheritdoc cref="ContentBasedTrainer"/>
    public ContentBasedTrainer ContentBased(ContentBasedTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="EaseTrainer"/>
    public EaseTrainer Ease(string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, float regularization = 300) =>
        Ease(new EaseTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName, LabelColumnName = labelColumnName, Regularization = regularization });

    /// <inheritdoc cref="EaseTrainer"/>
    public EaseTrainer Ease(EaseTrainer.Options options) => new(MLContext, options);

    /// <inheritdoc cref="SoftmaxDnnTrainer"/>
    public SoftmaxDnnTrainer SoftmaxDnn(string userColumnName = "User", string itemColumnName = "Item", string? timestampColumnName = null, int approximationRank = 64, int numberOfIterations = 10) =>
        SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            TimestampColumnName = timestampColumnName,
            ApproximationRank = approximationRank,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="SoftmaxDnnTrainer"/>
    public SoftmaxDnnTrainer SoftmaxDnn(SoftmaxDnnTrainer.Options options) => new(MLContext, options);

    /// <summary>Three stages as one trainer: candidates of several sources, a ranker that learns which of them are taken, and rules.</summary>
    /// <example><code>
    /// var trainer = trainers.Staged([new(trainers.Wals(), 200), new(trainers.Popularity(), 50)]);
    /// </code></example>
    /// <param name="sources">Who proposes candidates: 1 to 255 trainers with their quotas.</param>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items, likewise.</param>
    /// <returns>A trainer, to append to a pipeline.</returns>
    /// <exception cref="ArgumentException">There is no source, or there are too many.</exception>
    public StagedTrainer Staged(CandidateTrainer[] sources, string userColumnName = "User", string itemColumnName = "Item") =>
        Staged(new StagedTrainer.Options { Sources = sources, UserColumnName = userColumnName, ItemColumnName = itemColumnName });

    /// <inheritdoc cref="Staged(CandidateTrainer[], string, string)"/>
    /// <param name="options">Columns, sources, ranker and rules.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names option, value and range.</exception>
    public StagedTrainer Staged(StagedTrainer.Options options) => new(MLContext, options);
}
