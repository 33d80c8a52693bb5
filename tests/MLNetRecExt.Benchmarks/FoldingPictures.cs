using System.Globalization;
using System.Net;
using System.Text;
using Compare;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>Embeddings of made-up films in two dimensions, a colour per language: by a network for which nothing competes with what was
/// taken, and by one for which all other films do.</summary>
internal static class FoldingPictures
{
    private const int Side = 340, Head = 44, Margin = 12;

    private static readonly string[] Colors = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];

    public static int Run(string[] args)
    {
        var films = args is [_, var users] ? SyntheticData.Generate(42, (int)Pictures.Number(users)) : SyntheticData.Generate(42);
        var recommenders = new MLContext().Recommenders();
        var data = recommenders.Data.ReadInteractions(films.Interactions, row => row.User, row => row.Item);
        var record = recommenders.Experiment(data, new()
        {
            Split = SplitRule.RandomPerUser(),
            ItemGroups = films.Items.ToDictionary(item => $"{item.Id}", item => item.Language),
        })
            .Add("folded", Network(NegativeSampling.None)).Add("apart", Network(null)).Run();
        foreach (var trainer in record.Trainers)
        {
            var purity = trainer["GroupPurity@20"];
            File.WriteAllText(Path.Combine(args[0], trainer.Name + ".svg"), Draw(trainer.Map!, $"{purity.Name} {Text($"{purity.Mean:0.00}")}"));
            Console.WriteLine($"{trainer.Name}: {Text($"{purity.Mean:0.0000}")}");
        }
        return record.LeftOut.Count == 0 ? 0 : 3;
    }

    private static SoftmaxDnnTrainer.Options Network(NegativeSampling? negatives)
    {
        var options = new SoftmaxDnnTrainer.Options { ApproximationRank = 64, MaxExamplesPerUser = 20 };
        options.NegativeSampling = negatives ?? options.NegativeSampling;
        return options;
    }

    private static string Draw(RunMap map, string caption)
    {
        var svg = new StringBuilder();
        svg.AppendLine($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Side} {Side + Head + 24}\" font-family=\"sans-serif\" font-size=\"13\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        svg.AppendLine($"<text x=\"{Margin}\" y=\"18\" font-weight=\"bold\">{WebUtility.HtmlEncode(caption)}</text>");
        var scale = (Side / 2 - Margin) / map.X.Concat(map.Y).Max(Math.Abs);
        foreach (var (language, name) in SyntheticData.Languages.Index())
        {
            // A line of no length with round ends is a dot.
            var dots = Enumerable.Range(0, map.X.Count).Where(item => map.Groups[item] == name)
                .Select(item => Text($"M{Side / 2 + map.X[item] * scale:0} {Head + Side / 2 - map.Y[item] * scale:0}h0"));
            svg.AppendLine($"<path stroke=\"{Colors[language]}\" stroke-opacity=\".7\" stroke-width=\"4\" stroke-linecap=\"round\" d=\"{string.Concat(dots)}\"/>");
            svg.AppendLine($"<text x=\"{Margin + language * 90}\" y=\"{Side + Head + 14}\" fill=\"{Colors[language]}\">{name}</text>");
        }
        return svg.AppendLine("</svg>").ToString().ReplaceLineEndings("\n");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
