using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>The trainers, by way of <c>mlContext.Recommenders().Trainers</c>.</summary>
public sealed class RecommenderTrainersCatalog
{
    internal RecommenderTrainersCatalog(MLContext mlContext) => MLContext = mlContext;

    /// <summary>For trainers of other packages, which extend this catalog: what their trainers are made with.</summary>
    /// <example><code>
    /// public static MyTrainer My(this RecommenderTrainersCatalog trainers, MyTrainer.Options options) => new(trainers.MLContext, options);
    /// </code></example>
    public MLContext MLContext { get; }

    /// <summary>
    /// Recommends what most users took, the baseline that every recommender must beat. See <see cref="PopularityTrainer"/>.
    /// </summary>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <returns>The trainer: fit it, or append it to a pipeline.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or users and items have the same: name a column for each.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range; the message has its name, value and range.</exception>
    public PopularityTrainer Popularity(string userColumnName = "User", string itemColumnName = "Item") =>
        Popularity(new PopularityTrainer.Options { UserColumnName = userColumnName, ItemColumnName = itemColumnName });

    /// <inheritdoc cref="Popularity(string, string)" path="/*[not(self::param)]"/>
    /// <param name="options">The columns, and how rows are read. They are copied: later changes do not reach the trainer.</param>
    public PopularityTrainer Popularity(PopularityTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// Predicts a rating by the mean of its item, of its user, or of all, the baseline for ratings. See <see cref="MeanTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the ratings.</param>
    /// <param name="of">Whose mean it is. Default: the item's.</param>
    public MeanTrainer Mean(string userColumnName, string itemColumnName, string labelColumnName, MeanOf of = MeanOf.Item) =>
        Mean(new MeanTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            Of = of,
        });

    /// <inheritdoc cref="Mean(string, string, string, MeanOf)" path="/*[not(self::param)]"/>
    /// <param name="options">The columns, among them that of labels, and whose mean it is. They are copied.</param>
    public MeanTrainer Mean(MeanTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// Matrix factorization by weighted alternating least squares. The first to try for top lists from clicks, plays or purchases;
    /// also predicts ratings. See <see cref="WalsTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the rating or feedback value. Default null: every row counts as
    /// label 1. Labels that differ do nothing here but log a warning: every pair that is there counts as 1. Options that use them are
    /// <see cref="WalsTrainer.Options.Target"/> for ratings and <see cref="WalsTrainer.Options.ConfidenceScale"/> for counts.</param>
    /// <param name="approximationRank">Length of the embeddings, in [1, 1024]. Default null: 32 to 256, from the data. Longer ones fit
    /// more, and take more time and memory.</param>
    /// <param name="numberOfIterations">Sweeps over items and users at most, in [1, 10000]. Default 15.</param>
    /// <example><code>
    /// var model = recommenders.Trainers.Wals("User", "Item").Fit(data).Model;
    /// </code></example>
    public WalsTrainer Wals(
        string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null,
        int? approximationRank = null, int numberOfIterations = 15) =>
        Wals(new WalsTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            ApproximationRank = approximationRank,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="Wals(string, string, string?, int?, int)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    /// <example><code>
    /// var trainer = recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 128, UnobservedWeight = 0.1f });
    /// </code></example>
    public WalsTrainer Wals(WalsTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// Matrix factorization by stochastic gradient descent over the observed pairs. For ratings; for top lists start from
    /// <see cref="SgdMatrixFactorizationTrainer.Options.ForRanking"/>. See <see cref="SgdMatrixFactorizationTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the ratings to predict. Default null: every row counts as label 1.</param>
    /// <param name="approximationRank">Length of the embeddings, in [1, 1024]. Default 64.</param>
    /// <param name="numberOfIterations">Passes over the data at most, in [1, 10000]. Default 30.</param>
    /// <example><code>
    /// var trainer = recommenders.Trainers.SgdMatrixFactorization("User", "Item", "Label");
    /// </code></example>
    public SgdMatrixFactorizationTrainer SgdMatrixFactorization(
        string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null,
        int approximationRank = 64, int numberOfIterations = 30) =>
        SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            ApproximationRank = approximationRank,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="SgdMatrixFactorization(string, string, string?, int, int)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public SgdMatrixFactorizationTrainer SgdMatrixFactorization(SgdMatrixFactorizationTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// Item-based nearest neighbors: recommends what is like the items that a user took. See <see cref="ItemKnnTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the rating or feedback value. Default null: every row counts as
    /// label 1.</param>
    /// <param name="numberOfNeighbors">Similar items kept for each item, in [1, 100000]. Default 200.</param>
    /// <example><code>
    /// var trainer = recommenders.Trainers.ItemKnn("User", "Item");
    /// </code></example>
    public ItemKnnTrainer ItemKnn(
        string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, int numberOfNeighbors = 200) =>
        ItemKnn(new ItemKnnTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            NumberOfNeighbors = numberOfNeighbors,
        });

    /// <inheritdoc cref="ItemKnn(string, string, string?, int)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public ItemKnnTrainer ItemKnn(ItemKnnTrainer.Options options) => new(MLContext, options);

    /// <summary>User-based nearest neighbors: recommends what similar users took. See <see cref="UserKnnTrainer"/>.</summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the rating or feedback value. Default null: every row counts as
    /// label 1.</param>
    /// <param name="numberOfNeighbors">Similar users kept for each user, in [1, 100000]. Default 200.</param>
    public UserKnnTrainer UserKnn(
        string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, int numberOfNeighbors = 200) =>
        UserKnn(new UserKnnTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            NumberOfNeighbors = numberOfNeighbors,
        });

    /// <inheritdoc cref="UserKnn(string, string, string?, int)" path="/*[not(self::param)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public UserKnnTrainer UserKnn(UserKnnTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// Recommends items whose features (genre, text, year, …) are like those of the items that a user took. Knows items that nobody took
    /// yet. See <see cref="ContentBasedTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="itemFeatures">Features of the items, from <c>Data.ReadFeatures</c>.</param>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <example><code>
    /// var features = recommenders.Data.ReadFeatures(films, "Item", ["Genres", "Year"]);
    /// var trainer = recommenders.Trainers.ContentBased(features, "User", "Item");
    /// </code></example>
    public ContentBasedTrainer ContentBased(SideFeatures itemFeatures, string userColumnName = "User", string itemColumnName = "Item") =>
        ContentBased(new ContentBasedTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            ItemFeatures = itemFeatures,
        });

