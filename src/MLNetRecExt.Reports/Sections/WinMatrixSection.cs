namespace MLNetRecExt.Reports.Sections;

/// <summary>Each trainer against each, user by user.</summary>
internal static class WinMatrixSection
{
    public static void Write(HtmlWriter html, RunRecord record)
    {
        if (record.Trainers.Count < 2)
        {
            html.Note("There is nothing to compare: a second trainer is needed.");
            return;
        }
        html.Element("p", $"A cell says by how much the {record.Metric} of the trainer on the left differs from that of the one above, and "
            + "for how many users it is better and worse. Colored cells are hardly chance: p below 0.05 by a paired sign-flip test, "
            + "corrected by Holm's method for the number of pairs.");
        html.Table("Trainers compared in pairs", ["Trainer", .. record.Trainers.Select(trainer => trainer.Name)], () =>
        {
            foreach (var row in record.Trainers)
                html.Element("tr", () =>
                {
                    html.Element("th", row.Name, ("scope", "row"));
                    foreach (var column in record.Trainers)
                        Cell(html, record, row.Name, column.Name);
                });
        });
    }

    private static void Cell(HtmlWriter html, RunRecord record, string row, string column)
    {
        var isBetter = Verdict.Between(record, row, column) is not null;
        if ((Verdict.Between(record, row, column) ?? Verdict.Between(record, column, row)) is not { } pair)
        {
            html.Element("td", Figures.None);
            return;
        }
        var (difference, won, lost) = isBetter
            ? (pair.Comparison.Difference, pair.Comparison.Won, pair.Comparison.Lost)
            : (-pair.Comparison.Difference, pair.Comparison.Lost, pair.Comparison.Won);
        var kind = !Verdict.IsHardlyChance(pair) ? "even" : isBetter ? "better" : "worse";
        html.Element("td", () =>
        {
            html.Element("strong", Figures.Signed(difference));
            html.Element("small", $"{Figures.Count(won)} : {Figures.Count(lost)}");
            html.Element("small", Figures.PValue(pair.AdjustedPValue));
        }, ("class", kind));
    }
}
