using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Transforms that use trained models, by way of <c>mlContext.Recommenders().Transforms</c>.</summary>
public sealed class RecommenderTransformsCatalog
{
    internal RecommenderTransformsCatalog(MLContext mlContext) => MLContext = mlContext;

    internal MLContext MLContext { get; }

    /// <summary>Appends the score of each row's item for its user, by a model that is trained already. See
    /// <see cref="RecommenderTransformer{TModel}"/> for the columns.</summary>
    /// <typeparam name="TModel">The trained model.</typeparam>
    /// <param name="model">A trained model.</param>
    /// <param name="userColumnName">Column of users, of the kind that the model was trained on.</param>
    /// <param name="itemColumnName">Column of items, of the kind that the model was trained on.</param>
    /// <param name="scoreColumnName">Column to append.</param>
    /// <param name="fallback">What an unknown user or item gets.</param>
    /// <param name="reasonColumnName">Column to append with where the score comes from, or null for none.</param>
    /// <returns>An estimator to append to a pipeline. Its <c>Fit</c> trains nothing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <example><code>
    /// var scored = recommenders.Transforms.Score(model).Fit(rows).Transform(rows);
    /// </code></example>
    public ScoreEstimator<TModel> Score<TModel>(
        TModel model,
        string userColumnName = "User",
        string itemColumnName = "Item",
        string scoreColumnName = "Score",
        RecommendationFallback fallback = RecommendationFallback.None,
        string? reasonColumnName = null)
        where TModel : RecommenderModel =>
        new(MLContext, model, new ScoreColumns(userColumnName, itemColumnName, scoreColumnName, reasonColumnName, fallback));

    /// <summary>Appends the best items for each row's user, history or both. See <see cref="TopItemsEstimator"/> for the columns.</summary>
    /// <param name="model">A trained model.</param>
    /// <param name="numberOfItems">N, the length of a list, in [1, 1e9]. Default 10.</param>
    /// <param name="userColumnName">Column of users. Null: <c>"User"</c>, or none when a history is named.</param>
    /// <param name="historyColumnName">Column of histories (vectors of item keys or raw item ids), or null.</param>
    /// <param name="candidates">Which items may be recommended, and what a row gets that the model knows nothing about. Null for the
    /// defaults.</param>
    /// <returns>An estimator to append to a pipeline. Its <c>Fit</c> trains nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="numberOfItems"/> is out of its range.</exception>
    /// <exception cref="NotSupportedException">A history is named and the model cannot fold one in.</exception>
    /// <example><code>
    /// var lists = recommenders.Transforms.TopItems(model, numberOfItems: 20).Fit(users).Transform(users);
    /// </code></example>
    public TopItemsEstimator TopItems(
        RecommenderModel model, int numberOfItems = 10, string? userColumnName = null, string? historyColumnName = null,
        TopItemsOptions? candidates = null) =>
        TopItems(model, new TopItemsEstimator.Options
        {
            NumberOfItems = numberOfItems,
            UserColumnName = userColumnName,
            HistoryColumnName = historyColumnName,
            Candidates = candidates ?? new TopItemsOptions(),
        });

    /// <inheritdoc cref="TopItems(RecommenderModel, int, string?, string?, TopItemsOptions?)" path="/*[self::summary or self::returns]"/>
    /// <param name="model">A trained model.</param>
    /// <param name="options">Columns, length, filters and fallback.</param>
    /// <exception cref="ArgumentException">Labels or weights of a history are named, but no history.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range; the message has its name, value and range.</exception>
    /// <exception cref="NotSupportedException">A history is named and the model cannot fold one in.</exception>
    public TopItemsEstimator TopItems(RecommenderModel model, TopItemsEstimator.Options options) => new(MLContext, model, options);
}
