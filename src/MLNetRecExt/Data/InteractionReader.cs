using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reads an <see cref="IDataView"/> once, through one cursor, into <see cref="Interactions"/>.</summary>
internal static class InteractionReader
{
    public static Interactions Read(IDataView view, InteractionColumns columns, RecommenderTrainerOptions options, IChannel channel, Interactions? idsOf = null) =>
        throw new NotImplementedException();
}
