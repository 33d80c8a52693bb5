#if STOCK_RECOMMENDER
using Microsoft.ML;
using Microsoft.ML.Trainers;
#endif
using MLNetRecExt;

namespace Compare;

/// <summary>The trainers that can be compared: those of the catalog by themselves, and those that need other options or data
/// here.</summary>
internal static class TrainerRows
{
    /// <summary>The rows whose trainers look at features of users or items.</summary>
    public static readonly string[] WithFeatures = ["softmax-dnn-features", "content", "hybrid", "stages"];

    private static readonly (string Name, ComparisonTask Task, Func<string, TrainerRow> Create)[] All =
    [
        .. CatalogRows.AllBut(
            typeof(MeanTrainer), typeof(SgdMatrixFactorizationTrainer), typeof(ContentBasedTrainer), typeof(StagedTrainer), typeof(BlendTrainer),
            typeof(NextItemEaseTrainer))
            .Select(row => (row.Name, ComparisonTask.Ranking, row.Create)),
        ("hybrid", ComparisonTask.Ranking, name => new TrainerRow<WalsModel, WalsTrainer.Options>(name, (trainers, options) => trainers.Wals(options), prepare: AddFeatures,
            ranges: new Dictionary<string, TuneRangeAttribute> { [nameof(WalsTrainer.Options.FeatureRegularization)] = new(0.01, 1000) { Logarithmic = true } })),
        ("next-item-ease", ComparisonTask.Ranking, name => new TrainerRow<ItemToItemModel, NextItemEaseTrainer.Options>(
            name, (trainers, options) => trainers.NextItemEase(options),
            prepare: (_, data) => data.Train.ByUser.HasTimestamps ? null : "there are no timestamps: name their column with --time")),
        ("sgd", ComparisonTask.Ranking, name => Sgd(name, SgdMatrixFactorizationTrainer.Options.ForRanking())),
        ("softmax-dnn-features", ComparisonTask.Ranking, name => new TrainerRow<SoftmaxDnnModel, SoftmaxDnnTrainer.Options>(name, (trainers, options) => trainers.SoftmaxDnn(options), prepare: AddFeatures)),
        ("content", ComparisonTask.Ranking, name => new TrainerRow<ContentBasedModel, ContentBasedTrainer.Options>(name, (trainers, options) => trainers.ContentBased(options), prepare: AddFeatures)),
        ("stages", ComparisonTask.Ranking, Stages),
        ("blend", ComparisonTask.Ranking, Blend),
#if STOCK_RECOMMENDER
        ("stock-one-class-by-hand", ComparisonTask.Ranking, name => Stock(name, new() { LossFunction = OneClass, ApproximationRank = 32, Regularization = 10, Alpha = 0.5 })),
        ("stock-one-class-defaults", ComparisonTask.Ranking, name => Stock(name, new() { LossFunction = OneClass })),
#endif
        ("global-mean", ComparisonTask.Ratings, name => Mean(name, MeanOf.All)),
        ("user-mean", ComparisonTask.Ratings, name => Mean(name, MeanOf.User)),
        ("item-mean", ComparisonTask.Ratings, name => Mean(name, MeanOf.Item)),
        ("wals", ComparisonTask.Ratings, name => new TrainerRow<WalsModel, WalsTrainer.Options>(
            name, (trainers, options) => trainers.Wals(options), new() { Target = WalsTarget.Label, UnobservedWeight = 0, UseBiases = true, Regularization = 0.1f })),
        ("sgd", ComparisonTask.Ratings, name => Sgd(name, new())),
        ("item-knn", ComparisonTask.Ratings, name => ItemKnn(name, ItemKnnTrainer.Options.ForRatings())),
        ("user-knn", ComparisonTask.Ratings, name => UserKnn(name, UserKnnTrainer.Options.ForRatings())),
#if STOCK_RECOMMENDER
        ("stock", ComparisonTask.Ratings, name => Stock(name, new())),
#endif
    ];

    /// <summary>What this build lacks, and why; null when it lacks nothing.</summary>
#if STOCK_RECOMMENDER
    public static string? LeftOut => null;
#else
    public static string? LeftOut =>
        "The stock matrix factorization is left out: this was built without Microsoft.ML.Recommender, which could not be restored from the package sources.";
#endif

    public static IReadOnlyList<string> Names(ComparisonTask task, TrainerAssembly? others = null) =>
        [.. All.Where(row => row.Task == task).Select(row => row.Name), .. others?.Names ?? []];

    /// <exception cref="UsageException">There is no trainer of this name for the task.</exception>
    public static void Check(string name, Arguments arguments)
    {
        var names = Names(arguments.Task, arguments.TrainerAssembly);
        if (names.Contains(name))
            return;
        var task = arguments.Task == ComparisonTask.Ratings ? " for --task ratings" : "";
        var leftOut = name.StartsWith("stock", StringComparison.Ordinal) && LeftOut is not null ? " " + LeftOut : "";
        throw new UsageException($"There is no trainer '{name}'{task}; there are {string.Join(", ", names)}.{leftOut}");
    }