    /// <inheritdoc cref="ContentBased(SideFeatures, string, string)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set, and the features of the items. The options are copied: later changes do
    /// not reach the trainer.</param>
    public ContentBasedTrainer ContentBased(ContentBasedTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// EASE: a weight for each pair of items, in closed form. Often the best lists, where items or users are at most 40,000.
    /// See <see cref="EaseTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the rating or feedback value. Default null: every row counts as
    /// label 1.</param>
    /// <param name="regularization">λ, the weight of the squared weights, in (0, 1e9]. Default null: from the data.</param>
    /// <example><code>
    /// var trainer = recommenders.Trainers.Ease("User", "Item");
    /// </code></example>
    public EaseTrainer Ease(
        string userColumnName = "User", string itemColumnName = "Item", string? labelColumnName = null, float? regularization = null) =>
        Ease(new EaseTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            Regularization = regularization,
        });

    /// <inheritdoc cref="Ease(string, string, string?, float?)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public EaseTrainer Ease(EaseTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// EASE that learns what comes next: a weight for each pair of items, in closed form, by the order of each user's items. What was taken
    /// last counts most. See <see cref="NextItemEaseTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="timestampColumnName">Column of timestamps (Int64, Single, Double or DateTime): the order of a user's items.
    /// Default <c>"Timestamp"</c>.</param>
    /// <param name="regularization">λ, the weight of the squared weights, in (0, 1e9]. Default null: from the data.</param>
    /// <example><code>
    /// var trainer = recommenders.Trainers.NextItemEase("User", "Item", "Timestamp");
    /// </code></example>
    public NextItemEaseTrainer NextItemEase(
        string userColumnName = "User", string itemColumnName = "Item", string? timestampColumnName = "Timestamp",
        float? regularization = null) =>
        NextItemEase(new NextItemEaseTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            TimestampColumnName = timestampColumnName,
            Regularization = regularization,
        });

    /// <inheritdoc cref="NextItemEase(string, string, string?, float?)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public NextItemEaseTrainer NextItemEase(NextItemEaseTrainer.Options options) => new(MLContext, options);

    /// <summary>
    /// A network that turns what somebody took, and features, into a query embedding. For the next item, for new users and new items.
    /// See <see cref="SoftmaxDnnTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="timestampColumnName">Column of timestamps (Int64, Single, Double or DateTime): the order of a user's items.
    /// Default null: no order.</param>
    /// <param name="approximationRank">Length of the embeddings, in [1, 1024]. Default null: from the data.</param>
    /// <param name="numberOfIterations">Epochs at most, in [1, 10000]. Default 10.</param>
    /// <example><code>
    /// var trainer = recommenders.Trainers.SoftmaxDnn("User", "Item", "Time");
    /// </code></example>
    public SoftmaxDnnTrainer SoftmaxDnn(
        string userColumnName = "User", string itemColumnName = "Item", string? timestampColumnName = null,
        int? approximationRank = null, int numberOfIterations = 10) =>
        SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            TimestampColumnName = timestampColumnName,
            ApproximationRank = approximationRank,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="SoftmaxDnn(string, string, string?, int?, int)" path="/*[not(self::param or self::example)]"/>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public SoftmaxDnnTrainer SoftmaxDnn(SoftmaxDnnTrainer.Options options) => new(MLContext, options);

    /// <summary>Three stages as one trainer: candidates of several sources, a ranker that learns which of them are taken, and
    /// rules.</summary>
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

    /// <summary>
    /// Several trainers, whose models' scores are added up with weights found on interactions held back. The advice for mixing models; for
    /// rules or a ranker behind them see <see cref="Staged(CandidateTrainer[], string, string)"/>. See <see cref="BlendTrainer"/>.
    /// </summary>
    /// <inheritdoc cref="Popularity(string, string)" path="/*[self::returns or self::exception]"/>
    /// <param name="members">The trainers: 1 to 255.</param>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <example><code>
    /// var trainer = trainers.Blend([trainers.Wals(), trainers.Ease(), trainers.ItemKnn()]);
    /// </code></example>
    public BlendTrainer Blend(RecommenderTrainer[] members, string userColumnName = "User", string itemColumnName = "Item") =>
        Blend(new BlendTrainer.Options { Members = members, UserColumnName = userColumnName, ItemColumnName = itemColumnName });

    /// <inheritdoc cref="Blend(RecommenderTrainer[], string, string)"/>
    /// <param name="options">The trainers, and how weights are found. They are copied: later changes do not reach the trainer.</param>
    public BlendTrainer Blend(BlendTrainer.Options options) => new(MLContext, options);
}
