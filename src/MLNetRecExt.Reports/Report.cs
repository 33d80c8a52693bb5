using MLNetRecExt.Reports.Sections;

namespace MLNetRecExt.Reports;

/// <summary>The page: its sections in the order of a reader's questions.</summary>
internal static class Report
{
    public static IReadOnlyList<(string Id, string Title, Action<HtmlWriter, RunRecord> Write)> Sections { get; } =
    [
        ("verdict", "Verdict", VerdictSection.Write),
        ("leaderboard", "Leaderboard", LeaderboardSection.Write),
        ("wins", "Who beats whom", WinMatrixSection.Write),
        ("trade-offs", "Trade-offs", TradeOffSection.Write),
        ("groups", "Who pays for the mean", GroupsSection.Write),
        ("popularity", "Popularity of the lists", PopularitySection.Write),
        ("users", "Users and their lists", UsersSection.Write),
        ("map", "Map of the items", MapSection.Write),
        ("learning", "Learning curves", LearningSection.Write),
        ("tuning", "Tuning", TuningSection.Write),
        ("data", "Data", DataSection.Write),
        ("reproduce", "Options, versions, repetition", ReproduceSection.Write),
    ];

    public static void Write(TextWriter writer, RunRecord record)
    {
        var html = new HtmlWriter(writer);
        html.Raw("<!DOCTYPE html>\n");
        html.Element("html", () =>
        {
            html.Element("head", () => Head(html, record));
            html.Element("body", () => Body(html, record));
        }, ("lang", "en"));
    }

    private static string Title(RunRecord record) =>
        record.Trainers.Count == 0 ? "Experiment without a result" : $"{record.Best.Name} leads by {record.Metric}";

    private static void Head(HtmlWriter html, RunRecord record)
    {
        html.Raw("<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        // No request for an icon, also from a server.
        html.Raw("<link rel=\"icon\" href=\"data:,\"/>\n");
        html.Element("title", Title(record));
        html.Element("style", () => html.Raw(Resources.Style));
        // Before anything is shown: without JavaScript there is no room for charts.
        html.Element("script", () => html.Raw("document.documentElement.className = 'drawn';"));
    }

    private static void Body(HtmlWriter html, RunRecord record)
    {
        html.Element("a", "To the report", ("class", "skip"), ("href", "#main"));
        html.Element("header", () =>
        {
            html.Element("h1", Title(record));
            html.Element("p", $"{record.Caption} {Figures.Date(record.Started)}, split {record.Split}".Trim(), ("class", "lead"));
        });
        html.Element("nav", () => html.Element("ul", () =>
        {
            foreach (var (id, title, _) in Sections)
                html.Element("li", () => html.Element("a", title, ("href", "#" + id)));
        }), ("aria-label", "Sections"));
        html.Element("main", () =>
        {
            foreach (var (id, title, write) in Sections)
                html.Element("section", () =>
                {
                    html.Element("h2", title, ("id", id + "-title"));
                    write(html, record);
                }, ("id", id), ("aria-labelledby", id + "-title"));
        }, ("id", "main"), ("tabindex", "-1"));
        html.Element("footer", $"MLNetRecExt {record.Machine.LibraryVersion}. Charts are drawn by plotly.js.");
        html.Element("script", () => html.Raw(Resources.Plotly));
        html.Element("script", () => html.Raw(Resources.Script));
    }
}
