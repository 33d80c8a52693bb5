using System.Diagnostics;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Milliseconds per training step of a Softmax DNN: 512 examples, histories of 60 items, rank 64, layers 256, 128, 64.
/// Numbers of threads take turns within one run. Beside the step stands its traffic with tables alone: the same rows read, then read and written, without arithmetic.
/// </summary>
internal static class DnnBenchmark
{
    private const int Users = 8_192;
    private const int HistoryLength = 60;
    private const int BatchSize = 512;
    private const int BatchesPerPass = Users / BatchSize;
    private const double Seconds = 6;
    private const int Most = 2;

    // In the last cases the catalogue grows around the histories of the second: what others took lies between their items, and is drawn.
    private static readonly (int Items, int InHistories, NegativeSampling Sampling)[] Cases =
    [
        (26_744, 26_744, NegativeSampling.Full),
        (26_744, 26_744, NegativeSampling.Popularity),
        (200_000, 200_000, NegativeSampling.Popularity),
        (1_000_000, 1_000_000, NegativeSampling.Popularity),
        (4_000_000, 4_000_000, NegativeSampling.Popularity),
        (200_000, 26_744, NegativeSampling.Popularity),
        (1_000_000, 26_744, NegativeSampling.Popularity),
        (4_000_000, 26_744, NegativeSampling.Popularity),
    ];

    public static int Run(string[] args)
    {
        Console.WriteLine("| items | in histories | competing | threads | step, ms | CPU ms | gradient | update, drawing | rows moved | reading + moving rows alone | threads gain | alone | managed MB above the data |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (items, inHistories, sampling) in Cases)
            if (args.Length == 0 || args.Contains(items.ToString()))
                Measure(items, inHistories, sampling);
        Console.WriteLine(FormattableString.Invariant($"{Most} threads gain in fused multiply-adds on registers: {FmaPeak.Measure(Most) / FmaPeak.Measure(1):F2}"));
        return 0;
    }

    private static void Measure(int items, int inHistories, NegativeSampling sampling)
    {
        var data = Data(items, inHistories);
        var options = new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 64,
            RecencyHalfLife = 0,
            HiddenLayers = [256, 128],
            SkipConnection = false,
            Dropout = 0,
            ShareItemEmbeddings = false,
            Temperature = 0,
            BatchSize = BatchSize,
            // One label: the rest is history.
            LabelShare = 0,
            MaxHistoryLength = HistoryLength,
            NumberOfNegatives = 2_000,
            NumberOfThreads = Most,
        };
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var training = new SoftmaxDnnTraining(data, options, sampling);
        var megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        // The first touch of a page costs more than the step.
        training.Items.Momenta.Padded.Clear();
        training.Histories.Momenta.Padded.Clear();
        var order = Enumerable.Range(0, Users).ToArray();
        new Random(1).Shuffle(order);

        Times[] steps = [new(), new(), new()], bare = [new(), new(), new()];
        Sample(training, order, 0);
        for (int batch = 0; batch < 2 * BatchesPerPass; batch++)
            Step(training, order, batch, steps[0]);
        var clock = Stopwatch.StartNew();
        for (int batch = 0; clock.Elapsed.TotalSeconds < Seconds;)
            for (int threads = 1; threads <= Most; threads++)
            {
                training.NumberOfThreads = threads;
                Sample(training, order, batch);
                for (int i = 0; i < BatchesPerPass / 2; i++)
                    Step(training, order, batch++, steps[threads]);
                for (int i = 0; i < 4; i++)
                    Move(training, order, batch++, threads, bare[threads]);
            }
        for (int threads = 1; threads <= Most; threads++)
        {
            var (step, alone) = (steps[threads], bare[threads]);
            Console.WriteLine(FormattableString.Invariant(
                $"| {items} | {inHistories} | {(sampling == NegativeSampling.Full ? "all" : $"{options.NumberOfNegatives} drawn")} | {threads} | {step.Wall:F1} | {step.Gradient + step.Update:F1} | {step.Gradient:F1} | {step.Update:F1} | {step.Rows:F0} | {alone.Gradient:F1} + {alone.Update:F1} | {steps[1].Wall / step.Wall:F2} | {bare[1].Wall / alone.Wall:F2} | {megabytes} |"));
        }
    }

    private static void Sample(SoftmaxDnnTraining training, int[] order, int batch) => training.Sample(UsersOf(order, batch), Stream(batch));

