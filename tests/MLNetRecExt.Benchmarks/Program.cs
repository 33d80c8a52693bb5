using MLNetRecExt.Benchmarks;

return args switch
{
    ["sweep", .. var rest] => SweepBenchmark.Run(rest),
    ["versus", .. var rest] => VersusBenchmark.Run(rest),
    ["first-second", .. var rest] => FirstSecondBenchmark.Run(rest),
    ["start", .. var rest] => StartBenchmark.Run(rest),
    ["sgd", .. var rest] => SgdBenchmark.Run(rest),
#if STOCK_RECOMMENDER
    ["stock-lists", var path] => StockListsBenchmark.Run(path),
#endif
    ["read", .. var rest] => ReadBenchmark.Run(rest),
    ["query"] => await QueryBenchmark.RunAsync(),
    ["knn", .. var rest] => KnnBenchmark.Run(rest),
    ["ease", .. var rest] => EaseBenchmark.Run(rest),
    ["convergence", .. var rest] => ConvergenceBenchmark.Run(rest),
    ["dnn", .. var rest] => DnnBenchmark.Run(rest),
    ["warm", .. var rest] => WarmBenchmark.Run(rest),
    ["recommend"] => RecommendBenchmark.Run(),
    ["batch"] => BatchBenchmark.Run(),
    ["first-query", .. var rest] => FirstQueryBenchmark.Run(rest),
    ["wire"] => await WireBenchmark.RunAsync(),
    ["recall", var path] => await RecallBenchmark.RunAsync(path),
    ["serve", .. var rest] => await ServeBenchmark.RunAsync(rest),
    ["served", var path] => await ServedShop.RunAsync(path, server: null),
    ["served", var path, "feedback"] => await ServedShop.RunAsync(path, Environment.GetEnvironmentVariable(QueryBenchmark.Variable)),
    ["persist", .. var rest] => PersistBenchmark.Run(rest),
    ["large", .. var rest] => LargeBenchmark.Run(rest),
    ["store", .. var rest] => StoreBenchmark.Run(rest),
    ["beyond-int", .. var rest] => BeyondIntBenchmark.Run(rest),
    ["onnx"] => OnnxBenchmark.Run(),
    ["new-items", var ratings, var items] => NewItemsBenchmark.Run(ratings, items),
    ["new-items"] => WithItemsBenchmark.Run(),
    ["model-zip", .. var rest] => ModelZipBenchmark.Run(rest),
    ["pictures", .. var rest] => Pictures.Run(rest),
    ["folding", .. var rest] => FoldingPictures.Run(rest),
    ["auto", var folder, var minutes] => AutoBenchmark.Run(folder, Pictures.Number(minutes)),
    ["fetch", var name] => await Fetch.RunAsync(name),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/MLNetRecExt.Benchmarks -- VERB

        sweep [RANK cg|cholesky[-bf16] THREADS [USERS [ITEMS [LENGTH]]]]   seconds per WALS sweep over 20 M generated entries, beside the FMA peak of this
                                           machine; or over those of so many users and items, or with LENGTH entries to each user
        versus FOLDER [USERS]              20 M generated entries as a Matrix Market file, for peers to read, and our side of the table: sweeps, lists, neighbors
        start [USERS RANK]                 seconds of the random start of 5 M users at rank 64, with one and two threads
        store [ROWS]                       20 M rows into a store with 256 MB, and WALS sweeps over it beside the same in memory, warm and from the disk
        first-second [PROCESSES]           seconds of Fit of Wals on 323,000 entries in a process of its own, sweep by sweep, and how much is compiled
        beyond-int [USERS ITEMS LENGTH]    two WALS sweeps over a store of 2,300 M generated interactions (18.4 GB): loss and private memory
        sgd [RANK THREADS]                 CPU seconds per SGD pass over 20 M generated ratings, and the RMSE on held-out ones
        read [FOLDER]                      CPU seconds from a text file of 20 M ratings to 20 SGD passes, by each way of reading
        query                              CPU seconds from 1 M orders on a PostgreSQL server, MLNETRECEXT_POSTGRES, to interactions, beside a bare loop
        knn [THREADS]                      CPU seconds and peak memory of finding the neighbors of 26,744 items by 20 M generated entries
        ease [ITEMS THREADS]               seconds to invert the matrix of 20,000 items, beside the rate of matrix products on this machine
        convergence FILE                   loss against CPU seconds of SGD and WALS on one objective; FILE: user, item and rating, separated by tabs
        dnn [ITEMS…]                       milliseconds per training step of the Softmax DNN, 512 examples, by number of items and threads, beside its memory traffic alone
        warm FOLDER                        NDCG@20 and seconds of 3 WALS sweeps from a model of nine tenths beside 15 from the start, and of Append; FOLDER: train.csv, test.csv
        recommend                          users per second that get their top 20 of 26,744 items, beside the same peak
        batch                              microseconds of a list alone and in a batch, by number of items
        first-query                        milliseconds of the first list of a loaded model of 1 M items, beside later ones, by how it is served
        wire                               GB per second of factors from a silo of Orleans to another, and CPU seconds per GB, plain and by TLS
        recall FILE                        share of the exact lists that an approximate index (HNSW) finds, by metric; FILE: user and item
        serve [--seconds N | feedback]     a service on loopback under 500 requests/s with a new model every 10 s; or 5,000 events/s with the
                                           sink, the PostgreSQL server of MLNETRECEXT_POSTGRES where it is set, down for 20 s
        stock-lists RATINGS.csv            where Microsoft.ML.Recommender is: top lists by a stock model, beside a loop over its PredictionEngine
        persist [FOLDER]                   seconds and peak memory of saving and loading 1 M users × 100 k items × rank 64
        large [ROWS RANK]                  seconds and peak memory of writing and reading 9 M rows × rank 64, more bytes than a span holds
        onnx                               rows per second through ONNX Runtime: in batches, and row by row by ML.NET's ApplyOnnxModel
        model-zip                          seconds and peak memory of mlContext.Model.Save and Load, 1 M users x 100 k items x rank 64
        new-items RATINGS.csv ITEMS.csv    Recall@20 among a tenth of the items, which WithItems alone brings, and the seconds it takes
        new-items                          seconds of WithItems with 10,000 generated items: Wals, SoftmaxDnn, ContentBased
        fetch NAME                         downloads MovieLens, once: ml-100k, ml-latest-small, ml-1m, ml-20m or ml-32m
        auto FOLDER MINUTES                NDCG@20 and Recall@20 of what Recommenders().Auto finds; FOLDER: train.csv, validation.csv, test.csv
        folding FOLDER [USERS]             draws folded.svg and apart.svg: embeddings of made-up films by a network without negative samples, and with
        pictures [FOLDER]                  draws quality.svg and speed.svg from quality.csv and speed.csv in the folder of results
        """);
    return 2;
}
