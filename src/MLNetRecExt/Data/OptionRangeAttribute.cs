namespace MLNetRecExt;

/// <summary>The values that a numeric option may take, both ends included, checked by the trainer's constructor.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class OptionRangeAttribute(double min, double max) : Attribute
{
    /// <summary>Smallest value allowed.</summary>
    public double Min { get; } = min;

    /// <summary>Largest value allowed.</summary>
    public double Max { get; } = max;

    /// <summary>Whether <see cref="Min"/> itself is refused.</summary>
    public bool MinExclusive { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{(MinExclusive ? "(" : "[")}{Min}, {Max}]");
}
