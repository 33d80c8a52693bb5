using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.ML;
using MLNetRecExt;

namespace Cluster;

/// <summary>Starts workers on this machine, trains on them made-up interactions, and compares with a training in this process.</summary>
internal sealed class DemoCommand : Command
{
    private readonly MembershipOptions _membership = new();
    private readonly Option<int> _workers = new("--workers") { Description = "How many.", DefaultValueFactory = _ => 3 };
    private readonly Option<string[]> _kill = new("--kill")
    {
        Description = "WORKER@ITERATION: kills a worker, counted from 0, in the middle of an iteration. "
            + "Without Redis, 0 keeps the table of members.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<int> _entries = new("--entries") { Description = "Interactions.", DefaultValueFactory = _ => 5_000_000 };
    private readonly Option<int> _rank = new("--rank") { Description = "Numbers of an embedding.", DefaultValueFactory = _ => 64 };
    private readonly Option<int> _iterations = new("--iterations") { Description = "Sweeps over all.", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads of each worker.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _checkpoint = new("--checkpoint-every")
    {
        Description = "Iterations from one checkpoint to the next.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int?> _cancel = new("--cancel")
    {
        Description = "ITERATION: first cancels a training in the middle of this iteration, and looks at what workers still hold of it.",
    };

    private readonly Option<bool> _pin = new("--pin") { Description = "Gives each worker a core of its own, by taskset." };

    public DemoCommand()
        : base("demo", "Starts workers here, trains on them, and compares with one process.")
    {
        _membership.AddTo(this);
        foreach (var option in new Option[] { _workers, _kill, _entries, _rank, _iterations, _threads, _checkpoint, _cancel, _pin })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var root = Directory.CreateTempSubdirectory("cluster");
        var ports = FreePorts(arguments.GetValue(_workers));
        var workers = new List<DemoWorker>();
        try
        {
            var recommenders = new MLContext(1).Recommenders();
            var data = Orders(recommenders, arguments.GetValue(_entries));
            Console.WriteLine($"{data}");
            var options = new WalsTrainer.Options
            {
                ApproximationRank = arguments.GetValue(_rank),
                NumberOfIterations = arguments.GetValue(_iterations),
                EarlyStoppingTolerance = 0,
                NumberOfThreads = arguments.GetValue(_workers) * arguments.GetValue(_threads),
                CancellationToken = cancellation,
            };
            var cpuHere = new CpuOfIterations();
            options.Progress = cpuHere;
            var clock = Stopwatch.StartNew();
            var alone = recommenders.Trainers.Wals(options).Fit(data);
            Console.WriteLine(FormattableString.Invariant($"one process: {clock.Elapsed.TotalSeconds:F1} s in all"));
            options.Progress = null;

            for (int worker = 0; worker < ports.Length; worker++)
                workers.Add(await DemoWorker.StartAsync(
                    arguments.GetValue(_pin) ? worker : null, OfWorker(arguments, root.FullName, ports, worker)));
            await using var connection = await ClusterConnection.OpenAsync(_membership.Of(arguments, ports), cancellation);
            var killer = new Killer(workers, arguments.GetValue(_kill)!);
            var table = new SweepTable(() => Cpu(workers)) { Reported = killer.Look };
            var trainer = recommenders.Trainers.Wals(options).On(connection.Client, new() { CheckpointEvery = arguments.GetValue(_checkpoint) });
            if (arguments.GetValue(_cancel) is { } iteration)
                await CancelledTraining.RunAsync(trainer, data, iteration, workers, cancellation);
            clock.Restart();
            var together = await trainer.FitAsync(data, table, cancellation);
            Console.WriteLine(FormattableString.Invariant($"{workers.Count} workers: {clock.Elapsed.TotalSeconds:F1} s in all"));
            for (int worker = 0; worker < workers.Count; worker++)
                Console.WriteLine(FormattableString.Invariant(
                    $"worker {worker}: {workers[worker].CpuSeconds:F1} CPU s, at most {workers[worker].PeakMegabytes:F0} MB"));
            var (here, there) = (Later(cpuHere.Seconds), Later(table.CpuSeconds));
            Console.WriteLine(FormattableString.Invariant(
                $"CPU s of an iteration, mean from the sixth on: one process {here:F3}, the workers {there:F3}, {there / here:F2} times"));
            return Compare(Digest(alone), Digest(together));
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
            root.Delete(recursive: true);
        }
    }

    private static int Compare(string alone, string together)
    {
        Console.WriteLine($"SHA-256 of the model, one process: {alone}");
        Console.WriteLine($"SHA-256 of the model, the workers: {together}");
        Console.WriteLine(alone == together ? "They are the same." : "They differ.");
        return alone == together ? 0 : 1;
    }

    private List<string> OfWorker(ParseResult arguments, string root, int[] ports, int worker) =>
    [
        "--root", root, "--index", $"{worker}", "--threads", $"{arguments.GetValue(_threads)}",
        "--ports", .. ports.Select(port => $"{port}"), .. _membership.Again(arguments),
    ];

    /// <summary>Users take from 20 items on, popular ones first of all.</summary>
    private static Interactions Orders(RecommendersCatalog recommenders, int entries)
    {
        int users = Math.Max(100, entries / 100), items = Math.Max(50, entries / 250);
        return recommenders.Data.ReadInteractions(Rows(), row => row.User, row => row.Item);

        IEnumerable<(int User, int Item)> Rows()
        {
            var random = new Random(1);
            for (int row = 0; row < entries; row++)
                yield return ((int)(users * Math.Pow(random.NextDouble(), 1.5)), (int)(items * Math.Pow(random.NextDouble(), 2)));
        }
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }

    private static double Cpu(List<DemoWorker> workers)
    {
        workers.ForEach(worker => worker.Refresh());
        return workers.Sum(worker => worker.CpuSeconds);
    }

    private static double Later(List<double> seconds) => seconds.Skip(Math.Min(5, seconds.Count / 2)).DefaultIfEmpty(double.NaN).Average();

    private static string Digest(WalsModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream, new() { Times = false });
        return Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()));
    }

    /// <summary>What this process uses for each iteration.</summary>
    private sealed class CpuOfIterations : IProgress<TrainingProgress>
    {
        private TimeSpan _before;

        public List<double> Seconds { get; } = [];

        public void Report(TrainingProgress value)
        {
            var used = Environment.CpuUsage.TotalTime;
            Seconds.Add((used - _before).TotalSeconds);
            _before = used;
        }
    }

    /// <summary>Kills workers when their time has come.</summary>
    private sealed class Killer(List<DemoWorker> workers, string[] orders)
    {
        private readonly List<(int Worker, int Iteration)> _left = [.. orders.Select(order => order.Split('@')).Select(parts => (
            int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture)))];

        public void Look(ClusterProgress progress)
        {
            // Short iterations pass between two reports.
            foreach (var order in _left.Where(order =>
                progress.Iteration >= order.Iteration || progress.Iteration == order.Iteration - 1 && progress.StepShare > 0.2).ToArray())
            {
                workers[order.Worker].Kill();
                var seconds = progress.Elapsed.TotalSeconds;
                Console.WriteLine(FormattableString.Invariant(
                    $"{seconds,8:F1} s  worker {order.Worker} is killed, in iteration {progress.Iteration + 1}: {progress.Step}"));
                _left.Remove(order);
            }
        }
    }
}
