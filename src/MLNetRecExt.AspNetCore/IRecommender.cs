namespace MLNetRecExt.AspNetCore;

/// <summary>A recommender that serves: asks the model of this moment, which is swapped while pages are answered. Thread-safe.</summary>
/// <remarks>From <c>services.AddRecommender</c>: a keyed service by its name, and without a key the first that was registered. Lists know
/// what happened since training (<see cref="IUserHistory{TUser, TItem}"/>), and hold nothing that the catalogue says is sold out
/// (<see cref="IItemCatalogue{TItem}"/>).</remarks>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public interface IRecommender<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    /// <summary>The name that it was registered by.</summary>
    string Name { get; }

    /// <summary>The model that answers now, by ids. Null until the first is loaded. Take it once for what belongs together: the next call
    /// may give another.</summary>
    Recommender<TUser, TItem>? Current { get; }

    /// <summary>What serves, since when, how well.</summary>
    RecommenderStatus Status { get; }

    /// <summary>The best items for a user, by training and by what they took since.</summary>
    /// <param name="user">The user's id, known or not.</param>
    /// <param name="count">Length of the list, from 1 to <see cref="RecommenderServiceOptions.MaxListLength"/>; null for
    /// <see cref="RecommenderServiceOptions.DefaultListLength"/>.</param>
    /// <param name="where">Which items may be in it; null for all that are in stock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>A list with its reason: for an unknown user what <see cref="RecommenderServiceOptions.Fallback"/> says. Empty, for the
    /// reason <see cref="RecommendationReason.Unknown"/>, until a model and the catalogue were loaded.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of its range.</exception>
    /// <exception cref="NotSupportedException"><paramref name="where"/> asks for what only a catalogue knows, and there is none:
    /// register one by <see cref="RecommenderBuilder{TUser, TItem}.WithCatalogue"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    ValueTask<RecommendationList<TItem>> RecommendAsync(
        TUser user, int? count = null, CatalogueFilter? where = null, CancellationToken cancellationToken = default);

    /// <summary>The best items for somebody without an id, by what they took.</summary>
    /// <inheritdoc cref="RecommendAsync"/>
    /// <param name="history">What they took, oldest first; at most <see cref="RecommenderServiceOptions.MaxHistoryLength"/> entries.
    /// Unknown items are left out.</param>
    /// <param name="count">Length of the list, from 1 to <see cref="RecommenderServiceOptions.MaxListLength"/>; null for
    /// <see cref="RecommenderServiceOptions.DefaultListLength"/>.</param>
    /// <param name="where">Which items may be in it; null for all that are in stock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The history is too long, or holds a label or weight that is not finite, or a negative
    /// weight.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of its range.</exception>
    ValueTask<RecommendationList<TItem>> RecommendForAsync(
        IReadOnlyCollection<HistoryEntry<TItem>> history, int? count = null, CatalogueFilter? where = null,
        CancellationToken cancellationToken = default);

    /// <summary>The items most similar to one.</summary>
    /// <inheritdoc cref="RecommendAsync"/>
    /// <param name="item">The item's id.</param>
    /// <param name="count">Length of the list, from 1 to <see cref="RecommenderServiceOptions.MaxListLength"/>; null for
    /// <see cref="RecommenderServiceOptions.DefaultListLength"/>.</param>
    /// <param name="where">Which items may be in it; null for all that are in stock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Most similar first, without the item itself. For an item that the model does not know an empty list, for the reason
    /// <see cref="RecommendationReason.Unknown"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of its range.</exception>
    /// <exception cref="NotSupportedException">The model cannot compare items, and the message says which can; or there is no catalogue for
    /// what <paramref name="where"/> asks.</exception>
    ValueTask<RecommendationList<TItem>> SimilarAsync(
        TItem item, int? count = null, CatalogueFilter? where = null, CancellationToken cancellationToken = default);
}
