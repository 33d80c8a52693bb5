namespace MLNetRecExt.Tool.Serving;

/// <summary>What is served.</summary>
/// <param name="Model">The model, which tells the types of ids.</param>
/// <param name="Path">Its file: a new one that is saved there is served at once.</param>
/// <param name="Catalogue">The file of items; null: none.</param>
internal sealed record ServedFiles(RecommenderModel Model, string Path, ItemCatalogueFile? Catalogue);
