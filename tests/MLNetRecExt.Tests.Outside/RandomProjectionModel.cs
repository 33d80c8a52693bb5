using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;
using Outside;

[assembly: RecommenderKind<RandomProjectionModel>("Outside.RandomProjection")]

namespace Outside;

/// <summary>Embeddings of users and items. A history cannot be folded in.</summary>
public sealed class RandomProjectionModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
    : FactorModel(users, items, history, userFactors, itemFactors), ISavedModel<RandomProjectionModel>
{
    public override bool CanFoldIn => false;

    // State: U: matrix, V: matrix; the base writes them.
    static RandomProjectionModel ISavedModel<RandomProjectionModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var (userFactors, itemFactors) = (reader.ReadMatrix(users.Count), reader.ReadMatrix(items.Count));
        return userFactors.Columns == itemFactors.Columns ? new(users, items, history, userFactors, itemFactors) : throw ModelReader.Damaged();
    }

    protected override void Embed(RecommenderQuery query, Span<float> embedding) => UserFactors(query.User).CopyTo(embedding);
}
