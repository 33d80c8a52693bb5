using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>How fast rows of factors go from a silo to another over loopback, in chunks of a megabyte as in a training, and what both ends
/// take of the processor and of the collected heap; plain and by mutual TLS.</summary>
internal static class WireBenchmark
{
    private const string Job = "wire";
    private const int Users = 200_000, Items = 1_000, Rank = 256, Epoch = 1, WarmUp = 10, Rounds = 40;

    public static async Task<int> RunAsync()
    {
        Console.WriteLine("| connection | GB | GB/s | CPU s per GB, both ends | allocated, GB per GB |");
        Console.WriteLine("|---|---|---|---|---|");
        using var certificate = SelfSigned();
        foreach (var secure in new[] { null, certificate })
        {
            var root = Directory.CreateTempSubdirectory("wire").FullName;
            var ports = FreePorts(4);
            using var first = await StartAsync(root, ports[0], ports[1], ports[0], secure);
            using var second = await StartAsync(root, ports[2], ports[3], ports[0], secure);
            await MeasureAsync(secure is null ? "plain" : "mutual TLS", Written(root), first, second);
            await second.StopAsync();
            await first.StopAsync();
            Directory.Delete(root, recursive: true);
        }
        return 0;
    }

    private static async Task MeasureAsync(string connection, WalsJobSpec spec, IHost first, IHost second)
    {
        string[] silos = [Name(first), Name(second)];
        var sender = await LoadedAsync(spec, first, silos, share: 0);
        var receiver = await LoadedAsync(spec, second, silos, share: 1);
        second.Services.GetRequiredService<WorkerHost>().Set(Job, receiver);
        IWalsWorker[] peers = [first.Services.GetRequiredService<IGrainFactory>().GetGrain<IWalsWorker>(WorkerKey.Of(Job, silos[1]))];
        // What runs is compiled anew for some seconds.
        for (int round = 0; round < WarmUp; round++)
            await SendAsync(sender, peers);
        var (clock, cpu, allocated, bytes) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), 0L);
        for (int round = 0; round < Rounds; round++)
            bytes += await SendAsync(sender, peers);
        var gigabytes = bytes / 1e9;
        var rate = gigabytes / clock.Elapsed.TotalSeconds;
        var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / gigabytes;
        var taken = (GC.GetTotalAllocatedBytes() - allocated) / (double)bytes;
        Console.WriteLine(FormattableString.Invariant($"| {connection} | {gigabytes:F2} | {rate:F2} | {used:F2} | {taken:F3} |"));
        await sender.StopAsync();
        await receiver.StopAsync();
    }

    private static async Task<long> SendAsync(WalsWorker sender, IWalsWorker[] peers)
    {
        var range = sender.RangeOf(FactorPart.Users, share: 0);
        var outbox = new Outbox(
            range, sender.RowBytes(FactorPart.Users),
            (row, count) => new(Job, Epoch, share: 0, FactorPart.Users, row, count) { Source = sender }, peers, default);
        outbox.Add(range.First, range.End);
        await outbox.CompleteAsync();
        return outbox.Bytes;
    }

    /// <summary>A job's folder with interactions, of which there are few: rows are what matters here.</summary>
    private static WalsJobSpec Written(string root)
    {
        var data = new MLContext(1).Recommenders().Data.ReadInteractions(
            Enumerable.Range(0, 2 * Users), row => row / 2, row => row % Items);
        var settings = new WalsSettings(0.1f, 1, 0.05f, 0, 0, 0, 0, WalsTarget.One, UseBiases: false);
        var folder = JobStorage.FolderOf(root, Job);
        var squares = new AlternatingLeastSquares(data.ByUser, Items, settings, new(WalsSolver.ConjugateGradient, Rank, Seed: 1, Threads: 1));
        JobData.Write(JobData.FolderOf(folder), squares, default);
        return new(
            folder, JobData.FolderOf(folder), Users, Items, data.LongCount, settings, WalsSolver.ConjugateGradient, Rank, Seed: 1)
        {
            Iterations = 1,
        };
    }

    private static async Task<WalsWorker> LoadedAsync(WalsJobSpec spec, IHost silo, string[] silos, int share)
    {
        var done = new TaskCompletionSource<StepReport>();
        var worker = new WalsWorker(
            Job, Epoch, new(spec.ToJson(), share, silos, 0), silo.Services.GetRequiredService<WorkerHost>(),
            silo.Services.GetRequiredService<IGrainFactory>());
        worker.Begin(WalsStep.Load, 0, report =>
        {
            done.SetResult(report);
            return Task.CompletedTask;
        });
        return (await done.Task).Failure is { } failure ? throw new InvalidOperationException(failure) : worker;
    }

    private static async Task<IHost> StartAsync(string root, int port, int gateway, int primary, X509Certificate2? certificate)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port, gateway, new(IPAddress.Loopback, primary)).AddMLNetRecExt(options => options.Roots.Add(root));
            if (certificate is not null)
                silo.UseMutualTls(certificate, certificate);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static string Name(IHost silo) => silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=wire", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }
}
