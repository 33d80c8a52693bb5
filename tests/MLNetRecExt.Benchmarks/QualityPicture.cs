using System.Globalization;
using static MLNetRecExt.Benchmarks.Pictures;

namespace MLNetRecExt.Benchmarks;

/// <summary>How well each trainer ranks on each set: a panel per set, a bar per trainer as it comes, and a mark with its interval for what
/// tuning reaches.</summary>
internal static class QualityPicture
{
    private const int Columns = 2;
    private const int Width = 860;
    private const int PanelWidth = Width / Columns;
    private const int Margin = 20;
    private const int Head = 72;
    private const int BarStart = 122;
    private const int BarEnd = 262;
    private const int UntunedEnd = 334;
    private const int TunedEnd = 392;
    private const int LineHeight = 28;

    /// <summary>Draws rows of set, trainer, NDCG@20 untuned and tuned, and the ends of the latter's interval; what nobody measured is
    /// empty.</summary>
    public static string Draw(IReadOnlyList<string[]> rows)
    {
        var canvas = new SvgCanvas(Width);
        canvas.Text(Margin, 34, "ink bold", "NDCG@20 of held-out items");
        canvas.Text(Margin, 54, "soft small",
            "more is better; bars: options from the data; marks: tuned, 95 % interval; each set has its own scale");
        var panels = rows.GroupBy(row => row[0]).ToArray();
        var panelHeight = (panels.Max(panel => panel.Count()) + 1) * LineHeight + 16;
        foreach (var (index, panel) in panels.Index())
            DrawPanel(canvas, index % Columns * PanelWidth + Margin, Head + index / Columns * panelHeight, [.. panel]);
        var height = Head + (panels.Length + Columns - 1) / Columns * panelHeight + Margin / 2;
        return canvas.Finish(height, "NDCG@20 of held-out items by set and trainer, untuned and tuned");
    }

    private static void DrawPanel(SvgCanvas canvas, double left, double top, string[][] rows)
    {
        var scale = (BarEnd - BarStart) / rows.Max(row => row[2..].Max(Value));
        canvas.Text(left, top + 20, "ink bold", rows[0][0]);
        canvas.Text(left + UntunedEnd, top + 20, "soft small right", "untuned");
        canvas.Text(left + TunedEnd, top + 20, "soft small right", "tuned");
        foreach (var (line, row) in rows.Index())
        {
            var middle = top + (line + 1.5) * LineHeight;
            canvas.Text(left, middle + 5, "ink", row[1]);
            canvas.Bar(left + BarStart, middle - 9, Value(row[2]) * scale, 18, row[1] == "Popularity" ? "other" : "own");
            if (row[4] is not "")
                canvas.Line(left + BarStart + Number(row[4]) * scale, middle, left + BarStart + Number(row[5]) * scale, middle);
            if (row[3] is not "" && left + BarStart + Number(row[3]) * scale is var mark)
                canvas.Line(mark, middle - 7, mark, middle + 7);
            Write(2, UntunedEnd);
            Write(3, TunedEnd);

            void Write(int column, double end) => canvas.Text(
                left + end, middle + 5, Value(row[column]) == rows.Max(other => Value(other[column])) ? "ink bold right" : "ink right",
                row[column] is "" ? "–" : Number(row[column]).ToString("0.000", CultureInfo.InvariantCulture));
        }
    }

    private static double Value(string cell) => cell is "" ? 0 : Number(cell);
}
