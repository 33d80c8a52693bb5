namespace MLNetRecExt;

/// <summary>Where a <see cref="TrainingLoop{TModel}"/> stands between two iterations.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Best">The best model on the validation part so far; null when there is none.</param>
/// <param name="BestMetric">Its metric; NaN when there is none.</param>
/// <param name="Rounds">Iterations since then.</param>
internal sealed record TrainingState<TModel>(int Iteration, TModel? Best, double BestMetric, int Rounds)
    where TModel : RecommenderModel;
