using MLNetRecExt.Benchmarks;

return args switch
{
    ["sweep", .. var rest] => SweepBenchmark.Run(rest),
    ["sgd", .. var rest] => SgdBenchmark.Run(rest),
    ["recommend"] => RecommendBenchmark.Run(),
    ["persist", .. var rest] => PersistBenchmark.Run(rest),
    ["model-zip", .. var rest] => ModelZipBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/MLNetRecExt.Benchmarks -- VERB

        sweep [RANK cg|cholesky THREADS]   seconds per WALS sweep over 20 M generated entries, beside the FMA peak of this machine
        sgd [RANK THREADS]                 CPU seconds per SGD pass over 20 M generated ratings, and the RMSE on held-out ones
        recommend                          users per second that get their top 20 of 26,744 items, beside the same peak
        persist [FOLDER]                   seconds and peak memory of saving and loading 1 M users × 100 k items × rank 64
        model-zip                          seconds and peak memory of mlContext.Model.Save and Load, 1 M users x 100 k items x rank 64
        """);
    return 2;
}
