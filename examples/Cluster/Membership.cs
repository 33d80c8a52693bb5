using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Cluster;

/// <summary>How processes of the cluster find each other, and prove that they belong to it.</summary>
/// <param name="Redis">Where the table of members is, host:port; null: in the memory of one worker of this machine.</param>
/// <param name="Ports">By worker of this machine its port; 100 above is that for clients. Worker 0 keeps the table where there is no
/// Redis.</param>
internal sealed record Membership(string? Redis, int[] Ports)
{
    private const int ClientPorts = 100;
    private const string Name = "mlnetrecext";

    /// <summary>The address by which others reach this machine; null: loopback.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>A PKCS#12 file of the self-signed certificate that all members share, with its key; null: no encryption.</summary>
    public string? Certificate { get; init; }

    /// <summary>Seconds from one probe of a worker to the next; null: Orleans' own settings, with which a loss is noticed after ten to
    /// twenty.</summary>
    public double? Probe { get; init; }

    /// <summary>Joins as a worker.</summary>
    public void Configure(ISiloBuilder silo, int worker)
    {
        var port = Ports[worker];
        if (Redis is null)
            silo.UseLocalhostClustering(port, port + ClientPorts, new(IPAddress.Loopback, Ports[0]), Name, Name);
        else
            silo.UseRedisClustering(Redis).Configure<ClusterOptions>(Named).ConfigureEndpoints(
                Address ?? IPAddress.Loopback, port, port + ClientPorts, listenOnAnyHostAddress: Address is not null);
        if (Probe is { } seconds)
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(seconds);
                options.NumMissedProbesLimit = 2;
                options.NumVotesForDeathDeclaration = 1;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(5 * seconds);
            });
        if (Certificate is not null)
            silo.UseMutualTls(Load(), Load());
    }

    /// <summary>Joins as a client.</summary>
    public void Configure(IClientBuilder client)
    {
        if (Redis is null)
            client.UseLocalhostClustering([.. Ports.Select(port => port + ClientPorts)], Name, Name);
        else
            client.UseRedisClustering(Redis).Configure<ClusterOptions>(Named);
        if (Certificate is not null)
            client.UseMutualTls(Load(), Load());
    }

    private static void Named(ClusterOptions options) => options.ClusterId = options.ServiceId = Name;

    // Self-signed, it is its own authority.
    private X509Certificate2 Load() => X509CertificateLoader.LoadPkcs12FromFile(Certificate!, password: null);
}
