using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<MeanModel>("Mean")]

namespace MLNetRecExt;

/// <summary>Predicts a mean of the labels in training: of the item, of the user, or of all.</summary>
public sealed class MeanModel : RecommenderModel, ISavedModel<MeanModel>
{
    internal MeanModel(IdMap users, IdMap items, InteractionRows history, MeanOf of)
        : base(users, items, history) => Of = of;

    /// <summary>Whose mean it is.</summary>
    public MeanOf Of { get; }

    /// <summary>False.</summary>
    public override bool CanFoldIn => false;

    /// <summary>True: exactly.</summary>
    public override bool CanAppend => true;

    /// <inheritdoc/>
    protected override RecommenderModel TakeIn(AppendedInteractions appended, ParallelOptions parallel) =>
        new MeanModel(appended.All.Users, appended.All.Items, appended.All.ByUser, Of);

    static MeanModel ISavedModel<MeanModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var of = (MeanOf)reader.ReadInt32();
        return Enum.IsDefined(of) ? new(users, items, history, of) : throw ModelReader.Damaged();
    }

    // State: whose mean, int32.
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer) => writer.WriteInt32((int)Of);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new MeanModel(kept.Users, Items, kept.HistoryOf(this), Of);

    /// <summary>The mean that is asked for, or where it does not exist that of all.</summary>
    internal override float ScoreUnknown(int user, int item)
    {
        var mean = Of switch
        {
            MeanOf.User => LabelMeans.OfUser(user),
            MeanOf.Item => LabelMeans.OfItem(item),
            _ => LabelMeans.All,
        };
        return float.IsNaN(mean) ? LabelMeans.All : mean;
    }

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => ScoreUnknown(user, item);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        for (int item = 0; item < scores.Length; item++)
            scores[item] = ScoreUnknown(query.User, item);
    }
}
