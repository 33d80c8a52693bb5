namespace MLNetRecExt.AspNetCore;

/// <summary>A registered recommender for those who do not know its types of id: health and meters.</summary>
internal interface IRecommenderSlot
{
    string Name { get; }

    RecommenderStatus Status { get; }
}
