using System.Diagnostics;

namespace MLNetRecExt;

/// <summary>
/// The iterations of a trainer. Each is checked, logged and reported. With a validation part the model of the best iteration is kept, and
/// training stops when no
/// better one comes.
/// </summary>
/// <typeparam name="TModel">The model that is trained.</typeparam>
/// <param name="options">How many iterations, when to stop, who is told.</param>
/// <param name="input">Where to log.</param>
public sealed class TrainingLoop<TModel>(IterativeTrainerOptions options, TrainingInput input)
    where TModel : RecommenderModel
{
    /// <summary>Stops when an iteration lowers the loss by less than this share of it; 0: never.</summary>
    public float EarlyStoppingTolerance { get; init; }

    /// <summary>What to do when training diverges: one or more sentences.</summary>
    public required string Remedy { get; init; }

    /// <summary>Whether the metric on the validation part is an RMSE, to be low, instead of NDCG@20.</summary>
    public bool IsRmse { get; init; }

    /// <summary>Where an interrupted training goes on; null: from the start.</summary>
    internal TrainingState<TModel>? From { get; init; }

    /// <summary>Told after each iteration that another one follows.</summary>
    internal Action<TrainingState<TModel>>? GoesOn { get; init; }

    /// <summary>Iterates until the last iteration, or until no better model comes.</summary>
    /// <param name="iterate">Does one iteration and returns the loss.</param>
    /// <param name="model">Makes a model of where training stands.</param>
    /// <param name="measure">Judges a model on the validation part, as ValidationMeasure.For makes it; null when there is none.</param>
    /// <returns>The model of the best iteration; without a validation part that of the last.</returns>
    /// <exception cref="InvalidOperationException">A loss is not finite, or scores of the model may not be.</exception>
    public TModel Run(Func<double> iterate, Func<TModel> model, Func<RecommenderModel, ValidationMetric>? measure)
    {
        var clock = Stopwatch.StartNew();
        var best = From?.Best;
        double bestMetric = From?.BestMetric ?? double.NaN, previousLoss = double.PositiveInfinity;
        var rounds = From?.Rounds ?? 0;
        for (int iteration = 1 + (From?.Iteration ?? 0); iteration <= options.NumberOfIterations; iteration++)
        {
            var loss = iterate();
            CheckLoss(iteration, loss, Remedy);

            var current = measure is null ? null : model();
            ValidationMetric? judged = current is null ? null : measure!(current);
            var progress = new TrainingProgress(iteration, options.NumberOfIterations, loss, judged?.Value, clock.Elapsed) { ValidationRanks = judged?.Ranks };
            if (IsRmse)
                progress = progress with { MetricName = "RMSE" };
            input.Log(
                $"Iteration {iteration}/{options.NumberOfIterations}: loss {loss:G9}{(progress.ValidationMetric is { } shown ? $", {progress.MetricName} {shown:F5}" : "")}, {clock.Elapsed.TotalSeconds:F2} s");
            options.Progress?.Report(progress);

            if (progress.ValidationMetric is { } metric && !double.IsNaN(metric))
            {
                if (best is null || (IsRmse ? metric < bestMetric : metric > bestMetric))
                {
                    bestMetric = metric;
                    best = current;
                    rounds = 0;
                }
                else if (++rounds == options.EarlyStoppingRounds)
                {
                    break;
                }
            }
            if (IsEnough(previousLoss, loss, EarlyStoppingTolerance))
                break;
            previousLoss = loss;
            if (iteration < options.NumberOfIterations)
                GoesOn?.Invoke(new(iteration, best, bestMetric, rounds));
        }
        var trained = best ?? model();
        return trained.LargestScore <= float.MaxValue
            ? trained
            : throw new InvalidOperationException($"Training diverged: scores may pass what single precision holds. {Remedy}");
    }

    /// <summary>Whether an iteration has lowered the loss by so little that none is to follow.</summary>
    internal static bool IsEnough(double previousLoss, double loss, float tolerance) =>
        tolerance > 0 && previousLoss - loss < tolerance * previousLoss;

    /// <exception cref="InvalidOperationException">The loss is not finite.</exception>
    internal static void CheckLoss(int iteration, double loss, string remedy)
    {
        if (!double.IsFinite(loss))
            throw new InvalidOperationException($"Training diverged in iteration {iteration}: the loss is {loss}. {remedy}");
    }
}
