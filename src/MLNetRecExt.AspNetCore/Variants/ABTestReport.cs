namespace MLNetRecExt.AspNetCore;

/// <summary>What a test of two or more models came to.</summary>
/// <param name="Kind">What counts.</param>
/// <param name="Variants">The models; the first is what the others are compared with.</param>
public sealed record ABTestReport(FeedbackKind Kind, IReadOnlyList<ABTestVariant> Variants)
{
    /// <summary>One line for each model: <c>shop-b: Clicked 0.0521 (0.0502…0.0540) of 51,200 seen by 4,100 users, +0.0031 (0.0012…0.0050)
    /// differs</c>.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Variants.Select(Line));

    private string Line(ABTestVariant variant)
    {
        var (rate, difference) = (variant.Rate, variant.Difference);
        var line = FormattableString.Invariant($"{variant.Model}: {Kind} {rate.Mean:0.0000} ({rate.Low:0.0000}…{rate.High:0.0000}) of ")
            + FormattableString.Invariant($"{variant.Seen:N0} seen by {rate.Users:N0} users");
        return difference is null ? line : line
            + FormattableString.Invariant($", {difference.Mean:+0.0000;-0.0000} ({difference.Low:0.0000}…{difference.High:0.0000}) ")
            + (variant.Differs ? "differs" : "does not differ");
    }
}
