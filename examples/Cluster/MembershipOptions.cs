using System.CommandLine;
using System.Net;

namespace Cluster;

/// <summary>The options of <see cref="Membership"/>, which every command has.</summary>
internal sealed class MembershipOptions
{
    private readonly Option<string?> _redis = new("--redis") { Description = "Redis server with the table of members, host:port." };
    private readonly Option<string?> _address = new("--address") { Description = "By which others reach this machine; else loopback." };
    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "PKCS#12 file, without password, of a self-signed certificate and its key, which all members share; "
            + "whoever has another is refused.",
    };

    private readonly Option<double?> _probe = new("--probe")
    {
        Description = "Seconds from one probe of a worker to the next; else Orleans' own, by which a loss is noticed after ten to twenty.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _redis, _address, _certificate, _probe })
            command.Add(option);
    }

    /// <summary>The options that were given, for another process.</summary>
    public IEnumerable<string> Again(ParseResult arguments)
    {
        foreach (var option in new Option<string?>[] { _redis, _address, _certificate })
            if (arguments.GetValue(option) is { } value)
                yield return $"{option.Name}={value}";
        if (arguments.GetValue(_probe) is { } probe)
            yield return FormattableString.Invariant($"{_probe.Name}={probe}");
    }

    public Membership Of(ParseResult arguments, params int[] ports) => new(arguments.GetValue(_redis), ports)
    {
        Address = arguments.GetValue(_address) is { } address ? IPAddress.Parse(address) : null,
        Certificate = arguments.GetValue(_certificate),
        Probe = arguments.GetValue(_probe),
    };
}
