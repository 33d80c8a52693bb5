namespace MLNetRecExt;

/// <summary>The values that a numeric option may take, both ends included. They are checked where options are handed over: by a trainer's
/// constructor, or by the call.</summary>
/// <param name="min">Smallest value allowed.</param>
/// <param name="max">Largest value allowed.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class OptionRangeAttribute(double min, double max) : Attribute
{
    /// <summary>Smallest value allowed.</summary>
    public double Min { get; } = min;

    /// <summary>Largest value allowed.</summary>
    public double Max { get; } = max;

    /// <summary>Whether <see cref="Min"/> itself is refused.</summary>
    public bool MinExclusive { get; init; }

    /// <summary>Whether an option may take a value. NaN is in no range.</summary>
    /// <param name="value">The value.</param>
    /// <returns>True when it is in the range.</returns>
    public bool Contains(double value) => (MinExclusive ? value > Min : value >= Min) && value <= Max;

    /// <summary>The range as text: <c>[1, 1024]</c>, or <c>(0, 100]</c> where <see cref="Min"/> is refused.</summary>
    public override string ToString() => FormattableString.Invariant($"{(MinExclusive ? "(" : "[")}{Min}, {Max}]");
}
