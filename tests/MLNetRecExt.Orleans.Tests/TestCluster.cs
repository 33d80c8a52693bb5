using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace MLNetRecExt.Orleans.Tests;

/// <summary>Silos in this process, under a root of their own.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private TestCluster(InProcessTestCluster silos, string root) => (Silos, Root) = (silos, root);

    public InProcessTestCluster Silos { get; }

    public string Root { get; }

    public IClusterClient Client => Silos.Client;

    /// <summary>Begins silos that look after each other often, so that loss is noticed soon.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="threads">Of each.</param>
    /// <param name="root">A folder that an earlier cluster has left; null: a new one.</param>
    /// <param name="calling">Called before each call of a grain that the cluster gets.</param>
    public static async Task<TestCluster> Of(
        int silos, int threads = 1, string? root = null, Func<TestCluster, IIncomingGrainCallContext, Task>? calling = null)
    {
        root ??= Directory.CreateTempSubdirectory("mlnetrecext").FullName;
        TestCluster? created = null;
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, silo) => silo
            .AddMLNetRecExt(options =>
            {
                options.Roots.Add(root);
                options.NumberOfThreads = threads;
            })
            .Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                options.NumMissedProbesLimit = 2;
                options.NumVotesForDeathDeclaration = 1;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            }));
        builder.ConfigureSilo((_, silo) => silo.AddIncomingGrainCallFilter(async context =>
        {
            if (calling is not null && created is not null)
                await calling(created, context);
            await context.Invoke();
        }));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return created = new(cluster, root);
    }

    /// <summary>Whether the root outlives the cluster.</summary>
    public bool KeepsRoot { get; set; }

    /// <summary>What each silo has under way.</summary>
    public IEnumerable<WorkerHost> Hosts =>
        Silos.Silos.Where(silo => silo.IsActive).Select(silo => Silos.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<WorkerHost>());

    /// <summary>Ends a silo at once, with all that is under way on it.</summary>
    public Task Kill(SiloAddress silo) => Silos.KillSiloAsync(Silos.GetSiloForAddress(silo)!);

    public async ValueTask DisposeAsync()
    {
        await Silos.DisposeAsync();
        if (!KeepsRoot)
            Directory.Delete(Root, recursive: true);
    }
}
