namespace MLNetRecExt.Fuzz;

/// <summary>The campaigns by name.</summary>
internal static class Campaigns
{
    private static readonly Dictionary<string, (Func<ICampaign> Make, int Count, int BatchSize)> All = new()
    {
        ["files"] = (() => new FilesCampaign(), 100_000, 50_000),
        ["hostile"] = (() => new HostileCampaign(), 100_000, 20_000),
        ["options"] = (() => new OptionsCampaign(), 5_000, 1_000),
        ["csv"] = (() => new CsvCampaign(), 5_000, 2_000),
        ["onnx"] = (() => new OnnxCampaign(), 2_000, 1_000),
        ["logs"] = (() => new LogsCampaign(), 2_000, 1_000),
        ["threads"] = (() => new ThreadsCampaign(), 2_000, 1_000),
        ["faults"] = (() => new FaultsCampaign(), 300, 100),
    };

    public static IEnumerable<string> Names => All.Keys;

    public static bool Has(string name) => name == BrokenCampaign.Name || All.ContainsKey(name);

    public static ICampaign Make(string name) => name == BrokenCampaign.Name ? new BrokenCampaign() : All[name].Make();

    /// <summary>How many inputs are tried where neither a number nor a time is given.</summary>
    public static int DefaultCount(string name) => All.GetValueOrDefault(name).Count;

    /// <summary>Inputs that one process tries, so that none grows old.</summary>
    public static int BatchSize(string name) => Math.Max(1, All.GetValueOrDefault(name).BatchSize);
}
