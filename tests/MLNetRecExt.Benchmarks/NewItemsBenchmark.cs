using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>Recall among held-out items of WALS with features: known in training by their features, and brought afterwards, by WithItems
/// alone.</summary>
internal static class NewItemsBenchmark
{
    private static readonly MLContext Ml = new(1);
    private static readonly RecommendersCatalog Recommenders = Ml.Recommenders();

    public static int Run(string ratings, string items)
    {
        var features = Recommenders.Data.ReadFeatures(items);
        var all = Recommenders.Data.ReadInteractions(ratings, options: new() { Items = features.Ids });
        var split = Recommenders.Splits.ByItem(all);
        bool[] isHeldOut = [.. Enumerable.Range(0, all.Items.Count).Select(item => split.Test.ByItem.Length(item) > 0)];
        Console.WriteLine(FormattableString.Invariant($"{features}; {isHeldOut.Count(held => held):N0} items held out"));
        Console.WriteLine("| held-out items | Recall@20 | s |");
        Console.WriteLine("|---|---|---|");

        var clock = Stopwatch.StartNew();
        var known = Fit(features, split.Train);
        Report("known in training by their features", known, split.Test, isHeldOut, clock);

        var (before, after) = (Part(items, id => !IsHeldOut(id)), Part(items, IsHeldOut));
        var trained = Fit(before, Renumbered(split.Train, before.Ids));
        clock.Restart();
        var added = trained.WithItems(after);
        clock.Stop();
        var test = Renumbered(split.Test, added.Items);
        Report($"{after.Ids.Count:N0} brought by WithItems", added, test,
            [.. Enumerable.Range(0, added.Items.Count).Select(item => test.ByItem.Length(item) > 0)], clock);
        return 0;

        bool IsHeldOut(string id) => isHeldOut[all.Items.IndexOf(id)];
    }

    private static WalsModel Fit(SideFeatures features, Interactions data) => Recommenders.Trainers.Wals(new WalsTrainer.Options
    {
        ItemFeatures = features,
        FeatureRegularization = 0.1f,
    }).Fit(data);

    private static void Report(string what, RecommenderModel model, Interactions test, bool[] isHeldOut, Stopwatch clock)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        var recall = Recommenders.Evaluate(model, test, new RankingEvaluationOptions
        {
            CandidateItems = [.. isHeldOut.Index().Where(entry => entry.Item).Select(entry => entry.Index)],
        }).Recall(20);
        Console.WriteLine(FormattableString.Invariant(
            $"| {what} | {recall.Mean:0.0000} ({recall.Low:0.000}…{recall.High:0.000}) | {seconds:0.00} |"));
    }

    /// <summary>The features of some items, as a file of their own tells them.</summary>
    private static SideFeatures Part(string path, Func<string, bool> isPart)
    {
        var part = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var lines = File.ReadLines(path);
            File.WriteAllLines(part, [.. lines.Take(1), .. lines.Skip(1).Where(line => isPart(line[..line.IndexOf(',')]))]);
            return Recommenders.Data.ReadFeatures(part);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>The same pairs with other indices of items.</summary>
    private static Interactions Renumbered(Interactions data, IdMap items)
    {
        int[] users = [.. Enumerable.Range(0, data.Users.Count).SelectMany(user => Enumerable.Repeat(user, data.ByUser.Length(user)))];
        int[] renumbered = [.. Enumerable.Range(0, data.Users.Count)
            .SelectMany(user => data.ByUser.Indices(user).ToArray()).Select(item => items.IndexOf(data.Items.GetText(item)))];
        return Interactions.Create(data.Users, items, users, renumbered);
    }
}
