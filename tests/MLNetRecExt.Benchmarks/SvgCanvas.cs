using System.Globalization;
using System.Net;
using System.Text;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Text, bars and lines on a sheet of paper, as SVG. The sheet has a background of its own, so that it can be read on a page of any colour,
/// and follows the reader's choice of light or dark. Styles are classes of <see cref="Style"/>.
/// </summary>
/// <param name="width">Width of the sheet in units of which a letter is 16 high.</param>
internal sealed class SvgCanvas(int width)
{
    private const string Style = """
        .bold{font-weight:600} .small{font-size:14px} .right{text-anchor:end} .mark{stroke-width:1.5}
        .paper{fill:#fff} .ink{fill:#1f2328} .soft{fill:#59636e} .own{fill:#2f6fd0} .other{fill:#b4bcc6} .mark{stroke:#1f2328}
        @media (prefers-color-scheme:dark){
        .paper{fill:#0d1117} .ink{fill:#e6edf3} .soft{fill:#9aa4af} .own{fill:#4c8df0} .other{fill:#5b646e} .mark{stroke:#e6edf3}
        }
        """;

    private readonly StringBuilder _shapes = new();

    public void Text(double x, double y, string style, string text) =>
        Append($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" class=\"{style}\">{WebUtility.HtmlEncode(text)}</text>");

    public void Bar(double x, double y, double length, double height, string style) =>
        Append($"<rect x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{length:0.#}\" height=\"{height:0.#}\" rx=\"2\" class=\"{style}\"/>");

    public void Line(double x1, double y1, double x2, double y2) =>
        Append($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"mark\"/>");

    /// <summary>The whole picture.</summary>
    /// <param name="height">Height of the sheet.</param>
    /// <param name="description">What is read out to those who do not see it.</param>
    public string Finish(int height, string description) => string.Create(CultureInfo.InvariantCulture, $"""
        <svg xmlns="http://www.w3.org/2000/svg" width="{width}" viewBox="0 0 {width} {height}" role="img"
        font-family="system-ui,sans-serif" font-size="16">
        <title>{WebUtility.HtmlEncode(description)}</title>
        <style>{Style}</style>
        <rect width="{width}" height="{height}" rx="8" class="paper"/>
        {_shapes}</svg>

        """).ReplaceLineEndings("\n");

    private void Append(FormattableString shape) => _shapes.Append(shape.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
