using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The numbers of the objective that a <see cref="WalsModel"/> needs to solve for a history. Symbols as in
/// <see cref="WalsTrainer"/>.</summary>
/// <param name="Regularization">λ.</param>
/// <param name="RegularizationExponent">ν.</param>
/// <param name="UnobservedWeight">w0.</param>
/// <param name="UnobservedPopularityExponent">a.</param>
/// <param name="ConfidenceScale">α.</param>
/// <param name="UserWeightExponent">e of R_u.</param>
/// <param name="ItemWeightExponent">e of C_i.</param>
/// <param name="Target">What an observed pair should score.</param>
/// <param name="UseBiases">Whether a score has biases; w0 is 0 then.</param>
/// <param name="ItemSmoothing">c; 0 where labels are predicted.</param>
internal sealed record WalsSettings(
    float Regularization,
    float RegularizationExponent,
    float UnobservedWeight,
    float UnobservedPopularityExponent,
    float ConfidenceScale,
    float UserWeightExponent,
    float ItemWeightExponent,
    WalsTarget Target,
    bool UseBiases,
    float ItemSmoothing = 0)
{
    /// <summary>Whether scores are for labels of observed pairs, and not for top lists.</summary>
    public bool PredictsLabels => UnobservedWeight == 0 && Target == WalsTarget.Label;

    public void Write(ModelWriter writer)
    {
        writer.WriteSingle(Regularization);
        writer.WriteSingle(RegularizationExponent);
        writer.WriteSingle(UnobservedWeight);
        writer.WriteSingle(UnobservedPopularityExponent);
        writer.WriteSingle(ConfidenceScale);
        writer.WriteSingle(UserWeightExponent);
        writer.WriteSingle(ItemWeightExponent);
        writer.WriteInt32((int)Target);
        writer.WriteInt32(UseBiases ? 1 : 0);
        writer.WriteSingle(ItemSmoothing);
    }

    /// <exception cref="ArgumentException">No training can have had such options.</exception>
    public static WalsSettings Read(ModelReader reader)
    {
        var settings = new WalsSettings(
            Regularization: reader.ReadSingle(),
            RegularizationExponent: reader.ReadSingle(),
            UnobservedWeight: reader.ReadSingle(),
            UnobservedPopularityExponent: reader.ReadSingle(),
            ConfidenceScale: reader.ReadSingle(),
            UserWeightExponent: reader.ReadSingle(),
            ItemWeightExponent: reader.ReadSingle(),
            Target: (WalsTarget)reader.ReadInt32(),
            UseBiases: reader.ReadInt32() == 1,
            ItemSmoothing: reader.Version > 4 ? reader.ReadSingle() : 0);
        OptionChecker.CheckAs(settings, typeof(WalsTrainer.Options));
        return (settings.PredictsLabels ? settings.ItemSmoothing == 0 : !settings.UseBiases) ? settings : throw ModelReader.Damaged();
    }

    /// <exception cref="ArgumentException">The label would make a weight negative.</exception>
    public void CheckLabel(float label)
    {
        if (1 + ConfidenceScale * label < 0)
            throw new ArgumentException(
                $"Label {label} with {nameof(ConfidenceScale)} {ConfidenceScale} gives the negative weight {1 + ConfidenceScale * label}. "
                + $"Set {nameof(ConfidenceScale)} to 0, or train on labels that are not negative.");
    }
}
