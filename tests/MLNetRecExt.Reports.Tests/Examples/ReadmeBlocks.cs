namespace MLNetRecExt.Reports.Tests.Examples;

/// <summary>The code blocks of the package's README, word for word.</summary>
internal static class ReadmeBlocks
{
    public static void Report(RecommendersCatalog recommenders, Interactions orders)
    {
        var record = recommenders.Experiment(orders, new() { Trials = 20 }).Add("popularity", "item-knn", "wals").Run();
        record.SaveHtml("report.html");
        File.WriteAllText("card.md", record.ToMarkdownCard());
    }
}
