using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>What a search over trainers, options and blends finds in some minutes, judged on a part that it has not seen.</summary>
internal static class AutoBenchmark
{
    public static int Run(string folder, double minutes)
    {
        var recommenders = new MLContext().Recommenders();
        var train = Read("train.csv", null);
        var validation = Read("validation.csv", train);
        var test = Read("test.csv", validation);
        var found = recommenders.Auto(train, new AutoOptions { TimeLimit = TimeSpan.FromMinutes(minutes), Validation = validation });
        Console.WriteLine(found);
        var report = recommenders.Evaluate(found.Model, test);
        Console.WriteLine($"NDCG@20 {report.Ndcg(20)}, Recall@20 {report.Recall(20)} on the test part");
        return 0;

        Interactions Read(string file, Interactions? idsOf)
        {
            var path = Path.Combine(folder, file);
            var columns = InteractionFileOptions.Infer(path);
            return recommenders.Data.ReadInteractions(
                path, columns with { Columns = columns.Columns with { Label = null } }, new() { IdsOf = idsOf });
        }
    }
}
