using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore;

/// <summary>Where models are published: by default the file <see cref="RecommenderServiceOptions.ModelPath"/>.</summary>
/// <remarks>For a blob, a database or a registry write one: <see cref="FindAsync"/> looks, at little cost, what is published now. One
/// instance serves as long as the application, unless the type is registered otherwise.</remarks>
public interface IModelSource
{
    /// <summary>What is published now. Asked when the application starts, every <see cref="RecommenderServiceOptions.ReloadEvery"/>, and
    /// when <see cref="Watch"/> tells of a change.</summary>
    /// <param name="cancellationToken">Cancels: the application stops.</param>
    /// <returns>Null while there is nothing.</returns>
    ValueTask<PublishedModel?> FindAsync(CancellationToken cancellationToken);

    /// <summary>A token that tells of the next change, asked for before each look; null where nobody can tell.</summary>
    IChangeToken? Watch() => null;
}
