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
    public static async Task<TestCluster> Of(int silos, int threads = 1)
    {
        var root = Directory.CreateTempSubdirectory("mlnetrecext").FullName;
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
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(cluster, root);
    }

    public async ValueTask DisposeAsync()
    {
        await Silos.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}
