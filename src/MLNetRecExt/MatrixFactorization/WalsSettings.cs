namespace MLNetRecExt;

/// <summary>The numbers of the objective that a <see cref="WalsModel"/> needs to solve for a history. Symbols as in <see cref="WalsTrainer"/>.</summary>
/// <param name="Regularization">λ.</param>
/// <param name="RegularizationExponent">ν.</param>
/// <param name="UnobservedWeight">w0.</param>
/// <param name="UnobservedPopularityExponent">a.</param>
/// <param name="ConfidenceScale">α.</param>
/// <param name="UserWeightExponent">e of R_u.</param>
/// <param name="ItemWeightExponent">e of C_i.</param>
/// <param name="Target">What an observed pair should score.</param>
internal sealed record WalsSettings(
    float Regularization,
    float RegularizationExponent,
    float UnobservedWeight,
    float UnobservedPopularityExponent,
    float ConfidenceScale,
    float UserWeightExponent,
    float ItemWeightExponent,
    WalsTarget Target)
{
    /// <exception cref="ArgumentException">The label would make a weight negative.</exception>
    public void CheckLabel(float label)
    {
        if (1 + ConfidenceScale * label < 0)
            throw new ArgumentException(
                $"Label {label} with {nameof(ConfidenceScale)} {ConfidenceScale} gives the negative weight {1 + ConfidenceScale * label}. "
                + $"Set {nameof(ConfidenceScale)} to 0, or train on labels that are not negative.");
    }
}
