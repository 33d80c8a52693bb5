namespace MLNetRecExt.Reports.Sections;

/// <summary>What was learned from and judged on.</summary>
internal static class DataSection
{
    private const int Height = 300;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        var data = record.Data;
        html.Table("Counts", ["What", "Count"], Counts(record));
        if (data.PopularityShares.Count > 0)
            LongTail(html, data.PopularityShares);
        html.Element("h3", "Over time");
        if (data.Timeline.Count > 0)
            Timeline(html, data);
        else
            html.Note("There are no timestamps.");
    }

    private static IEnumerable<string[]> Counts(RunRecord record)
    {
        var data = record.Data;
        yield return ["Users", Figures.Count(data.Users)];
        yield return ["Items", Figures.Count(data.Items)];
        yield return ["Interactions to learn from", Figures.Count(data.TrainInteractions)];
        if (data.ValidationInteractions > 0)
            yield return ["Of these, options were chosen by", Figures.Count(data.ValidationInteractions)];
        yield return ["Held-out pairs", Figures.Count(data.TestInteractions)];
        yield return ["Users judged", Figures.Count(data.TestUsers)];
        yield return ["Users of the test part whom training does not know", Figures.Count(data.ColdUsers)];
        yield return ["Items of the test part that training does not know", Figures.Count(data.ColdItems)];
        yield return ["Share of all pairs that training has", Figures.Percent(data.Density)];
        yield return ["Rows read", Figures.Count(data.Rows.Read)];
        yield return ["Rows skipped: no user or item id", Figures.Count(data.Rows.MissingIds)];
        yield return ["Rows skipped: bad label", Figures.Count(data.Rows.BadLabels)];
        yield return ["Rows skipped: bad weight", Figures.Count(data.Rows.BadWeights)];
        yield return ["Rows skipped: bad timestamp", Figures.Count(data.Rows.BadTimestamps)];
        yield return ["Rows merged into an earlier one of the same pair", Figures.Count(data.Rows.Duplicates)];
    }

    private static void LongTail(HtmlWriter html, IReadOnlyList<double> shares)
    {
        html.Element("h3", "The long tail");
        new Chart("Share of the interactions that the most popular items have", Height, new ChartView("",
        [
            new
            {
                type = "scatter",
                mode = "lines",
                x = Enumerable.Range(0, shares.Count + 1).Select(place => (double)place / shares.Count),
                y = shares.Prepend(0),
                fill = "tozeroy",
                fillcolor = "--fill",
                line = new { color = "--accent", width = 2.5 },
                hovertemplate = "most popular %{x:.0%}: %{y:.1%}<extra></extra>",
            },
        ], new
        {
            xaxis = new { title = new { text = "Most popular items" }, tickformat = ".0%", type = "linear" },
            yaxis = new { title = new { text = "Share of interactions" }, tickformat = ".0%", rangemode = "tozero", type = "linear" },
        })).Write(html);
        int[] shown = [1, 5, 10, 20, 50];
        html.Table("The long tail in numbers", ["Most popular items", "Share of interactions"],
            shown.Where(percent => percent <= shares.Count).Select(percent =>
                (string[])[$"{percent} %", Figures.Percent(shares[percent - 1])]));
    }

    private static void Timeline(HtmlWriter html, RunData data)
    {
        var (first, last) = (data.EarliestTimestamp!.Value, data.LatestTimestamp!.Value);
        var length = ((double)last - first) / data.Timeline.Count;
        string[] starts = [.. Enumerable.Range(0, data.Timeline.Count).Select(span => Figures.Moment((long)(first + length * span)))];
        html.Element("p", $"From {Figures.Moment(first)} to {Figures.Moment(last)}.");
        new Chart("Training interactions over time", Height, new ChartView("",
        [
            new
            {
                type = "bar",
                x = Enumerable.Range(0, data.Timeline.Count),
                y = data.Timeline,
                text = starts,
                textposition = "none",
                hovertemplate = "from %{text}: %{y}<extra></extra>",
                marker = new { color = "--bar" },
            },
        ], new
        {
            bargap = 0.1,
            xaxis = new
            {
                type = "linear",
                tickvals = (int[])[0, data.Timeline.Count / 2, data.Timeline.Count - 1],
                ticktext = (string[])[starts[0], starts[data.Timeline.Count / 2], starts[^1]],
            },
            yaxis = new { title = new { text = "Interactions" }, type = "linear" },
        })).Write(html);
        html.Details("As a table", () => html.Table("Interactions over time", ["From", "Interactions"],
            starts.Zip(data.Timeline, (start, count) => (string[])[start, Figures.Count(count)])));
    }
}
