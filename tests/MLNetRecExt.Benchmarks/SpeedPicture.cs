using System.Globalization;
using static MLNetRecExt.Benchmarks.Pictures;

namespace MLNetRecExt.Benchmarks;

/// <summary>What the same work costs here and elsewhere: a group per piece of work, a bar per program.</summary>
internal static class SpeedPicture
{
    private const int Width = 720;
    private const int Margin = 20;
    private const int Head = 72;
    private const int BarStart = 246;
    private const int BarEnd = 570;
    private const int LineHeight = 28;

    /// <summary>Draws rows of work, program and CPU seconds; the others of a piece of work are compared with its first.</summary>
    public static string Draw(IReadOnlyList<string[]> rows)
    {
        var canvas = new SvgCanvas(Width);
        canvas.Text(Margin, 34, "ink bold", "CPU seconds for the same work");
        canvas.Text(Margin, 54, "soft small", "less is better; each group has a scale of its own");
        double top = Head;
        foreach (var work in rows.GroupBy(row => row[0]))
            top = DrawGroup(canvas, top, [.. work]);
        return canvas.Finish((int)top + Margin / 2, "CPU seconds for the same work, by MLNetRecExt and by others");
    }

    private static double DrawGroup(SvgCanvas canvas, double top, string[][] rows)
    {
        var own = Number(rows[0][2]);
        var scale = (BarEnd - BarStart) / rows.Max(row => Number(row[2]));
        canvas.Text(Margin, top + 20, "ink bold", rows[0][0]);
        foreach (var (line, row) in rows.Index())
        {
            var seconds = Number(row[2]);
            var middle = top + (line + 1.5) * LineHeight;
            canvas.Text(Margin, middle + 5, "ink", row[1]);
            var style = row[1].StartsWith(rows[0][1], StringComparison.Ordinal) ? "own" : "other";
            canvas.Bar(BarStart, middle - 9, seconds * scale, 18, style);
            var times = line == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {seconds / own:0.0}×");
            canvas.Text(BarStart + seconds * scale + 8, middle + 5, "ink", $"{row[2]} s{times}");
        }
        return top + (rows.Length + 1) * LineHeight + 16;
    }
}
