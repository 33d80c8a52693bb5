namespace MLNetRecExt.Reports.Sections;

/// <summary>Quality by how much is known of a user, and by how popular the item is that was held out.</summary>
internal static class GroupsSection
{
    private const int Height = 360;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        html.Element("h3", "By what is known of the user");
        var groups = ActivityGroup.Of(record.Data);
        if (groups.Count == 0 || record.Trainers.Count == 0)
            html.Note("No user was judged.");
        else
            Show(html, record.Trainers, new($"{record.Metric} by how many items the user has in training", record.Metric,
                "Items in training", [.. groups.Select(group => group.Range)],
                trainer => [.. groups.Select(group => group.Mean(trainer))], Figures.Metric));

        html.Element("h3", "By the popularity of the item");
        var listing = record.Trainers.Where(trainer => trainer.RecallByPopularity.Count > 0).ToArray();
        if (listing.Length == 0)
            html.Note("There are no lists here: labels are predicted.");
        else
            Show(html, listing, new("Share of the held-out pairs that lists find, by tenth of the items", "Share found", Tenths.Axis,
                [.. Enumerable.Range(0, Tenths.Count).Select(Tenths.Label)], trainer => trainer.RecallByPopularity, Figures.Percent));
    }

    private static void Show(HtmlWriter html, IReadOnlyList<RunTrainer> trainers, Grouping grouping)
    {
        new Chart(grouping.Title, Height, new ChartView("", [.. trainers.Select((trainer, place) => new
        {
            type = "scatter",
            mode = "lines+markers",
            name = Chart.Text(trainer.Name),
            x = grouping.Labels,
            y = grouping.Of(trainer),
            line = new { color = Chart.Color(place), width = place == 0 ? 3 : 1.5 },
            marker = new { color = Chart.Color(place), symbol = place },
        })], new
        {
            xaxis = new { title = new { text = grouping.X }, type = "category" },
            yaxis = new { title = new { text = grouping.Y }, type = "linear" },
        })).Write(html);
        html.Details("As a table", () => html.Table(grouping.Title, ["Trainer", .. grouping.Labels],
            trainers.Select(trainer => (string[])[trainer.Name, .. grouping.Of(trainer).Select(grouping.Format)])));
    }

    private sealed record Grouping(
        string Title, string Y, string X, string[] Labels, Func<RunTrainer, IReadOnlyList<double>> Of, Func<double, string> Format);
}
