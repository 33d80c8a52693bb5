using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterTlsTests
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1), To = DateTimeOffset.UtcNow.AddDays(1);

    [Fact]
    public async Task UseMutualTls_TrainsForWhoeverHasACertificateAndForNobodyElse()
    {
        using var authority = Authority("ours");
        using var stranger = Authority("theirs");
        using X509Certificate2 silos = Signed(authority), mine = Signed(authority), foreign = Signed(stranger);
        var root = Directory.CreateTempSubdirectory("mlnetrecext").FullName;
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSilo((_, silo) => silo.UseMutualTls(silos, authority).AddMLNetRecExt(options => options.Roots.Add(root)));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();

        var options = new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 2 };
        using (var host = await Connect(cluster, client => client.UseMutualTls(mine, authority)))
        {
            var model = Shop.Trainers.Wals(options).On(host.Services.GetRequiredService<IClusterClient>()).Fit(Shop.Orders());
            Assert.Equal(Shop.File(Shop.Trainers.Wals(options).Fit(Shop.Orders())), Shop.File(model));
        }
        await Assert.ThrowsAnyAsync<Exception>(() => Connect(cluster, client => client.UseMutualTls(foreign, authority)));
        await Assert.ThrowsAnyAsync<Exception>(() => Connect(cluster, client => client.UseTls(tls => tls.AllowAnyRemoteCertificate())));
        await Assert.ThrowsAnyAsync<Exception>(() => Connect(cluster, client => { }));
        Directory.Delete(root, recursive: true);
    }

    private static async Task<IHost> Connect(InProcessTestCluster cluster, Action<IClientBuilder> secure)
    {
        var host = new HostBuilder().UseOrleansClient(client =>
        {
            client.UseStaticClustering(cluster.Silos[0].GatewayAddress.Endpoint)
                .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Options.ClusterId, cluster.Options.ServiceId))
                .Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(3))
                .Configure<ConnectionOptions>(options => options.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
            secure(client);
        }).Build();
        try
        {
            await host.StartAsync(new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token);
            await host.Services.GetRequiredService<IClusterClient>().GetGrain<IWalsJob>("greeting").GetRoot();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(From, To);
    }

    private static X509Certificate2 Signed(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=worker", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var signed = request.Create(authority, From, To, RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pkcs12), null);
    }
}
