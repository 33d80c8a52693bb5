using System.Globalization;
using static MLNetRecExt.Benchmarks.Pictures;

namespace MLNetRecExt.Benchmarks;

/// <summary>How well each trainer ranks on each set: a panel per set, a bar per trainer with its interval.</summary>
internal static class QualityPicture
{
    private const int Columns = 2;
    private const int Width = 720;
    private const int PanelWidth = Width / Columns;
    private const int Margin = 20;
    private const int Head = 72;
    private const int BarStart = 114;
    private const int BarEnd = 268;
    private const int LineHeight = 28;

    /// <summary>Draws rows of set, trainer, NDCG@20 and the ends of its interval, which are empty where nobody measured them.</summary>
    public static string Draw(IReadOnlyList<string[]> rows)
    {
        var canvas = new SvgCanvas(Width);
        canvas.Text(Margin, 34, "ink bold", "NDCG@20 of held-out items");
        canvas.Text(Margin, 54, "soft small", "more is better; the line is the 95 % interval; each set has a scale of its own");
        var panels = rows.GroupBy(row => row[0]).ToArray();
        var panelHeight = (panels.Max(panel => panel.Count()) + 1) * LineHeight + 16;
        foreach (var (index, panel) in panels.Index())
            DrawPanel(canvas, index % Columns * PanelWidth + Margin, Head + index / Columns * panelHeight, [.. panel]);
        var height = Head + (panels.Length + Columns - 1) / Columns * panelHeight + Margin / 2;
        return canvas.Finish(height, "NDCG@20 of held-out items by set and trainer");
    }

    private static void DrawPanel(SvgCanvas canvas, double left, double top, string[][] rows)
    {
        var scale = (BarEnd - BarStart) / rows.Max(row => Number(row[4] is "" ? row[2] : row[4]));
        var best = rows.Max(row => Number(row[2]));
        canvas.Text(left, top + 20, "ink bold", rows[0][0]);
        foreach (var (line, row) in rows.Index())
        {
            var mean = Number(row[2]);
            var middle = top + (line + 1.5) * LineHeight;
            canvas.Text(left, middle + 5, "ink", row[1]);
            canvas.Bar(left + BarStart, middle - 9, mean * scale, 18, row[1] == "Popularity" ? "other" : "own");
            if (row[3] is not "")
                canvas.Line(left + BarStart + Number(row[3]) * scale, middle, left + BarStart + Number(row[4]) * scale, middle);
            var style = mean == best ? "ink bold right" : "ink right";
            canvas.Text(left + PanelWidth - Margin - 12, middle + 5, style, mean.ToString("0.000", CultureInfo.InvariantCulture));
        }
    }
}