    /// <summary>The rows that the arguments ask for, their options set.</summary>
    public static IReadOnlyList<TrainerRow> Create(Arguments arguments)
    {
        TrainerRow[] rows =
        [
            .. All.Where(row => row.Task == arguments.Task && arguments.Trainers.Contains(row.Name)).Select(row => row.Create(row.Name)),
            .. arguments.TrainerAssembly?.Create(arguments.Trainers) ?? [],
        ];
        foreach (var row in rows)
        {
            row.Options.Seed = arguments.Seed;
            row.Options.NumberOfThreads = arguments.Threads;
            // Data made up on the spot shall not keep anybody waiting.
            if (arguments.Synthetic && row.Options is SoftmaxDnnTrainer.Options network)
                (network.ApproximationRank, network.MaxExamplesPerUser) = (64, 20);
        }
        foreach (var setting in arguments.Settings)
        {
            var (name, option, value) = setting.Split('=', 2) is [var target, var text] && target.Split('.', 2) is [var trainer, var field]
                ? (trainer, field, text)
                : throw new UsageException($"--set: '{setting}' does not read TRAINER.OPTION=VALUE, like wals.ApproximationRank=64.");
            Check(name, arguments);
            (rows.FirstOrDefault(row => row.Name == name)
                ?? throw new UsageException($"--set: {name} is not among --trainers {string.Join(",", arguments.Trainers)}.")).Set(option, value);
        }
        return rows;
    }

    private static string? AddFeatures(SoftmaxDnnTrainer.Options options, ComparisonData data)
    {
        (options.UserFeatures, options.ItemFeatures) = (data.UserFeatures, data.ItemFeatures);
        return data.UserFeatures is null && data.ItemFeatures is null ? "there are no features: name files that hold some with --users or --items" : null;
    }

    private static string? AddFeatures(ContentBasedTrainer.Options options, ComparisonData data)
    {
        options.ItemFeatures = data.ItemFeatures;
        return LackOfItemFeatures(data);
    }

    private static string? AddFeatures(WalsTrainer.Options options, ComparisonData data)
    {
        options.ItemFeatures = data.ItemFeatures;
        return LackOfItemFeatures(data);
    }

    /// <summary>That there are no features of items, and how to name some; null where there are.</summary>
    public static string? LackOfItemFeatures(ComparisonData data) =>
        data.ItemFeatures is null ? "there are no features of items: name a file that holds some with --items" : null;

    private static TrainerRow<MeanModel, MeanTrainer.Options> Mean(string name, MeanOf of) =>
        new(name, (trainers, options) => trainers.Mean(options), new() { Of = of });

    private static TrainerRow<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options> Sgd(string name, SgdMatrixFactorizationTrainer.Options options) =>
        new(name, (trainers, options) => trainers.SgdMatrixFactorization(options), options);

    private static TrainerRow<ItemKnnModel, ItemKnnTrainer.Options> ItemKnn(string name, ItemKnnTrainer.Options options) =>
        new(name, (trainers, options) => trainers.ItemKnn(options), options);

    private static TrainerRow<UserKnnModel, UserKnnTrainer.Options> UserKnn(string name, UserKnnTrainer.Options options) =>
        new(name, (trainers, options) => trainers.UserKnn(options), options);

    /// <summary>Scores of WALS, EASE and neighbors, added up with weights found on a part of training.</summary>
    private static TrainerRow<FusedModel, BlendTrainer.Options> Blend(string name) => new(name, (trainers, options) =>
    {
        options.Members =
        [
            trainers.Wals(As<WalsTrainer.Options>(options)), trainers.Ease(As<EaseTrainer.Options>(options)),
            trainers.ItemKnn(As<ItemKnnTrainer.Options>(options)),
        ];
        return trainers.Blend(options);
    });

    /// <summary>Options of a part, with what holds for the whole.</summary>
    private static TOptions As<TOptions>(RecommenderTrainerOptions whole) where TOptions : RecommenderTrainerOptions, new() =>
        new() { Seed = whole.Seed, NumberOfThreads = whole.NumberOfThreads, CancellationToken = whole.CancellationToken };

    /// <summary>Candidates of WALS, features and popularity; a logistic regression over what these say; and a little diversity.</summary>
    private static TrainerRow<RerankedModel, StagedTrainer.Options> Stages(string name)
    {
        SideFeatures? features = null;
        return new(name, Create, new() { Rules = new() { Diversity = 0.05f } }, (_, data) =>
        {
            features = data.ItemFeatures;
            return LackOfItemFeatures(data);
        });

        StagedTrainer Create(RecommenderTrainersCatalog trainers, StagedTrainer.Options options)
        {
            options.Sources = CandidateSources.Of(trainers, features!, As<WalsTrainer.Options>(options), options.NumberOfCandidates);
            return trainers.Staged(options);
        }
    }

#if STOCK_RECOMMENDER
    private const MatrixFactorizationTrainer.LossFunctionType OneClass = MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass;

    private static TrainerRow<StockMatrixFactorizationModel, StockMatrixFactorizationTrainer.Options> Stock(string name, StockMatrixFactorizationTrainer.Options options) =>
        new(name, (trainers, options) => trainers.MatrixFactorization(options), options);
#endif
}
