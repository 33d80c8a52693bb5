using System.Net;

namespace MLNetRecExt.Reports;

/// <summary>Writes HTML. Texts and attributes are encoded, and what is opened is closed.</summary>
internal sealed class HtmlWriter(TextWriter writer)
{
    public void Element(string tag, Action content, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        content();
        writer.Write($"</{tag}>\n");
    }

    public void Element(string tag, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Start(tag, attributes);
        Text(text);
        writer.Write($"</{tag}>\n");
    }

    public void Text(string text) => writer.Write(WebUtility.HtmlEncode(text));

    /// <summary>What is HTML already, or goes into a script or style.</summary>
    public void Raw(string html) => writer.Write(html);

    /// <summary>A paragraph beside the matter.</summary>
    public void Note(string text) => Element("p", text, ("class", "note"));

    public void Details(string summary, Action content) => Element("details", () =>
    {
        Element("summary", summary);
        content();
    });

    public void List(IEnumerable<string> entries) => Element("ul", () =>
    {
        foreach (var entry in entries)
            Element("li", entry);
    });

    /// <summary>A table whose first cell of each row is the row's heading.</summary>
    public void Table(string caption, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) => Table(caption, header, () =>
    {
        foreach (var row in rows)
            Element("tr", () =>
            {
                Element("th", row[0], ("scope", "row"));
                foreach (var cell in row.Skip(1))
                    Element("td", cell);
            });
    });

    /// <summary>A table whose rows are written by <paramref name="rows"/>. One that is too wide is moved by itself, also by keys.</summary>
    public void Table(string caption, IReadOnlyList<string> header, Action rows) =>
        Element("div", () => Element("table", () =>
        {
            Element("caption", caption);
            Element("thead", () => Element("tr", () =>
            {
                foreach (var cell in header)
                    Element("th", cell, ("scope", "col"));
            }));
            Element("tbody", rows);
        }), ("class", "table"), ("role", "group"), ("tabindex", "0"), ("aria-label", caption));

    private void Start(string tag, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        writer.Write($"<{tag}");
        foreach (var (name, value) in attributes)
            writer.Write($" {name}=\"{WebUtility.HtmlEncode(value)}\"");
        writer.Write('>');
    }
}
