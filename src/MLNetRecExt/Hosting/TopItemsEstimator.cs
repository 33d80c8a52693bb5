using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Appends a trained model's best items for each row: for the row's user, for a history that it brings, or for both.</summary>
/// <remarks>
/// <para>Columns read: a user, of the kind that the model was trained on; or a history, a vector of items of that kind. A row with
/// both is a known user with new interactions; a row whose user is unknown is answered by its history alone. Unknown ids in a history are
/// ignored.
/// Where the model learned features of users, rows with a history bring theirs, too (<see cref="Options.FeatureColumns"/>).</para>
/// <para>Columns appended: <c>Items</c>, best first, and <c>Scores</c> (Single), vectors of equal length: N, or as many as there are
/// candidates when these are fewer, or none when nothing is known about the row and no fallback is chosen. <c>Items</c> holds what
/// the model was trained on: raw ids, or keys with the <c>KeyValues</c> of training, which <c>MapKeyToValue("Items")</c> turns into
/// original ids.</para>
/// <para>A <see cref="PredictionEngine{TSrc, TDst}"/> leaves a member alone when its vector is empty: declare members as
/// <c>public string[] Items { get; set; } = [];</c>, and an empty list is an empty array, not null.</para>
/// <para>When a cursor or a prediction engine is made, the model is warmed up (<see cref="RecommenderModel.WarmUp(TopItemsOptions?)"/>), so
/// that the first row does not wait for it. A pipeline that <c>mlContext.Model.Load</c> has loaded brings its model with the first row;
/// a <see cref="RecommenderEnginePool{TSource, TResult}"/> fetches and warms it before.</para>
/// <para>Rows are answered one by one when a cursor asks. For many users at once
/// <see cref="RecommenderModel.TopItems(IReadOnlyList{int}, int, TopItemsOptions?)"/>
/// is several times as fast.</para>
/// </remarks>
public sealed class TopItemsEstimator : IEstimator<TopItemsTransformer>
{
    /// <summary>Options of <see cref="TopItemsEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>N, the length of a list.</summary>
        /// <value>Default 10; range [1, 1e9].</value>
        [OptionRange(1, 1e9)]
        public int NumberOfItems = 10;

        /// <summary>Column of users. Null: rows bring no user.</summary>
        /// <value>Default null; with no <see cref="HistoryColumnName"/> and no <see cref="FeatureColumns"/> either, <c>"User"</c>.</value>
        public string? UserColumnName;

        /// <summary>Column of histories: vectors of item keys or raw item ids. Null: rows bring no history.</summary>
        /// <value>Default null.</value>
        public string? HistoryColumnName;

        /// <summary>Column of the labels of a history: a vector of Single, as long as the history. Null: every label is 1.</summary>
        /// <value>Default null.</value>
        public string? HistoryLabelsColumnName;

        /// <summary>Column of the weights of a history: a vector of Single, as long as the history, not negative. Null: every weight is
        /// 1.</summary>
        /// <value>Default null.</value>
        public string? HistoryWeightsColumnName;

        /// <summary>
        /// Side features that rows bring, of those that the model learned of users: each one's name in training, and the column that holds
        /// it, of the type that it had. Text, keys and Boolean may be
        /// one value or a vector. They count instead of what training knew of the row's user (<see cref="RecommenderQuery.WithFeatures"/>),
        /// unless all of a row's are missing. Null: all features, in columns of
        /// their names, for rows with a history; none for rows without.
        /// </summary>
        /// <value>Default null. <c>[new("Age"), new("City", "HomeTown")]</c> reads <c>City</c> from the column <c>HomeTown</c>; empty:
        /// none.</value>
        public InputOutputColumnPair[]? FeatureColumns;

        /// <summary>Column to append: the items.</summary>
        /// <value>Default <c>"Items"</c>.</value>
        public string ItemsColumnName = "Items";

        /// <summary>Column to append: the scores.</summary>
        /// <value>Default <c>"Scores"</c>.</value>
        public string ScoresColumnName = "Scores";

        /// <summary>Column to append: where the list comes from (text, a name of <see cref="RecommendationReason"/>). Null: no such
        /// column.</summary>
        /// <value>Default null.</value>
        public string? ReasonColumnName;

        /// <summary>Which items may be recommended, and what a row gets that the model knows nothing about.</summary>
        /// <value>Default: all items but those seen, and no fallback.</value>
        public TopItemsOptions Candidates = new();

        internal Options Clone() => (Options)MemberwiseClone();

        internal void Validate() => OptionChecker.Check(this);
    }

    private readonly TopItemsTransformer _transformer;

    internal TopItemsEstimator(MLContext mlContext, RecommenderModel model, Options options) =>
        _transformer = new TopItemsTransformer(mlContext, model, options);

    /// <summary>Gives the transformer: the model is trained already.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the kind that the model was trained on.</exception>
    public TopItemsTransformer Fit(IDataView input)
    {
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The columns of a pipeline behind this estimator: those before it, the items and the scores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the kind that the model was trained on.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.GetOutputShape(inputSchema);
}
