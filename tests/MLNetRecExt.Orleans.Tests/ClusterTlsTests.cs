using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

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
        var ports = FreePorts(4);
        using var first = await Start(ports[0], ports[1], ports[0]);
        using var second = await Start(ports[2], ports[3], ports[0]);

        var options = new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 2 };
        using (var host = await Connect(ports[1], client => client.UseMutualTls(mine, authority)))
        {
            var trainer = Shop.Trainers.Wals(options).On(host.Services.GetRequiredService<IClusterClient>(), new() { MinWorkers = 2 });
            Assert.Equal(Shop.File(Shop.Trainers.Wals(options).Fit(Shop.Orders())), Shop.File(trainer.Fit(Shop.Orders())));
        }
        Action<IClientBuilder>[] refused =
        [
            client => client.UseMutualTls(foreign, authority),
            client => client.UseTls(tls => tls.AllowAnyRemoteCertificate()),
            client => { },
        ];
        await Task.WhenAll(refused.Select(secure => Assert.ThrowsAnyAsync<Exception>(() => Connect(ports[1], secure))));
        Directory.Delete(root, recursive: true);

        async Task<IHost> Start(int silo, int gateway, int primary)
        {
            var host = new HostBuilder().UseOrleans(builder => builder
                .UseLocalhostClustering(silo, gateway, new(IPAddress.Loopback, primary))
                .UseMutualTls(silos, authority)
                .AddMLNetRecExt(options => options.Roots.Add(root))).Build();
            await host.StartAsync();
            return host;
        }
    }

    private static async Task<IHost> Connect(int gateway, Action<IClientBuilder> secure)
    {
        var host = new HostBuilder().UseOrleansClient(client =>
        {
            client.UseLocalhostClustering(gateway)
                .Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
            secure(client);
        }).Build();
        try
        {
            await host.StartAsync(new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
            listener.Start();
        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners)
            listener.Dispose();
        return ports;
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
