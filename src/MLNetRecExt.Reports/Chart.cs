using System.Globalization;
using System.Net;
using System.Text.Json;

namespace MLNetRecExt.Reports;

/// <summary>A chart that the reader's browser draws; of several views, the reader chooses one.</summary>
/// <param name="Label">What it shows, for who cannot see it.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Views">At least one.</param>
internal sealed record Chart(string Label, int Height, params IReadOnlyList<ChartView> Views)
{
    private const int Colors = 8;

    // The encoder of System.Text.Json leaves nothing that could end a script.
    private static readonly JsonSerializerOptions Json = new() { Converters = { new FiniteNumberConverter() } };

    /// <summary>The color of the n-th of several.</summary>
    public static string Color(int index) => string.Create(CultureInfo.InvariantCulture, $"--c{index % Colors}");

    /// <summary>Text of users: Plotly takes tags in texts for formatting.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    public void Write(HtmlWriter html)
    {
        html.Element("figure", () =>
        {
            html.Element("div", "", ("class", "chart"), ("role", "img"), ("aria-label", Label),
                ("style", string.Create(CultureInfo.InvariantCulture, $"height:{Height}px")));
            html.Element("script", () => html.Raw(JsonSerializer.Serialize(Views, Json)), ("type", "application/json"));
        });
    }
}
