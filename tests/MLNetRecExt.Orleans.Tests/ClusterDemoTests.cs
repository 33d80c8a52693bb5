using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MLNetRecExt.Orleans.Tests;

/// <summary>examples/Cluster with workers in processes of their own. It ends well only with the bytes of one process.</summary>
public sealed class ClusterDemoTests
{
    private static readonly string[] Small = ["--entries", "300000", "--rank", "32", "--iterations", "9", "--probe", "1"];

    [Fact]
    public void Demo_AWorkerIsKilled_GivesTheModelOfOneProcess()
    {
        var said = Demo("--workers", "3", "--kill", "1@3");
        Assert.Contains("worker 1 is killed", said);
        Assert.Contains("divided among 2 workers", said);
    }

    [RedisFact]
    public void Demo_RedisAndTlsAndTheFirstWorkerIsKilled_GivesTheModelOfOneProcess()
    {
        var certificate = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(certificate, SelfSigned());
            var said = Demo("--workers", "2", "--kill", "0@2", "--redis", RedisFactAttribute.Redis!, "--certificate", certificate);
            Assert.Contains("worker 0 is killed", said);
            Assert.Contains("divided among 1 workers", said);
        }
        finally
        {
            File.Delete(certificate);
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
        var program = Path.Combine(AppContext.BaseDirectory, "Cluster.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "demo", .. arguments, .. Small])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said + errors.Result);
        Assert.Contains("They are the same.", said);
        return said;
    }
}
