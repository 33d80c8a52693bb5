using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<SparseNextItemEaseModel>("SparseNextItemEase")]

namespace MLNetRecExt;

/// <summary>What <see cref="NextItemEaseTrainer"/> learns when it keeps the largest weights of each item.</summary>
public sealed class SparseNextItemEaseModel : SparseItemModel, ISavedModel<SparseNextItemEaseModel>
{
    internal SparseNextItemEaseModel(IdMap users, IdMap items, InteractionRows history, SparseMatrix weights)
        : base(users, items, history, weights)
    {
    }

    // State: as of SparseItem; in version 2 then the recency half-life: float32
    static SparseNextItemEaseModel ISavedModel<SparseNextItemEaseModel>.Read(
        ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var model = new SparseNextItemEaseModel(users, items, history, reader.ReadSparseMatrix(items.Count, items.Count));
        if (reader.Version == 2)
            model.Recency = new(Recency.ReadHalfLife(reader), 0);
        return model;
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) =>
        new SparseNextItemEaseModel(kept.Users, Items, kept.HistoryOf(this), Weights);
}
