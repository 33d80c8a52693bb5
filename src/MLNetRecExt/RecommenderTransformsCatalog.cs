using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Transforms that use trained models, by way of <c>mlContext.Recommenders().Transforms</c>.</summary>
public sealed class RecommenderTransformsCatalog
{
    internal RecommenderTransformsCatalog(MLContext mlContext) => MLContext = mlContext;

    internal MLContext MLContext { get; }

    /// <summary>Appends the score of each row's item for its user, by a model that is trained already. See <see cref="RecommenderTransformer{TModel}"/> for the columns.</summary>
    /// <typeparam name="TModel">The trained model.</typeparam>
    /// <param name="model">A trained model.</param>
    /// <param name="userColumnName">Column of users, of the kind that the model was trained on.</param>
    /// <param name="itemColumnName">Column of items, of the kind that the model was trained on.</param>
    /// <param name="scoreColumnName">Column to append.</param>
    /// <param name="fallback">What an unknown user or item gets.</param>
    /// <param name="reasonColumnName">Column to append with where the score comes from, or null for none.</param>
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
    /// <param name="numberOfItems">N, the length of a list; at least 1.</param>
    /// <param name="userColumnName">Column of users. Null: <c>"User"</c>, or none when a history is named.</param>
    /// <param name="historyColumnName">Column of histories (vectors of item keys or raw item ids), or null.</param>
    /// <param name="candidates">Which items may be recommended, and what a row gets that the model knows nothing about. Null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="numberOfItems"/> is below 1.</exception>
    /// <exception cref="NotSupportedException">A history is named and the model cannot fold one in.</exception>
    public TopItemsEstimator TopItems(
        RecommenderModel model, int numberOfItems = 10, string? userColumnName = null, string? historyColumnName = null, TopItemsOptions? candidates = null) =>
        TopItems(model, new TopItemsEstimator.Options
        {
            NumberOfItems = numberOfItems,
            UserColumnName = userColumnName,
            HistoryColumnName = historyColumnName,
            Candidates = candidates ?? new TopItemsOptions(),
        });

    /// <inheritdoc cref="TopItems(RecommenderModel, int, string?, string?, TopItemsOptions?)"/>
    /// <param name="model">A trained model.</param>
    /// <param name="options">Columns, length, filters and fallback.</param>
    /// <exception cref="ArgumentException">Labels or weights of a history are named, but no history.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length of a list is below 1.</exception>
    /// <exception cref="NotSupportedException">A history is named and the model cannot fold one in.</exception>
    public TopItemsEstimator TopItems(RecommenderModel model, TopItemsEstimator.Options options) => new(MLContext, model, options);
}
