using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MLNetRecExt.AspNetCore;

/// <summary>Adds to a recommender that <c>services.AddRecommender</c> registered what it shall know.</summary>
/// <remarks>Types are registered here, with a lifetime that lets them take a <c>DbContext</c>; who wants another registers the type
/// before.</remarks>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public sealed class RecommenderBuilder<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    private readonly RecommenderParts<TUser, TItem> _parts;

    internal RecommenderBuilder(string name, IServiceCollection services, RecommenderParts<TUser, TItem> parts) =>
        (Name, Services, _parts) = (name, services, parts);

    /// <summary>The recommender's name.</summary>
    public string Name { get; }

    /// <summary>The services that it was registered in.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Lists hold only items of a catalogue, by default those in stock, and can be asked for by category and price.</summary>
    /// <typeparam name="T">The catalogue.</typeparam>
    public RecommenderBuilder<TUser, TItem> WithCatalogue<T>() where T : class, IItemCatalogue<TItem>
    {
        Services.TryAddScoped<T>();
        _parts.Catalogue = services => services.GetRequiredService<T>();
        return this;
    }

    /// <summary>Lists know what users took since training.</summary>
    /// <typeparam name="T">Tells it.</typeparam>
    public RecommenderBuilder<TUser, TItem> WithHistory<T>() where T : class, IUserHistory<TUser, TItem>
    {
        Services.TryAddScoped<T>();
        _parts.History = services => services.GetRequiredService<T>();
        return this;
    }

    /// <summary>Feedback that <see cref="IFeedback{TUser, TItem}"/> takes is kept.</summary>
    /// <typeparam name="T">Keeps it.</typeparam>
    public RecommenderBuilder<TUser, TItem> WithFeedback<T>() where T : class, IFeedbackSink<TUser, TItem>
    {
        Services.TryAddScoped<T>();
        _parts.Sink = services => services.GetRequiredService<T>();
        return this;
    }

    /// <summary>Models come from here, and not from the file <see cref="RecommenderServiceOptions.ModelPath"/>.</summary>
    /// <typeparam name="T">Where they are published.</typeparam>
    public RecommenderBuilder<TUser, TItem> WithSource<T>() where T : class, IModelSource
    {
        Services.TryAddSingleton<T>();
        _parts.Source = services => services.GetRequiredService<T>();
        return this;
    }
}
