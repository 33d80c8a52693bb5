using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;

namespace MLNetRecExt.Tests;

/// <summary>Runs tests/MLNetRecExt.Tests.LoadModel, which knows only Microsoft.ML, in a process of its own.</summary>
internal static class LoadModelProgram
{
    /// <summary>Length of the lists that are compared.</summary>
    public const int NumberOfItems = 5;

    /// <summary>What "score" prints for a model of the checkerboard.</summary>
    public static IEnumerable<string> Scores(RecommenderModel model) =>
        from user in Enumerable.Range(0, Size + 1)
        from item in Enumerable.Range(0, Size + 1)
        select $"{UserName(user)}\t{ItemName(item)}\t{BitConverter.SingleToInt32Bits(model.ScoreOrFallback(model.Users.IndexOf(UserName(user)), model.Items.IndexOf(ItemName(item)), default, out _))}";

    /// <summary>What "top" prints.</summary>
    public static IEnumerable<string> Lists(RecommenderModel model) =>
        Enumerable.Range(0, Size + 1).Select(user => Line(model, user, RecommenderQuery.ForUserOrNobody(model.Users.IndexOf(UserName(user)))));

    /// <summary>What "session" prints.</summary>
    public static IEnumerable<string> Sessions(RecommenderModel model) => SessionRows().Select((row, user) => Line(model, user, Query(model, row)));

    public static string Line(int user, IEnumerable<string> items, IEnumerable<float> scores) =>
        $"{UserName(user)}\t{string.Join(",", items.Zip(scores, (item, score) => $"{item}={BitConverter.SingleToInt32Bits(score)}"))}";

    /// <summary>A network that knows what is in the rows of "session".</summary>
    public static RecommenderTransformer<SoftmaxDnnModel> Network(MLContext ml) => ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
    {
        ApproximationRank = 8,
        HiddenLayers = [12],
        NumberOfIterations = 5,
        LearningRate = 0.02f,
        UserFeatures = Checkerboard.UserFeatures,
        ItemFeatures = Checkerboard.ItemFeatures,
    }).Fit(Text(ml));

    /// <summary>As the program makes its rows.</summary>
    public static SessionRow[] SessionRows() => [.. Enumerable.Range(0, Size + 1).Select(user => new SessionRow(
        UserName(user), [ItemName((user + 4) % Size), "nothing"], user % 3 == 0 ? "" : $"name {user % 2}", user % 4 == 0 ? float.NaN : 20 + user))];

    public static RecommenderQuery Query(RecommenderModel model, SessionRow row)
    {
        var query = RecommenderQuery.ForUserOrNobody(model.Users.IndexOf(row.User), new ItemFeedback[] { new(model.Items.IndexOf(row.History[0])) });
        // Where nothing is said of the features, a user's own count.
        return row.Parity == "" && float.IsNaN(row.Age) ? query : query.WithFeatures(new() { { "Parity", row.Parity }, { "Age", row.Age } });
    }

    /// <summary>What it prints, by line.</summary>
    public static string[] Run(string what, string path, int size) => Run([what, path, size.ToString(CultureInfo.InvariantCulture)], []);

    /// <inheritdoc cref="Run(string, string, int)"/>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="environment">Variables that are set for its process.</param>
    public static string[] Run(string[] arguments, Dictionary<string, string> environment)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "MLNetRecExt.Tests.LoadModel.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return lines;
    }

    private static string Line(RecommenderModel model, int user, RecommenderQuery query) =>
        model.TopItems(query, NumberOfItems) is var list ? Line(user, list.Select(entry => model.Items.GetText(entry.Item)), list.Select(entry => entry.Score)) : "";

    public sealed record SessionRow(string User, [property: VectorType] string[] History, string Parity, float Age);
}
