using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>Seconds until a model of 20,000 items knows 10,000 more by their features: a category, ten tags of 5,000, a price.</summary>
internal static class WithItemsBenchmark
{
    private const int Items = 20_000, NewItems = 10_000, Users = 10_000, ItemsPerUser = 20, Tags = 5_000, TagsPerItem = 10, Rank = 64, Rounds = 5;

    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    public static int Run()
    {
        var random = new Random(1);
        var data = Recommenders.Data.ReadInteractions(
            Enumerable.Range(0, Users * ItemsPerUser).Select(row => (User: row / ItemsPerUser, Item: random.Next(Items))).ToArray(),
            row => row.User, row => row.Item);
        var (features, added) = (Features(0, Items), Features(Items, NewItems));
        Console.WriteLine($"{Items:N0} items, {NewItems:N0} new ones, rank {Rank}");
        Console.WriteLine("| model | WithItems, s: least, median, most |");
        Console.WriteLine("|---|---|");
        Report("Wals", Recommenders.Trainers.Wals(new WalsTrainer.Options
        {
            ItemFeatures = features,
            ApproximationRank = Rank,
            NumberOfIterations = 2,
        }).Fit(data), added);
        Report("SoftmaxDnn", Recommenders.Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ItemFeatures = features,
            ApproximationRank = Rank,
            NumberOfIterations = 1,
            MaxExamplesPerUser = 1,
        }).Fit(data), added);
        Report("ContentBased", Recommenders.Trainers.ContentBased(features).Fit(data), added);
        return 0;
    }

    private static void Report(string name, RecommenderModel model, SideFeatures added)
    {
        var seconds = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var more = model.WithItems(added);
            seconds[round] = clock.Elapsed.TotalSeconds;
            if (!more.IsKnownItem(more.Items.Count - 1))
                throw new InvalidOperationException($"{name} does not know the last item.");
        }
        Array.Sort(seconds);
        Console.WriteLine(FormattableString.Invariant($"| {name} | {seconds[0]:0.00}, {seconds[Rounds / 2]:0.00}, {seconds[^1]:0.00} |"));
    }

    private static SideFeatures Features(int first, int count)
    {
        var random = new Random(first);
        return Recommenders.Data.ReadFeatures(Enumerable.Range(first, count), item => item, item => new
        {
            Category = $"category {random.Next(50)}",
            Tags = Enumerable.Range(0, TagsPerItem).Select(_ => $"tag {random.Next(Tags)}").Distinct().ToArray(),
            Price = random.NextSingle(),
        });
    }
}
