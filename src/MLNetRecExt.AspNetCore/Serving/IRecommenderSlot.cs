namespace MLNetRecExt.AspNetCore;

/// <summary>A registered recommender for those who do not know its types of id: health, the operator's page.</summary>
internal interface IRecommenderSlot
{
    string Name { get; }

    RecommenderStatus Status { get; }

    /// <summary>The model that answers now; null until one is loaded.</summary>
    RecommenderModel? Model { get; }

    /// <summary>Its whole catalogue by text of the id; empty where there is none.</summary>
    IReadOnlyList<CatalogueItem<string>> Catalogue { get; }
}
