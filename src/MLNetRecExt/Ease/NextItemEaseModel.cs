using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<NextItemEaseModel>("NextItemEase")]

namespace MLNetRecExt;

/// <summary>What <see cref="NextItemEaseTrainer"/> learns when it keeps all weights: one for each pair of items.</summary>
public sealed class NextItemEaseModel : EaseModel, ISavedModel<NextItemEaseModel>
{
    internal NextItemEaseModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix weights)
        : base(users, items, history, weights)
    {
    }

    // State: as of Ease; in version 2 then the recency half-life: float32
    static NextItemEaseModel ISavedModel<NextItemEaseModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var model = new NextItemEaseModel(users, items, history, ReadWeights(reader, items.Count));
        if (reader.Version == 2)
            model.Recency = new(Recency.ReadHalfLife(reader), 0);
        return model;
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) =>
        new NextItemEaseModel(kept.Users, Items, kept.HistoryOf(this), Weights);
}
