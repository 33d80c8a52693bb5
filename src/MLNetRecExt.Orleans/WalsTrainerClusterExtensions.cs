using MLNetRecExt;

namespace Microsoft.ML;

/// <summary>Training on a cluster of Microsoft Orleans.</summary>
public static class WalsTrainerClusterExtensions
{
    /// <summary>This trainer, but the silos of a cluster train: as many machines as it has, with the model of one to the bit.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="cluster">A client of the cluster, or a silo of it.</param>
    /// <param name="options">How to go about it; null for the defaults.</param>
    /// <returns>An estimator as the trainer itself.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ClusterTrainer On(this WalsTrainer trainer, IClusterClient cluster, ClusterTrainingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(cluster);
        options ??= new();
        options.Validate();
        return new(trainer, cluster, options);
    }
}
