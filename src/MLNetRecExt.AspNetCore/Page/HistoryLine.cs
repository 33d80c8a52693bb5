namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Something that a user took.</summary>
/// <param name="Item">The item.</param>
/// <param name="Time">When, as far as that is known.</param>
/// <param name="Label">Its label, where the data has such.</param>
/// <param name="IsNew">Whether it came after training.</param>
internal sealed record HistoryLine(CatalogueItem<string> Item, long? Time, float? Label, bool IsNew);
