using MLNetRecExt;

namespace Microsoft.ML;

/// <summary>What MLNetRecExt adds to transformers.</summary>
public static class RecommenderTransformerExtensions
{
    /// <summary>The recommender in a trained or loaded transformer: its factors, top lists and full speed.</summary>
    /// <param name="transformer">A transformer of MLNetRecExt, what <c>mlContext.Model.Load</c> gave for one, or a chain that holds one of
    /// these.</param>
    /// <returns>The typed model, such as <see cref="WalsModel"/>; of several in a chain, that of the last.</returns>
    /// <exception cref="ArgumentException">There is no recommender in it.</exception>
    /// <exception cref="InvalidDataException">It was saved by a newer version, or is damaged.</exception>
    public static RecommenderModel AsRecommender(this ITransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        return Find(transformer) ?? throw new ArgumentException(
            $"There is no recommender of MLNetRecExt in this {transformer.GetType().Name}. " + (HoldsStock(transformer)
                ? "For the stock matrix factorization in it, reference MLNetRecExt.Recommender and name the columns that it was trained on: "
                    + "AsRecommender(trainData.Schema, userColumnName, itemColumnName), or with trainData for what users have taken."
                : "Pass what a trainer of mlContext.Recommenders() or TopItems fitted, or what was loaded from a file of one."),
            nameof(transformer));
    }

    /// <summary>By name: this package does without Microsoft.ML.Recommender.</summary>
    private static bool HoldsStock(ITransformer transformer) =>
        transformer.GetType().Name == "MatrixFactorizationPredictionTransformer"
        || transformer is IEnumerable<ITransformer> chain && chain.Any(HoldsStock);

    /// <param name="transformer">Where to look.</param>
    /// <param name="toServe">Whether lists of a loaded pipeline are to be answered at once.</param>
    internal static RecommenderModel? Find(ITransformer transformer, bool toServe = false)
    {
        if (transformer is ModelTransformer own)
            return own.Model;
        if (transformer is not IEnumerable<ITransformer> chain)
            return null;
        var parts = chain.ToArray();
        if (parts.Reverse().Select(part => Find(part, toServe)).FirstOrDefault(model => model is not null) is { } inner)
            return inner;
        var state = SavedPipeline.FindState(parts);
        if (toServe)
            state?.WarmUp();
        return state?.Model;
    }
}
