namespace MLNetRecExt;

/// <summary>One user's or item's least-squares problem: its entries and what the objective says about it.</summary>
internal readonly ref struct WalsRow
{
    public ReadOnlySpan<int> Indices { get; init; }

    /// <summary>Empty: every label is 1.</summary>
    public ReadOnlySpan<float> Labels { get; init; }

    /// <summary>Empty: every weight is 1.</summary>
    public ReadOnlySpan<float> Weights { get; init; }

    /// <summary>λ·s.</summary>
    public float Regularization { get; init; }

    /// <summary>m, as long as a padded row; empty: zeros.</summary>
    public ReadOnlySpan<float> Prior { get; init; }

    /// <summary>R or C of this row.</summary>
    public float Weight { get; init; }

    /// <summary>f of this row.</summary>
    public float UnobservedScale { get; init; }
}
