using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>A model that can be read from its native file. Declared by <see cref="RecommenderKindAttribute{TModel}"/>.</summary>
/// <typeparam name="TSelf">The model itself.</typeparam>
public interface ISavedModel<TSelf>
    where TSelf : RecommenderModel, ISavedModel<TSelf>
{
    /// <summary>Reads what <see cref="RecommenderModel.WriteState"/> wrote, in the same order. Ids and history are read already.</summary>
    /// <remarks>Memory for parts is taken for bytes that are there. What else a number in the file decides, as that of items does, is
    /// counted first, by <see cref="ModelReader.Reserve"/>.</remarks>
    /// <param name="reader">Gives the parts of the state; throws on a damaged file.</param>
    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    /// <exception cref="InvalidDataException">The parts contradict each other: throw <see cref="ModelReader.Damaged"/>.</exception>
    static abstract TSelf Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history);
}
