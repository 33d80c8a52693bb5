namespace MLNetRecExt;

/// <summary>An option whose best value lies at an end of the range that was searched: a better one may lie beyond.</summary>
/// <param name="Option">Name of the option.</param>
/// <param name="Value">Its best value.</param>
/// <param name="Min">Lower end of the range.</param>
/// <param name="Max">Upper end of the range.</param>
public sealed record TuneEdge(string Option, double Value, double Min, double Max)
{
    /// <summary>One line: <c>best at the edge of Regularization [10, 2000]: widen the range</c>.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"best at the edge of {Option} [{Min:G4}, {Max:G4}]: widen the range");
}
