namespace MLNetRecExt;

/// <summary>The values that the tuner tries for a numeric option.</summary>
/// <remarks>An array of Int32, such as the widths of layers, is tried with one element, the value, or none where that is below twice
/// <see cref="Min"/>. One that has more elements is not tuned.</remarks>
[AttributeUsage(AttributeTargets.Field)]
public sealed class TuneRangeAttribute(double min, double max) : Attribute
{
    /// <summary>Smallest value tried.</summary>
    public double Min { get; } = min;

    /// <summary>Largest value tried.</summary>
    public double Max { get; } = max;

    /// <summary>Whether values are drawn evenly on a logarithmic scale.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>The option without which this one does nothing: while that is 0, or is not <see cref="NeededValue"/>, this one is not
    /// tuned. Null when there is none.</summary>
    public string? Needs { get; init; }

    /// <summary>The value that <see cref="Needs"/> must have, of its type; null: any but 0.</summary>
    public object? NeededValue { get; init; }

    /// <summary>The range from a value divided by a factor to the value times that, within (0, most].</summary>
    internal static TuneRangeAttribute Around(double value, double factor, double most) =>
        new(Math.Min(value / factor, most), Math.Min(factor * value, most)) { Logarithmic = true };
}
