using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

[Collection(RunsAlone.Name)]
public sealed class WalsCancellationTests
{
    [Fact]
    public void Fit_CancelledAtRandomMoments_ThrowsAndLeavesNothingBehind()
    {
        var random = new Random(5);
        var trainers = new MLContext().Recommenders().Trainers;
        var data = new WalsProblem(random, 60, 50, 0.2, new WalsTrainer.Options()).Data;
        // A first fit compiles the code.
        trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 1 }).Fit(data);
        var threads = Process.GetCurrentProcess().Threads.Count;
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        for (int run = 0; run < 400; run++)
        {
            using var source = new CancellationTokenSource();
            var options = new WalsTrainer.Options
            {
                ApproximationRank = 8,
                NumberOfIterations = 10_000,
                NumberOfThreads = 2,
                Solver = run % 2 == 0 ? WalsSolver.Cholesky : WalsSolver.ConjugateGradient,
                CancellationToken = source.Token,
            };
            // By a thread that waits for 0…3 ms: timers are coarser.
            var wait = TimeSpan.FromMicroseconds(random.Next(3000));
            var canceller = new Thread(() =>
            {
                var clock = Stopwatch.StartNew();
                while (clock.Elapsed < wait)
                    Thread.Yield();
                source.Cancel();
            });
            canceller.Start();
            Assert.ThrowsAny<OperationCanceledException>(() => trainers.Wals(options).Fit(data));
            canceller.Join();
        }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 8 << 20);
        Process.GetCurrentProcess().Refresh();
        Assert.InRange(Process.GetCurrentProcess().Threads.Count, 0, threads + 16);
    }
}
