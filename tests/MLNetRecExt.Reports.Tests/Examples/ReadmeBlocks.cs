namespace MLNetRecExt.Reports.Tests.Examples;

/// <summary>The code blocks of the package's README, word for word.</summary>
internal static class ReadmeBlocks
{
    public static void Report(RecommendersCatalog recommenders, Interactions orders, double minutes)
    {
        var options = new ExperimentOptions { Split = SplitRule.LeaveLast(), Metric = "NDCG@12", TimeLimit = TimeSpan.FromMinutes(minutes) };
        var record = recommenders.Experiment(orders, options).Add("popularity", "item-knn", "wals", "ease").Run();
        record.SaveHtml("report.html");
        File.WriteAllText("card.md", record.ToMarkdownCard());
        record.Best.Model!.Save("best.model");
    }
}