    private static int[] UsersOf(int[] order, int batch) => order.AsSpan(batch % BatchesPerPass * BatchSize, BatchSize).ToArray();

    private static long Stream(int batch) => batch * (long)BatchSize;

    private static void Step(SoftmaxDnnTraining training, int[] order, int batch, Times times)
    {
        var (moved, next) = (training.Batch, UsersOf(order, batch + 1));
        var start = Times.Now();
        training.Gradient();
        var done = Times.Now();
        training.Step((next, Stream(batch + 1)));
        var end = Times.Now();
        times.Add(end.Wall - start.Wall, done.Cpu - start.Cpu, end.Cpu - done.Cpu, Rows(moved.ItemTerms) + Rows(moved.HistoryTerms));
    }

    private static int Rows(RowTerms gradient)
    {
        var rows = 0;
        for (int term = 0; term < gradient.Count; term = gradient.EndOfRow(term))
            rows++;
        return rows;
    }

    /// <summary>What a step does to memory: reads the vectors of histories and of items that compete, later reads and writes the touched rows with their mean gradients.</summary>
    private static void Move(SoftmaxDnnTraining training, int[] order, int batch, int threads, Times times)
    {
        Sample(training, order, batch);
        var (histories, pool) = (training.Batch.Examples.ToArray().SelectMany(example => example.History).ToArray(), training.Batch.Pool.ToArray());
        var start = Times.Now();
        RowTraffic.Read(training.Histories.Values, histories, threads);
        RowTraffic.Read(training.Items.Values, pool, threads);
        var read = Times.Now();
        training.Gradient();
        var (touchedItems, touchedHistories) = (Distinct(training.Batch.ItemTerms), Distinct(training.Batch.HistoryTerms));
        var between = Times.Now();
        RowTraffic.ReadAndWrite(training.Items, touchedItems, threads);
        RowTraffic.ReadAndWrite(training.Histories, touchedHistories, threads);
        var end = Times.Now();
        times.Add(read.Wall - start.Wall + end.Wall - between.Wall, read.Cpu - start.Cpu, end.Cpu - between.Cpu, touchedItems.Length + touchedHistories.Length);

        static int[] Distinct(RowTerms gradient) => [.. gradient.SortedRows.ToArray().Distinct()];
    }

    /// <summary>
    /// 61 items per user, popularity falling with the index by a power law, so that all items that are in histories take part. The others lie between them,
    /// and each is taken once, by users whom no batch has.
    /// </summary>
    private static Interactions Data(int items, int inHistories)
    {
        var random = new Random(3);
        var (users, taken) = (new List<int>(), new List<int>());
        for (int user = 0; user < Users; user++)
        {
            var own = new HashSet<int> { (int)((long)user * inHistories / Users) };
            while (own.Count < HistoryLength + 1)
                own.Add((int)(inHistories * Math.Pow(random.NextDouble(), 3)));
            users.AddRange(Enumerable.Repeat(user, own.Count));
            taken.AddRange(own.Select(Item));
        }
        if (inHistories < items)
        {
            int[] others = [.. Enumerable.Range(0, items).Except(Enumerable.Range(0, inHistories).Select(Item))];
            users.AddRange(others.Select((_, place) => Users + place / (HistoryLength + 1)));
            taken.AddRange(others);
        }
        return Interactions.Create(IdMap.FromKeys(users[^1] + 1), IdMap.FromKeys(items), [.. users], [.. taken]);

        int Item(int index) => (int)((long)index * items / inHistories);
    }

    /// <summary>Milliseconds of steps: of the clock, and of the processors by phase.</summary>
    private sealed class Times
    {
        private readonly List<double> _walls = [];
        private double _gradient, _update, _rows;

        /// <summary>Of the fastest tenth: with two threads a step waits for whatever else a core does.</summary>
        public double Wall => _walls.Order().Take((_walls.Count + 9) / 10).Average();

        public double Gradient => _gradient / _walls.Count;

        public double Update => _update / _walls.Count;

        public double Rows => _rows / _walls.Count;

        public static (TimeSpan Wall, TimeSpan Cpu) Now() => (Stopwatch.GetElapsedTime(0), Environment.CpuUsage.TotalTime);

        public void Add(TimeSpan wall, TimeSpan gradient, TimeSpan update, int rows)
        {
            _walls.Add(wall.TotalMilliseconds);
            _gradient += gradient.TotalMilliseconds;
            _update += update.TotalMilliseconds;
            _rows += rows;
        }
    }
}
