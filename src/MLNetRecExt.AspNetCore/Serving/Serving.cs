namespace MLNetRecExt.AspNetCore;

/// <summary>All that an answer is made of at one moment: the one reference that is swapped. Immutable.</summary>
/// <param name="Served">The model.</param>
/// <param name="Filters">The catalogue's filters; null where there is no catalogue.</param>
/// <param name="Batches">Answers several queries at once; null where each alone is as fast.</param>
internal sealed record Serving<TUser, TItem>(
    ServedModel<TUser, TItem> Served, CatalogueFilters<TUser, TItem>? Filters, QueryBatches? Batches)
    where TUser : notnull
    where TItem : notnull;
