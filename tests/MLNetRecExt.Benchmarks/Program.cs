using MLNetRecExt.Benchmarks;

return args switch
{
    ["sweep", .. var rest] => SweepBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/MLNetRecExt.Benchmarks -- VERB

        sweep [RANK cg|cholesky THREADS]   seconds per WALS sweep over 20 M generated entries, beside the FMA peak of this machine
        """);
    return 2;
}
