using System.Reflection;

namespace MLNetRecExt.Reports;

/// <summary>Texts that go into every report.</summary>
internal static class Resources
{
    public static string Style { get; } = Read(typeof(Resources).Assembly, "report.css");

    public static string Script { get; } = Read(typeof(Resources).Assembly, "report.js");

    /// <summary>The library that draws: Plotly.NET has it in its assembly.</summary>
    public static string Plotly { get; } = Read(typeof(global::Plotly.NET.GenericChart).Assembly, ".min.js");

    private static string Read(Assembly assembly, string end)
    {
        var name = assembly.GetManifestResourceNames().Single(name => name.EndsWith(end, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
