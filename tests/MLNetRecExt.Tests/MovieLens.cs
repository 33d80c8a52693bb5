using Microsoft.ML;
using Microsoft.ML.Data;

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

    public static Interactions Read(string file, Interactions? idsOf = null) => new MLContext().Recommenders().Data.ReadInteractions(
        Path.Combine(Folder!, file),
        new InteractionFileOptions { Columns = new("0", "1", "2"), Separator = "\t", HasHeader = false, UserKind = DataKind.Int32, ItemKind = DataKind.Int32 },
        new() { IdsOf = idsOf });
}
