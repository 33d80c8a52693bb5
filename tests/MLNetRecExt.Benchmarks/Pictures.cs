using System.Globalization;

namespace MLNetRecExt.Benchmarks;

/// <summary>Draws the README's pictures from the figures that lie beside them.</summary>
internal static class Pictures
{
    public static int Run(string[] args)
    {
        var folder = args is [var given] ? given : Path.Combine("tests", "MLNetRecExt.Benchmarks", "results");
        if (!File.Exists(Path.Combine(folder, "quality.csv")))
        {
            Console.Error.WriteLine(
                $"There is no quality.csv in {folder}: start in the repository's folder, or name the one that holds it and speed.csv.");
            return 2;
        }
        Write("quality", QualityPicture.Draw(Rows("quality.csv")));
        Write("speed", SpeedPicture.Draw(Rows("speed.csv")));
        return 0;

        string[][] Rows(string file) => [.. File.ReadLines(Path.Combine(folder, file)).Skip(1).Select(line => line.Split(','))];

        void Write(string name, string svg) => File.WriteAllText(Path.Combine(folder, name + ".svg"), svg);
    }

    /// <summary>A number as it stands in these files.</summary>
    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
