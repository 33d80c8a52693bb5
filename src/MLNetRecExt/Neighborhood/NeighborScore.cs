namespace MLNetRecExt;

/// <summary>What neighbors make of a score.</summary>
public enum NeighborScore
{
    /// <summary>The sum of label times similarity: for top lists.</summary>
    Sum,

    /// <summary>The mean label of the user, plus the mean of the neighbors' deviations from it, weighted by similarity: predicts
    /// labels.</summary>
    Mean,
}
