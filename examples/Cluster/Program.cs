using System.CommandLine;
using Cluster;

var root = new RootCommand("Trains Wals on several machines, or on several processes of this one.")
{
    new WorkerCommand(), new TrainCommand(), new DemoCommand(),
};
return await root.Parse(args).InvokeAsync();
