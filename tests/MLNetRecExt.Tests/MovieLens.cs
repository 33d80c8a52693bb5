using System.Globalization;
using Microsoft.ML;

namespace MLNetRecExt.Tests;

/// <summary>The files of ml-100k, for tests of published numbers: <c>MLNETRECEXT_ML100K</c> names their folder.</summary>
internal static class MovieLens
{
    public const string Variable = "MLNETRECEXT_ML100K";

    public static string? Folder => Environment.GetEnvironmentVariable(Variable);

    /// <summary>One of the five canonical folds, 1…5.</summary>
    public static InteractionSplit Fold(int number)
    {
        var train = Read($"u{number}.base");
        return new MLContext().Recommenders().Splits.Given(train, Read($"u{number}.test", train));
    }

    public static Interactions Read(string file, Interactions? idsOf = null)
    {
        var rows = File.ReadLines(Path.Combine(Folder!, file)).Select(line => line.Split('\t'))
            .Select(cells => new Row { User = int.Parse(cells[0]), Item = int.Parse(cells[1]), Label = float.Parse(cells[2], CultureInfo.InvariantCulture) }).ToArray();
        var ml = new MLContext();
        return ml.Recommenders().Data.ReadInteractions(ml.Data.LoadFromEnumerable(rows), new InteractionColumns("User", "Item", "Label"), idsOf: idsOf);
    }

    private sealed class Row
    {
        public int User, Item;
        public float Label;
    }
}
