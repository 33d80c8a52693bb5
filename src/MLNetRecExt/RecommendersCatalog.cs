using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Everything that recommends, by way of <c>mlContext.Recommenders()</c>.</summary>
public sealed class RecommendersCatalog
{
    internal RecommendersCatalog(MLContext mlContext)
    {
        Trainers = new RecommenderTrainersCatalog(mlContext);
        Data = new RecommenderDataCatalog(mlContext);
    }

    /// <summary>Trainers, to append to a pipeline.</summary>
    public RecommenderTrainersCatalog Trainers { get; }

    /// <summary>Reading interactions into memory.</summary>
    public RecommenderDataCatalog Data { get; }
}
