using System.Diagnostics;

namespace MLNetRecExt.Benchmarks;

/// <summary>CPU milliseconds per training step of a Softmax DNN: 512 examples, histories of 60 items, rank 64, layers 256, 128, 64.</summary>
internal static class DnnBenchmark
{
    private const int Users = 8_192;
    private const int HistoryLength = 60;
    // Two passes over the users.
    private const int WarmUpSteps = 2 * Users / 512;
    private const double Seconds = 4;

    public static int Run()
    {
        Console.WriteLine("| items | competing | threads | step, ms | CPU ms | of them sampling | gradient | update | managed MB above the data |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (items, sampling, threads) in new[]
        {
            (26_744, NegativeSampling.Full, 1), (26_744, NegativeSampling.Full, 2),
            (26_744, NegativeSampling.Popularity, 1), (26_744, NegativeSampling.Popularity, 2),
            (1_000_000, NegativeSampling.Popularity, 1), (1_000_000, NegativeSampling.Popularity, 2),
        })
            Measure(items, sampling, threads);
        return 0;
    }

    private static void Measure(int items, NegativeSampling sampling, int threads)
    {
        var data = Data(items);
        var options = new SoftmaxDnnTrainer.Options
        {
            HiddenLayers = [256, 128],
            BatchSize = 512,
            // One label: the rest is history.
            LabelShare = 0,
            MaxHistoryLength = HistoryLength,
            NumberOfNegatives = 2_000,
            NumberOfThreads = threads,
        };
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var training = new SoftmaxDnnTraining(data, options, sampling);
        var megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        // The first touch of a page of moments costs more than the step.
        training.Items.Moments.Padded.Clear();
        training.Histories.Moments.Padded.Clear();
        var order = Enumerable.Range(0, Users).ToArray();
        new Random(1).Shuffle(order);
        var (sample, gradient, update, cpu) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var clock = Stopwatch.StartNew();
        var steps = 0;
        for (int step = -WarmUpSteps; step < 20 || clock.Elapsed.TotalSeconds < Seconds; step++)
        {
            if (step == 0)
                clock.Restart();
            var first = (step + WarmUpSteps) * options.BatchSize % Users;
            var at = Cpu();
            training.Sample(order, first, options.BatchSize, stream: (step + WarmUpSteps) * (long)options.BatchSize);
            var sampled = Cpu();
            training.Gradient(options.BatchSize);
            var done = Cpu();
            training.Step();
            var end = Cpu();
            if (step < 0)
                continue;
            (sample, gradient, update, cpu) = (sample + (sampled - at), gradient + (done - sampled), update + (end - done), cpu + (end - at));
            steps++;
        }
        var wall = clock.Elapsed;
        Console.WriteLine(FormattableString.Invariant(
            $"| {items} | {(sampling == NegativeSampling.Full ? "all" : $"{options.NumberOfNegatives} drawn")} | {threads} | {PerStep(wall)} | {PerStep(cpu)} | {PerStep(sample)} | {PerStep(gradient)} | {PerStep(update)} | {megabytes} |"));

        string PerStep(TimeSpan time) => FormattableString.Invariant($"{time.TotalMilliseconds / steps:F1}");
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;

    /// <summary>61 items per user, popularity falling with the index by a power law, so that all items take part.</summary>
    private static Interactions Data(int items)
    {
        var random = new Random(3);
        var (users, taken) = (new List<int>(), new List<int>());
        for (int user = 0; user < Users; user++)
        {
            var own = new HashSet<int> { (int)((long)user * items / Users) };
            while (own.Count < HistoryLength + 1)
                own.Add((int)(items * Math.Pow(random.NextDouble(), 3)));
            users.AddRange(Enumerable.Repeat(user, own.Count));
            taken.AddRange(own);
        }
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(items), [.. users], [.. taken]);
    }
}
