namespace MLNetRecExt.Reports.Sections;

/// <summary>What lists show, against what the catalogue has and what users took.</summary>
internal static class PopularitySection
{
    private const int Height = 360;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        var trainers = record.Trainers.Where(trainer => trainer.ListPopularity.Count > 0).ToArray();
        if (trainers.Length == 0)
        {
            html.Note("There are no lists here: labels are predicted.");
            return;
        }
        html.Element("p", "Items stand in tenths by popularity in training. A trainer above the line of what was held out shows a tenth "
            + "more often than people take it.");
        (string Name, IReadOnlyList<double> Shares)[] lines =
        [
            ("held out", record.Data.TestPopularity), ("in training", Training(record.Data)),
            .. trainers.Select(trainer => (trainer.Name, trainer.ListPopularity)),
        ];
        new Chart("Share of the places in lists that each tenth of the items has", Height, new ChartView("",
        [
            .. lines.Select((line, place) => new
            {
                type = "scatter",
                mode = "lines+markers",
                name = Chart.Text(line.Name),
                x = line.Shares.Select((_, decile) => Tenths.Label(decile)),
                y = line.Shares,
                line = new
                {
                    color = place < 2 ? "--ink" : Chart.Color(place - 2),
                    dash = place == 0 ? "dash" : place == 1 ? "dot" : "solid",
                    width = place == 2 ? 3 : 1.5,
                },
                marker = new { color = place < 2 ? "--ink" : Chart.Color(place - 2), symbol = place },
            }),
        ], new
        {
            xaxis = new { title = new { text = Tenths.Axis }, type = "category" },
            yaxis = new { title = new { text = "Share of places" }, tickformat = ".0%", type = "linear" },
        })).Write(html);
        html.Details("As a table", () => html.Table("Share of places by tenth of the items",
            ["Lists", .. Enumerable.Range(0, Tenths.Count).Select(Tenths.Label)],
            lines.Select(line => (string[])[line.Name, .. line.Shares.Select(Figures.Percent)])));
    }

    /// <summary>The share of training interactions by tenth, from those of the most popular 1 %, 2 %, … of the items.</summary>
    private static double[] Training(RunData data)
    {
        var ends = data.PopularityShares.Where((_, percent) => (percent + 1) % Tenths.Count == 0).ToArray();
        return [.. ends.Select((share, decile) => share - (decile == 0 ? 0 : ends[decile - 1]))];
    }
}
