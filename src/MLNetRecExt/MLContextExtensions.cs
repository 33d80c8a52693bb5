using MLNetRecExt;

namespace Microsoft.ML;

/// <summary>The door to MLNetRecExt.</summary>
public static class MLContextExtensions
{
    /// <summary>Recommenders: trainers, transforms, data, splits, stages, evaluation and tuning.</summary>
    /// <param name="mlContext">The context; its log and seed are used.</param>
    /// <returns>The catalog of all that MLNetRecExt has.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="mlContext"/> is null.</exception>
    /// <example><code>
    /// var recommenders = new MLContext().Recommenders();
    /// var model = recommenders.Trainers.Wals("User", "Item").Fit(data).Model;
    /// </code></example>
    public static RecommendersCatalog Recommenders(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new(mlContext);
    }
}
