namespace MLNetRecExt.Reports.Sections;

/// <summary>Winner, margin and weak spot in sentences, and what to mind.</summary>
internal static class VerdictSection
{
    public static void Write(HtmlWriter html, RunRecord record)
    {
        if (record.Trainers.Count > 0)
            html.Element("dl", () => Tiles(html, record), ("class", "tiles"));
        foreach (var sentence in Verdict.Sentences(record))
            html.Element("p", sentence);
        if (record.Warnings.Count + record.LeftOut.Count == 0)
            return;
        html.Element("h3", "To mind");
        html.List(record.Warnings.Concat(record.LeftOut.Select(reason => "Left out: " + reason)));
    }

    private static void Tiles(HtmlWriter html, RunRecord record)
    {
        Tile(html, "Best", record.Best.Name);
        Tile(html, record.Metric, Figures.Metric(record.Best[record.Metric].Mean));
        foreach (var other in Verdict.Rivals(record))
            Tile(html, "Better than " + other.Name, Figures.Percent(Verdict.Gain(record, other)));
        Tile(html, "Users judged", Figures.Count(record.Data.TestUsers));
    }

    private static void Tile(HtmlWriter html, string name, string value) => html.Element("div", () =>
    {
        html.Element("dt", name);
        html.Element("dd", value);
    });
}
