namespace MLNetRecExt.AspNetCore;

/// <summary>What a recommender is made of beside its model: how to get each part that was registered; null where there is none.</summary>
internal sealed class RecommenderParts<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    public Func<IServiceProvider, IModelSource>? Source { get; set; }

    public Func<IServiceProvider, IItemCatalogue<TItem>>? Catalogue { get; set; }

    public Func<IServiceProvider, IUserHistory<TUser, TItem>>? History { get; set; }

    public Func<IServiceProvider, IFeedbackSink<TUser, TItem>>? Sink { get; set; }
}
