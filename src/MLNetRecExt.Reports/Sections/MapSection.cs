namespace MLNetRecExt.Reports.Sections;

/// <summary>Where items lie in the space of embeddings.</summary>
internal static class MapSection
{
    private const int Height = 520, Colored = 7, Listed = 100;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        var mapped = record.Trainers.Where(trainer => trainer.Map is { Items.Count: > 0 }).ToArray();
        if (mapped.Length == 0)
        {
            html.Note("No trainer here has embeddings.");
            return;
        }
        html.Element("p", "The most popular items by the first two principal components of their embeddings: what lies together goes to "
            + "the same users. A title shows under the pointer; drag to zoom, double-click to go back.");
        foreach (var trainer in mapped)
            if (trainer.Metrics.FirstOrDefault(metric => metric.Name == "Folding") is { } folding)
                html.Note($"{trainer.Name}: Folding {Figures.Metric(folding.Mean)}, by how much scores of random items exceed how related "
                    + "they are to the user. Near 0, what is unrelated lies apart.");
        new Chart("Items in two dimensions, colored by group", Height, [.. mapped.Select(trainer => View(trainer.Name, trainer.Map!))])
            .Write(html);
        foreach (var trainer in mapped)
            html.Details($"{trainer.Name} as a table", () => Table(html, trainer.Name, trainer.Map!));
    }

    private static void Table(HtmlWriter html, string name, RunMap map) => html.Table(
        $"The {Listed} most popular items on the map of {name}",
        ["Item", "Group", "First component", "Second component"],
        Enumerable.Range(0, Math.Min(Listed, map.Items.Count)).Select(item => (string[])
        [
            map.Items[item], map.Groups.Count == 0 ? Figures.None : map.Groups[item],
            Figures.Short(map.X[item]), Figures.Short(map.Y[item]),
        ]));

    private static ChartView View(string name, RunMap map)
    {
        var groups = map.Groups.Count == 0 ? Enumerable.Repeat("", map.Items.Count).ToArray() : map.Groups.ToArray();
        var large = groups.Where(group => group.Length > 0).CountBy(group => group)
            .OrderByDescending(group => group.Value).ThenBy(group => group.Key).Take(Colored).Select(group => group.Key).ToArray();
        // Those of no group, or a small one, come first and lie below.
        var traces = Enumerable.Range(0, groups.Length).GroupBy(item => Array.IndexOf(large, groups[item])).OrderBy(group => group.Key)
            .Select(group => new
            {
                type = "scatter",
                mode = "markers",
                name = group.Key < 0 ? "others" : Chart.Text(large[group.Key]),
                showlegend = large.Length > 0,
                x = group.Select(item => (double)map.X[item]),
                y = group.Select(item => (double)map.Y[item]),
                text = group.Select(item => Chart.Text(groups[item].Length > 0 ? $"{map.Items[item]} ({groups[item]})" : map.Items[item])),
                hovertemplate = "%{text}<extra></extra>",
                marker = new
                {
                    size = 6,
                    opacity = 0.75,
                    color = group.Key < 0 && large.Length > 0 ? "--faint-ink" : Chart.Color(Math.Max(0, group.Key)),
                },
            });
        return new(name, [.. traces], new
        {
            dragmode = "zoom",
            xaxis = new { type = "linear", showticklabels = false, fixedrange = false },
            yaxis = new { type = "linear", showticklabels = false, fixedrange = false },
        });
    }
}
