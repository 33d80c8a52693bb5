namespace MLNetRecExt.Kernels;

/// <summary>What one stochastic gradient step is told besides its rows.</summary>
internal readonly struct SgdRates
{
    /// <summary>η.</summary>
    public float LearningRate { get; init; }

    /// <summary>λ.</summary>
    public float Lambda { get; init; }

    /// <summary>Whether a row's rate falls with the sum of its own squared gradients.</summary>
    public bool IsAdaptive { get; init; }

    /// <summary>How many times faster than factors biases learn; 0: they stay.</summary>
    public float BiasScale { get; init; }

    /// <summary>No factor falls below it: 0, or −∞.</summary>
    public float Floor { get; init; }

    /// <summary>1/K.</summary>
    public float InverseRank { get; init; }
}
