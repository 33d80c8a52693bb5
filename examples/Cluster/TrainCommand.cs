using System.CommandLine;
using Microsoft.ML;
using MLNetRecExt;

namespace Cluster;

/// <summary>Trains on the workers that are there, and saves the model.</summary>
internal sealed class TrainCommand : Command
{
    private readonly MembershipOptions _membership = new();
    private readonly Argument<string> _data = new("data")
    {
        Description = "A delimited file of users and items, or the folder of a store, which lies under the roots of the workers.",
    };

    private readonly Option<int[]> _ports = new("--ports")
    {
        Description = "Ports of the workers, where they are on this machine and there is no Redis.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [11111],
    };

    private readonly Option<int?> _rank = new("--rank") { Description = "Numbers of an embedding; else by the data." };
    private readonly Option<int> _workers = new("--min-workers") { Description = "Waits for these.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _job = new("--job")
    {
        Description = "A name: a training that was interrupted goes on where the same name is given again.",
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The model.",
        DefaultValueFactory = _ => "cluster.model",
    };

    public TrainCommand()
        : base("train", "Trains on the workers, and saves the model.")
    {
        _membership.AddTo(this);
        Add(_data);
        foreach (var option in new Option[] { _ports, _rank, _workers, _job, _output })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        await using var client = await ClusterConnection.OpenAsync(_membership.Of(arguments, arguments.GetValue(_ports)!), cancellation);
        var recommenders = new MLContext(1).Recommenders();
        var trainer = recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = arguments.GetValue(_rank) })
            .On(client.Client, new() { MinWorkers = arguments.GetValue(_workers), JobId = arguments.GetValue(_job) });
        var table = new SweepTable();
        var path = arguments.GetValue(_data)!;
        var model = Directory.Exists(path)
            ? await trainer.FitAsync(InteractionStore.Open(path), table, cancellation)
            : await trainer.FitAsync(recommenders.Data.ReadInteractions(path), table, cancellation);
        model.Save(arguments.GetValue(_output)!);
        Console.WriteLine($"{arguments.GetValue(_output)} is saved.");
        return 0;
    }
}
