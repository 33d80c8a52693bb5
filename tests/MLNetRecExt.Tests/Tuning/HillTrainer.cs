using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

/// <summary>Trains nothing: what it reports is a hill over its options.</summary>
internal sealed class HillTrainer(MLContext mlContext, HillOptions options, List<HillOptions> trained)
    : RecommenderTrainer<TestModel, HillOptions>(mlContext, options)
{
    public Action<Interactions>? Watch { get; init; }

    /// <summary>Told before each iteration.</summary>
    public Action<int>? Iterates { get; init; }

    /// <summary>The model's scores by options; null: all are 0.</summary>
    public Func<HillOptions, float[,]>? Scores { get; init; }

    /// <summary>Reported after the one iteration, in place of the hill.</summary>
    public byte[]? Ranks { get; init; }

    /// <summary>Highest at Rate .03 and Share .7 after 12 iterations, falling with the squared distance in the decades of Rate.</summary>
    public static double Hill(double rate, double share, int iteration) =>
        0.4 - 0.03 * Math.Pow(Math.Log10(rate / 0.03), 2) - 0.4 * Math.Pow(share - 0.7, 2) - 0.15 * Math.Pow((iteration - 12) / 12.0, 2);

    protected override TestModel Train(TrainingInput input)
    {
        trained.Add(TrainerOptions);
        if (Ranks is not null)
            TrainerOptions.Progress?.Report(new TrainingProgress(1, 1, 0, Ranks.Average(rank => 1 / Math.Log2(rank + 1)), TimeSpan.Zero) { ValidationRanks = Ranks });
        Watch?.Invoke(input.Validation!);
        if (TrainerOptions.Rate > TrainerOptions.DivergesAbove)
            throw new InvalidOperationException("Training diverged.");
        for (int iteration = 1; iteration <= TrainerOptions.NumberOfIterations && Ranks is null; iteration++)
        {
            Iterates?.Invoke(iteration);
            TrainerOptions.CancellationToken.ThrowIfCancellationRequested();
            var height = Hill(TrainerOptions.Rate, TrainerOptions.Share, iteration);
            var progress = new TrainingProgress(iteration, TrainerOptions.NumberOfIterations, 0, TrainerOptions.ReportsRmse ? 1 - height : height, TimeSpan.Zero);
            TrainerOptions.Progress?.Report(TrainerOptions.ReportsRmse ? progress with { MetricName = "RMSE" } : progress);
        }
        return new TestModel(input.Train, Scores?.Invoke(TrainerOptions) ?? new float[input.Train.Users.Count, input.Train.Items.Count]);
    }
}
