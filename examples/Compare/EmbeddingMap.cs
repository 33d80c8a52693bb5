using System.Globalization;
using System.Net;
using System.Text;
using MLNetRecExt;

namespace Compare;

/// <summary>
/// Item embeddings in two dimensions, their first two principal components, as an SVG picture: a panel per model, a dot per item, a colour
/// per planted group.
/// Groups that lie on top of one another are folded.
/// </summary>
internal static class EmbeddingMap
{
    /// <summary>Items that are shown: the most popular ones.</summary>
    public const int MaxItems = 1_000;

    private const int Side = 340;
    private const int Head = 44;
    private const int Margin = 12;
    private const int PowerIterations = 300;

    private static readonly string[] Colors = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000"];

    /// <summary>The picture of those results whose model has item embeddings.</summary>
    public static string Draw(IReadOnlyList<TrainerResult> results, IReadOnlyList<int>? itemGroups, IReadOnlyList<string> groupNames)
    {
        var panels = results.Where(result => result.Model is FactorModel).ToArray();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Side * panels.Length} {Side + Head + (groupNames.Count > 0 ? 24 : 0)}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        for (int panel = 0; panel < panels.Length; panel++)
        {
            var result = panels[panel];
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({panel * Side})\">\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"18\" font-weight=\"bold\">{WebUtility.HtmlEncode(result.Name)}</text>\n");
            if (result.Report.Estimates.FirstOrDefault(estimate => estimate.Name.StartsWith("GroupPurity", StringComparison.Ordinal)) is { } purity)
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"36\">{purity.Name} {purity.Mean:0.00}</text>\n");
            DrawDots(svg, (FactorModel)result.Model, itemGroups);
            svg.Append("</g>\n");
        }
        for (int group = 0; group < groupNames.Count; group++)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin + group * 90}\" y=\"{Side + Head + 14}\" fill=\"{Color(group)}\">{WebUtility.HtmlEncode(groupNames[group])}</text>\n");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Coordinates of rows along their first two principal components.</summary>
    public static (double X, double Y)[] Project(IReadOnlyList<float[]> rows)
    {
        var columns = rows[0].Length;
        var means = new double[columns];
        foreach (var row in rows)
            for (int k = 0; k < columns; k++)
                means[k] += row[k] / (double)rows.Count;
        var centred = rows.Select(row => row.Select((value, k) => value - means[k]).ToArray()).ToArray();
        var covariance = new double[columns, columns];
        foreach (var row in centred)
            for (int i = 0; i < columns; i++)
                for (int j = 0; j < columns; j++)
                    covariance[i, j] += row[i] * row[j];
        var first = Component(covariance, new double[columns]);
        var second = Component(covariance, first);
        return [.. centred.Select(row => (Dot(row, first), Dot(row, second)))];
    }

    /// <summary>The direction of most variance at right angles to another, by power iteration; its largest element is positive.</summary>
    private static double[] Component(double[,] covariance, double[] other)
    {
        var columns = other.Length;
        var vector = Enumerable.Range(0, columns).Select(k => 1 + Math.Sin(k + 1)).ToArray();
        for (int iteration = 0; iteration < PowerIterations; iteration++)
        {
            var along = Dot(vector, other);
            var next = new double[columns];
            for (int i = 0; i < columns; i++)
                for (int j = 0; j < columns; j++)
                    next[i] += covariance[i, j] * (vector[j] - along * other[j]);
            along = Dot(next, other);
            for (int i = 0; i < columns; i++)
                next[i] -= along * other[i];
            var length = Math.Sqrt(Dot(next, next));
            // No variance is left in any direction.
            if (!(length > 0))
                return new double[columns];
            vector = Array.ConvertAll(next, value => value / length);
        }
        var sign = Math.Sign(vector.MaxBy(Math.Abs));
        return Array.ConvertAll(vector, value => sign * value);
    }

    private static void DrawDots(StringBuilder svg, FactorModel model, IReadOnlyList<int>? itemGroups)
    {
        var popularity = model.ItemPopularity.ToArray();
        var items = Enumerable.Range(0, model.Items.Count).Where(model.IsKnownItem).OrderByDescending(item => popularity[item]).Take(MaxItems).ToArray();
        var places = Project([.. items.Select(item => model.ItemFactors(item).ToArray())]);
        var reach = Math.Max(1e-12, places.Max(place => Math.Max(Math.Abs(place.X), Math.Abs(place.Y))));
        var scale = (Side / 2 - Margin) / reach;
        foreach (var group in items.Zip(places).GroupBy(dot => itemGroups?[dot.First] ?? 0).OrderBy(group => group.Key))
        {
            // A line of no length with round ends is a dot.
            svg.Append(CultureInfo.InvariantCulture, $"<path stroke=\"{Color(group.Key)}\" stroke-opacity=\".7\" stroke-width=\"4\" stroke-linecap=\"round\" d=\"");
            foreach (var (_, (x, y)) in group)
                svg.Append(CultureInfo.InvariantCulture, $"M{Side / 2 + x * scale:0} {Head + Side / 2 - y * scale:0}h0");
            svg.Append("\"/>\n");
        }
    }

    private static string Color(int group) => Colors[group < 0 ? ^1 : group % (Colors.Length - 1)];

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++)
            sum += a[k] * b[k];
        return sum;
    }
}
