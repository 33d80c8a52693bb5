using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Orleans.Hosting;

/// <summary>Connections that are encrypted, and refused to whoever has no certificate of the cluster's own authority.</summary>
public static class MutualTlsExtensions
{
    /// <summary>Lets this silo talk to silos and clients alone that an authority knows.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="certificate">Its own certificate, with the private key, for use by servers and clients.</param>
    /// <param name="authority">The certificate of the authority that signs those of all; no other counts, not even one that the machine
    /// trusts. A self-signed certificate that all share is its own.</param>
    /// <returns>The silo.</returns>
    public static ISiloBuilder UseMutualTls(this ISiloBuilder silo, X509Certificate2 certificate, X509Certificate2 authority) =>
        silo.UseTls(certificate, options => Require(options, certificate, authority));

    /// <summary>Lets this client talk to silos alone that an authority knows.</summary>
    /// <param name="client">The client.</param>
    /// <param name="certificate">Its own certificate, with the private key.</param>
    /// <param name="authority">The certificate of the authority that signs those of all; no other counts.</param>
    /// <returns>The client.</returns>
    public static IClientBuilder UseMutualTls(this IClientBuilder client, X509Certificate2 certificate, X509Certificate2 authority) =>
        client.UseTls(certificate, options => Require(options, certificate, authority));

    private static void Require(TlsOptions options, X509Certificate2 certificate, X509Certificate2 authority)
    {
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        // Silos have addresses, not names: what counts is who signed.
        options.RemoteCertificateValidation = (remote, _, _) => IsSigned(remote, authority);
        options.OnAuthenticateAsClient = (_, target) => target.TargetHost = certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false);
    }

    private static bool IsSigned(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
