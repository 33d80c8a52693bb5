namespace MLNetRecExt;

/// <summary>The measure that a trainer watches between its iterations: NDCG@20 or RMSE on a validation part.</summary>
public static class ValidationMeasure
{
    /// <summary>Makes the measure: of a model, how good it is on <paramref name="validation"/>.</summary>
    /// <param name="validation">Interactions that training does not see, with ids that extend those of the training part; null: none were
    /// given.</param>
    /// <param name="predictsLabels">True: the RMSE over all pairs, lower is better (AllPairsRMSE of <see cref="RatingReport"/>).
    /// False: NDCG@20 over the whole catalogue, higher is better.</param>
    /// <param name="threads">Threads to use, in [1, 1024]; null: all cores. The metric does not depend on it.</param>
    /// <param name="cancellationToken">Cancels a measurement with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The measure, or null when there is no validation part. It throws an <see cref="ArgumentException"/> when the ids of
    /// <paramref name="validation"/> do not extend the model's: split after reading, or read it with <c>IdsOf</c> the training
    /// part.</returns>
    public static Func<RecommenderModel, ValidationMetric>? For(
        Interactions? validation, bool predictsLabels, int? threads = null, CancellationToken cancellationToken = default)
    {
        if (validation is null)
            return null;
        return predictsLabels
            ? model => new(RatingEvaluator.Rmse(model, validation, threads, cancellationToken))
            : model => RankingEvaluator.Ndcg(model, validation, threads, cancellationToken);
    }
}
