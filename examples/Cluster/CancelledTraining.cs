using System.Diagnostics;
using MLNetRecExt;

namespace Cluster;

/// <summary>A training that is cancelled in the middle of an iteration: what workers still hold of it afterwards.</summary>
internal static class CancelledTraining
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(ClusterTrainer trainer, Interactions data, int iteration, List<DemoWorker> workers, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var clock = new Stopwatch();
        var idle = Megabytes(workers);
        double[] training = [];
        var table = new SweepTable
        {
            Reported = progress =>
            {
                if (clock.IsRunning || progress.Iteration < iteration - 1 || progress.StepShare < 0.2)
                    return;
                training = Megabytes(workers);
                clock.Start();
                stop.Cancel();
            },
        };
        try
        {
            await trainer.FitAsync(data, table, stop.Token);
            throw new InvalidOperationException($"Training had ended before iteration {iteration} was seen: take more interactions.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Console.WriteLine(FormattableString.Invariant($"cancelled in iteration {iteration}, {clock.Elapsed.TotalSeconds:F2} s after asking"));
        }
        await Task.Delay(Rest, cancellation);
        var after = Megabytes(workers);
        for (int worker = 0; worker < workers.Count; worker++)
            Console.WriteLine(FormattableString.Invariant(
                $"worker {worker}: {idle[worker]:F0} MB before, {training[worker]:F0} while training, {after[worker]:F0} ten seconds later"));
    }

    private static double[] Megabytes(List<DemoWorker> workers)
    {
        workers.ForEach(worker => worker.Refresh());
        return [.. workers.Select(worker => worker.Megabytes)];
    }
}
