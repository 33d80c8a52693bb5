using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore;

/// <summary>What can be sold: category, stock and price of each item. Lists hold only items of it.</summary>
/// <remarks>Made anew, in a scope of its own, for each reading, unless the type is registered otherwise: it may use a
/// <c>DbContext</c>.</remarks>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public interface IItemCatalogue<TItem>
    where TItem : notnull
{
    /// <summary>Reads the whole catalogue. It is read when the application starts, every
    /// <see cref="RecommenderServiceOptions.CatalogueEvery"/>, and when <see cref="Watch"/> says so. When that fails, the last one
    /// stays, and the recommender says that it is degraded.</summary>
    /// <param name="cancellationToken">Cancels: the application stops.</param>
    ValueTask<IReadOnlyList<CatalogueItem<TItem>>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>A token that tells of the next change, asked for before each reading; null where nobody can tell.</summary>
    IChangeToken? Watch() => null;
}
