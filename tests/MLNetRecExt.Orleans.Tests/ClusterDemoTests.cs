using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MLNetRecExt.Orleans.Tests;

/// <summary>examples/Cluster with workers in processes of their own. The demo ends well only with the bytes of one process; without Redis
/// <c>.ci</c> runs it.</summary>
public sealed class ClusterDemoTests
{
    private static readonly string[] Small = ["--entries", "300000", "--rank", "32", "--iterations", "60", "--probe", "1"];

    [RedisFact]
    public void Demo_RedisAndTlsAndTheFirstWorkerIsKilled_GivesTheModelOfOneProcess()
    {
        var certificate = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(certificate, SelfSigned());
            var said = Demo("--workers", "2", "--cancel", "2", "--kill", "0@2", "--redis", RedisFactAttribute.Redis!, "--certificate", certificate);
            Assert.True(said.Contains("cancelled in iteration 2") && said.Contains("worker 0 is killed") && said.Contains("divided among 1 workers"), said);
        }
        finally
        {
            File.Delete(certificate);
        }
    }

    [RedisFact]
    public void Train_AWorkerInAnotherProcess_SavesTheModelOfTheStore()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var (certificate, store) = (Path.Combine(folder, "cluster.pfx"), Path.Combine(folder, "clicks.store"));
        var model = Path.Combine(folder, "model");
        File.WriteAllBytes(certificate, SelfSigned());
        var clicks = Shop.Ml.Recommenders().Data.ReadInteractions(
            Enumerable.Range(0, 900), row => row % 60, row => row * row % 41, options: new() { Store = new(store) });
        string[] members = ["--redis", RedisFactAttribute.Redis!, "--address", "127.0.0.1", "--certificate", certificate];
        using var worker = Start(["worker", .. members, "--root", folder, "--child"]);
        try
        {
            Assert.Equal("worker is ready", worker.StandardOutput.ReadLine());
            using var train = Start(["train", store, .. members, "-o", model]);
            var said = train.StandardOutput.ReadToEnd();
            train.WaitForExit();
            Assert.True(train.ExitCode == 0, said);
            var expected = Shop.Trainers.Wals(new()).Fit(clicks);
            Assert.Equal(Shop.File(expected), Shop.File(RecommenderModel.Load(model)));
        }
        finally
        {
            worker.StandardInput.Close();
            if (!worker.WaitForExit(TimeSpan.FromSeconds(30)))
                worker.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mlnetrecext", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.Export(X509ContentType.Pkcs12);
    }

    private static string Demo(params string[] arguments)
    {
        using var process = Start(["demo", .. arguments, .. Small]);
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        Assert.Contains("They are the same.", said);
        return said;
    }

    private static Process Start(string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Cluster.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
}
