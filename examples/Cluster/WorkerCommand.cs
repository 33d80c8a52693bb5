using System.CommandLine;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster;

/// <summary>A silo that trains for whoever asks, until it is stopped.</summary>
internal sealed class WorkerCommand : Command
{
    /// <summary>What a worker prints once it can be asked.</summary>
    public const string Ready = "worker is ready";

    private readonly MembershipOptions _membership = new();
    private readonly Option<int[]> _ports = new("--ports")
    {
        Description = "Ports of the workers on this machine; clients use those 100 above.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [11111],
    };

    private readonly Option<int> _index = new("--index") { Description = "Which of them this is, from 0 on." };
    private readonly Option<string[]> _roots = new("--root")
    {
        Description = "Folder that all workers and clients see under the same path; nothing outside is opened.",
        Required = true,
    };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads that compute; else one less than there are cores." };
    private readonly Option<bool> _child = new("--child") { Description = "Stops when its standard input ends." };

    public WorkerCommand()
        : base("worker", "Trains for whoever asks.")
    {
        _membership.AddTo(this);
        foreach (var option in new Option[] { _ports, _index, _roots, _threads, _child })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(arguments.GetValue(_child) ? LogLevel.Critical : LogLevel.Warning);
        builder.UseOrleans(silo =>
        {
            _membership.Of(arguments, arguments.GetValue(_ports)!).Configure(silo, arguments.GetValue(_index));
            silo.AddMLNetRecExt(worker =>
            {
                foreach (var root in arguments.GetValue(_roots)!)
                    worker.Roots.Add(Path.GetFullPath(root));
                worker.NumberOfThreads = arguments.GetValue(_threads);
            });
        });
        using var host = builder.Build();
        await host.StartAsync(cancellation);
        Console.WriteLine(Ready);
        if (arguments.GetValue(_child))
        {
            await Console.In.ReadToEndAsync(cancellation);
            await host.StopAsync(cancellation);
        }
        await host.WaitForShutdownAsync(cancellation);
        return 0;
    }
}
