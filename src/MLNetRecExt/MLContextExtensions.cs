using MLNetRecExt;

namespace Microsoft.ML;

/// <summary>The door to MLNetRecExt.</summary>
public static class MLContextExtensions
{
    /// <summary>Recommender trainers, transforms, splits, evaluation and tuning.</summary>
    public static RecommendersCatalog Recommenders(this MLContext mlContext) => new(mlContext);
}
