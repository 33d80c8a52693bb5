namespace MLNetRecExt;

/// <summary>What objects know of an interaction besides user and item. What is null is not read.</summary>
/// <typeparam name="T">Type of the objects.</typeparam>
/// <example><code>new() { Weight = line => line.Quantity, Timestamp = line => line.Ordered.Ticks }</code></example>
public sealed record InteractionSelectors<T>
{
    /// <summary>The label. A row where it is null, NaN or infinite is bad.</summary>
    /// <value>Default null: every label is 1.</value>
    public Func<T, double?>? Label { get; init; }

    /// <summary>The weight. A row where it is null, NaN, infinite or negative is bad.</summary>
    /// <value>Default null: every weight is 1.</value>
    public Func<T, double?>? Weight { get; init; }

    /// <summary>The time, in any unit: <c>Ticks</c> of a DateTime, <c>UtcTicks</c> of a DateTimeOffset, seconds since 1970. A row where it
    /// is null is bad.</summary>
    /// <value>Default null: there are no timestamps.</value>
    public Func<T, long?>? Timestamp { get; init; }
}
