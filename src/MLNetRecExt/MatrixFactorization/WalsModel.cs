using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>What <see cref="WalsTrainer"/> learns: an embedding for each user and item.</summary>
public sealed class WalsModel : FactorModel
{
    internal WalsModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
        : base(users, items, history, userFactors, itemFactors)
    {
    }

    /// <inheritdoc/>
    public override bool CanFoldIn => true;

    private protected override void Embed(RecommenderQuery query, Span<float> embedding) => throw new NotImplementedException();
}
