using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Everything that recommends, by way of <c>mlContext.Recommenders()</c>.</summary>
public sealed class RecommendersCatalog
{
    private readonly MLContext _mlContext;

    internal RecommendersCatalog(MLContext mlContext)
    {
        _mlContext = mlContext;
        Trainers = new RecommenderTrainersCatalog(mlContext);
        Transforms = new RecommenderTransformsCatalog(mlContext);
        Data = new RecommenderDataCatalog(mlContext);
        Splits = new RecommenderSplitsCatalog(mlContext);
        Stages = new RecommenderStagesCatalog();
    }

    /// <summary>Trainers, to append to a pipeline.</summary>
    public RecommenderTrainersCatalog Trainers { get; }

    /// <summary>Transforms that use trained models, to append to a pipeline.</summary>
    public RecommenderTransformsCatalog Transforms { get; }

    /// <summary>Models made of others: several sources of candidates, an exact scorer behind them, rules behind that.</summary>
    public RecommenderStagesCatalog Stages { get; }

    /// <summary>Reading interactions into memory.</summary>
    public RecommenderDataCatalog Data { get; }

    /// <summary>Partitions into training and test parts.</summary>
    public RecommenderSplitsCatalog Splits { get; }

    /// <summary>Makes single predictions from many threads, as a web service does.</summary>
    /// <typeparam name="TSource">Class of the rows that come in.</typeparam>
    /// <typeparam name="TResult">Class of the answers.</typeparam>
    /// <param name="transformer">A trained or loaded transformer or chain; it stays the caller's.</param>
    /// <param name="options">As for a <see cref="PredictionEngine{TSrc, TDst}"/>; null for the defaults. Its <c>OwnsTransformer</c> is
    /// not looked at.</param>
    /// <returns>The pool; it is safe to use from any number of threads.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the kind that the model was trained on.</exception>
    public RecommenderEnginePool<TSource, TResult> CreateEnginePool<TSource, TResult>(
        ITransformer transformer, PredictionEngineOptions? options = null)
        where TSource : class
        where TResult : class, new()
    {
        ArgumentNullException.ThrowIfNull(transformer);
        return new(_mlContext, transformer, options);
    }

    /// <summary>Ranks the full catalogue for every user with a held-out interaction, on all cores, and measures the lists.</summary>
    /// <param name="model">Any trained model.</param>
    /// <param name="heldOut">What the users took after, or apart from, training. Its ids extend the model's: split after reading, or read
    /// it with <c>IdsOf</c> the training part.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <returns>Every metric with its 95 % interval: print it, read <c>report.Ndcg(20).Mean</c>, or compare two with
    /// <see cref="EvaluationReport.Compare"/>.</returns>
    /// <exception cref="ArgumentException">The ids are not the model's, an option is out of range, or no held-out interaction is
    /// relevant.</exception>
    /// <exception cref="NotSupportedException"><see cref="RankingEvaluationOptions.FoldIn"/> is set and the model cannot fold
    /// in.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="RankingEvaluationOptions.CancellationToken"/>.</exception>
    /// <example><code>
    /// var split = recommenders.Splits.RandomPerUser(interactions);
    /// var model = recommenders.Trainers.Wals().Fit(split.Train);
    /// Console.WriteLine(recommenders.Evaluate(model, split.Test));
    /// </code></example>
    public RankingReport Evaluate(RecommenderModel model, Interactions heldOut, RankingEvaluationOptions? options = null) =>
        RankingEvaluator.Evaluate(model, heldOut, options);

    /// <summary>
    /// Evaluates any transformer that adds a score column to (user, item) rows, such as the stock matrix factorization or a loaded
    /// pipeline. Each judged user goes through <c>Transform</c> with every item of <paramref name="trainData"/>. That is slow, about a
    /// microsecond per user and item: evaluate a <see cref="RecommenderModel"/> where there is one.
    /// </summary>
    /// <param name="model">Scores rows; a NaN score is never recommended.</param>
    /// <param name="trainData">What it was trained on, in the schema that it takes: the catalogue, and what is left out as seen. Columns
    /// other than user and item get default values in the rows to score.</param>
    /// <param name="heldOutData">What is judged on, in the same schema.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c> alone.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <param name="scoreColumnName">The column of scores (Single, higher for better).</param>
    /// <inheritdoc cref="Evaluate(RecommenderModel, Interactions, RankingEvaluationOptions?)"/>
    public RankingReport Evaluate(ITransformer model, IDataView trainData, IDataView heldOutData, InteractionColumns? columns = null,
        RankingEvaluationOptions? options = null, string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(trainData);
        columns ??= new InteractionColumns();
        var train = Data.ReadInteractions(trainData, columns);
        var heldOut = Data.ReadInteractions(heldOutData, columns, new() { IdsOf = train });
        return Evaluate(new TransformerModel(model, trainData.Schema, columns, scoreColumnName, train), heldOut, options);
    }

    /// <summary>Predicts the label of every held-out pair and measures how far off that is.</summary>
    /// <param name="model">A model that predicts labels.</param>
    /// <param name="heldOut">Pairs with labels. Its ids extend the model's: split after reading, or read it with <c>IdsOf</c> the
    /// training part.</param>
    /// <param name="options">How to do it; null for the defaults.</param>
    /// <returns>RMSE and MAE with 95 % intervals and coverage: print it, read <c>report.Rmse.Mean</c>, or compare two with
    /// <see cref="EvaluationReport.Compare"/>.</returns>
    /// <exception cref="ArgumentException">The ids are not the model's, an option is out of range, or there is no held-out
    /// interaction.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="RatingEvaluationOptions.CancellationToken"/>.</exception>
    public RatingReport EvaluateRatings(RecommenderModel model, Interactions heldOut, RatingEvaluationOptions? options = null) =>
        RatingEvaluator.Evaluate(model, heldOut, options);

    /// <summary>Finds out whether the order of histories says something: how much better a model's lists are with each user's history in
    /// its order than with it shuffled.</summary>
    /// <remarks>Nothing is trained: two rounds of lists. Where the gain is not above 0, models that do not look at order are as good here,
    /// and simpler. A split per user lets what others did later into training, from which order gains more than it would in use: measure
    /// by <c>Splits.ByTime</c>, too.</remarks>
    /// <param name="model">A model whose scores depend on the order of a history, such as one of <c>NextItemEase</c>, trained on
    /// interactions with timestamps.</param>
    /// <param name="heldOut">What the users took after training. Its ids extend the model's.</param>
    /// <param name="seed">Seed of the shuffling.</param>
    /// <param name="numberOfThreads">Threads to use, in [1, 1024]; null: all cores. The result does not depend on it.</param>
    /// <param name="cancellationToken">Cancels with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The gain in NDCG@20 with its 95 % interval.</returns>
    /// <exception cref="NotSupportedException">The model's scores do not depend on the order of a history, or no history has
    /// one.</exception>
    /// <exception cref="ArgumentException">The ids are not the model's, there is no held-out interaction, or the model's histories have no
    /// timestamps.</exception>
    /// <example><code>
    /// var model = recommenders.Trainers.NextItemEase(new()).Fit(split.Train);
    /// if (!recommenders.OrderGain(model, split.Test).Matters)
    ///     Console.WriteLine("Ease will do.");
    /// </code></example>
    public OrderGain OrderGain(
        RecommenderModel model, Interactions heldOut, int seed = 42, int? numberOfThreads = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(heldOut);
        return HistoryShuffle.Measure(model, heldOut, seed, numberOfThreads, cancellationToken);
    }

    /// <summary>Trains on the training part of each fold and measures the errors on its test part, one fold after the other.</summary>
    /// <example><code>
    /// var validation = recommenders.CrossValidateRatings(trainer, recommenders.Splits.KFold(all));
    /// Console.WriteLine(validation.Rmse);
    /// </code></example>
    /// <param name="trainer">A trainer that predicts labels.</param>
    /// <param name="folds">The folds, enumerated once: of <see cref="RecommenderSplitsCatalog.KFold(Interactions, int, int)"/>, or parts
    /// of one's own by <see cref="RecommenderSplitsCatalog.Given"/>.</param>
    /// <param name="options">How to evaluate; null for the defaults.</param>
    /// <returns>The report of each fold, and means over them; print it for the table.</returns>
    /// <exception cref="ArgumentException">There is no fold, or a part of one has no interaction.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="RatingEvaluationOptions.CancellationToken"/> or the
    /// trainer's.</exception>
    public RatingCrossValidation CrossValidateRatings(
        RecommenderTrainer trainer, IEnumerable<InteractionSplit> folds, RatingEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(folds);
        RatingReport[] reports = [.. folds.Select(fold => EvaluateRatings(trainer.Fit(fold.Train), fold.Test, options))];
        return reports.Length > 0 ? new(reports) : throw new ArgumentException("There is no fold.", nameof(folds));
    }

    /// <summary>
    /// Searches a trainer's options for the highest NDCG@20 on a validation part, or for the lowest RMSE
    /// (<see cref="TunerOptions.Metric"/>).
    /// </summary>
    /// <remarks>
    /// <para>The first trials are those that the options name (<see cref="RecommenderTrainerOptions.TuneStarts"/>) and some spread evenly
    /// over the ranges. Later ones are those that a model of the trials so far (a surrogate) expects most of. A trial stops early when it
    /// is no longer among the best (successive halving). The search ends with <see cref="TunerOptions.Trials"/> or
    /// <see cref="TunerOptions.TimeLimit"/>.</para>
    /// <para>Trial 0 is <paramref name="options"/> itself, so the answer is never worse than that on the validation part. By NDCG@20
    /// another setting, or another number of iterations, is taken only if it gains more than half of the gain's standard error: a small
    /// gain is often chance.</para>
    /// </remarks>
    /// <example><code>
    /// var tuned = recommenders.Tune(recommenders.Trainers.Wals, new WalsTrainer.Options { ApproximationRank = 128 }, train, validation);
    /// var model = recommenders.Trainers.Wals(tuned.Options).Fit(trainAndValidation);
    /// </code></example>
    /// <typeparam name="TModel">The model that the trainer makes.</typeparam>
    /// <typeparam name="TOptions">The trainer's options; fields marked with <see cref="TuneRangeAttribute"/> are tuned.</typeparam>
    /// <param name="trainer">Makes a trainer from options: a method of <see cref="Trainers"/>.</param>
    /// <param name="options">Where the search starts, and the values of options that are not tuned. Not changed.</param>
    /// <param name="train">What is fitted on.</param>
    /// <param name="validation">What is judged on; its ids extend those of <paramref name="train"/>. Never the test part.</param>
    /// <param name="tuning">How to search; null for the defaults.</param>
    /// <returns>The best options, typed, all trials, and what speaks against the choice; print it for the table.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the validation part is empty, or <see cref="TunerOptions.LogPath"/>
    /// belongs to another tuning, or was written by a version with another format.</exception>
    /// <exception cref="InvalidDataException">A line of the trial log is damaged; the message says which.</exception>
    /// <exception cref="InvalidOperationException">Every trial failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; with <see cref="TunerOptions.LogPath"/> the next call goes on from
    /// there.</exception>
    public TuneResult<TOptions> Tune<TModel, TOptions>(
        Func<TOptions, RecommenderTrainer<TModel, TOptions>> trainer, TOptions options,
        Interactions train, Interactions validation, TunerOptions? tuning = null)
        where TModel : RecommenderModel
        where TOptions : RecommenderTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        using var channel = ((IHostEnvironment)_mlContext).Register("Tuner").Start("Tuning");
        return new Tuner<TModel, TOptions>(trainer, options, train, validation, tuning ?? new(), channel).Run();
    }

    /// <summary>Searches a trainer's options for the best metric on a validation view; both views are read by the columns that
    /// <paramref name="options"/> names.</summary>
    /// <inheritdoc cref="Tune{TModel, TOptions}(Func{TOptions, RecommenderTrainer{TModel, TOptions}}, TOptions, Interactions, Interactions, TunerOptions?)"/>
    public TuneResult<TOptions> Tune<TModel, TOptions>(
        Func<TOptions, RecommenderTrainer<TModel, TOptions>> trainer, TOptions options,
        IDataView train, IDataView validation, TunerOptions? tuning = null)
        where TModel : RecommenderModel
        where TOptions : RecommenderTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        var columns = options.Columns;
        var trainPart = Read(train, idsOf: null);
        return Tune(trainer, options, trainPart, Read(validation, idsOf: trainPart), tuning);

        Interactions Read(IDataView view, Interactions? idsOf) => Data.ReadInteractions(view, columns, new()
        {
            Duplicates = options.Duplicates,
            BadRows = options.BadRows,
            IdsOf = idsOf,
            CancellationToken = options.CancellationToken,
        });
    }

    /// <summary>
    /// Finds a model in some minutes: tries Popularity, ItemKnn, Wals, Ease, NextItemEase and SoftmaxDnn with options from the data, tunes
    /// the better ones while time lasts, and blends them where that gains.
    /// </summary>
    /// <example><code>
    /// var found = recommenders.Auto(recommenders.Data.ReadInteractions("orders.csv"), TimeSpan.FromMinutes(5));
    /// Console.WriteLine(found);
    /// found.Model.Save("shop.model");
    /// </code></example>
    /// <param name="data">Who took what. With timestamps, what lists are judged by is the latest of each user, and order is learned
    /// from.</param>
    /// <param name="timeLimit">How long to search, the last trainings reckoned in.</param>
    /// <inheritdoc cref="Auto(Interactions, AutoOptions)" path="/*[self::remarks or self::returns or self::exception]"/>
    public AutoResult Auto(Interactions data, TimeSpan timeLimit) => Auto(data, new AutoOptions { TimeLimit = timeLimit });

    /// <summary>Finds a model: each trainer with options from the data, the better ones tuned, blended where that gains.</summary>
    /// <remarks>
    /// <para>A tenth of each user's interactions is held back as a test part, and another tenth to choose by, unless
    /// <see cref="AutoOptions.Validation"/> and <see cref="AutoOptions.Test"/> are given: the latest where there are timestamps, random ones
    /// elsewhere. A user with one interaction has none in either.</para>
    /// <para>Each trainer learns once with options from the data, the fast ones first. Those within 15 % of the best are tuned in turns, by
    /// <see cref="Tune{TModel, TOptions}(Func{TOptions, RecommenderTrainer{TModel, TOptions}}, TOptions, Interactions, Interactions, TunerOptions)"/>,
    /// the one next that had least time. Their best settings are blended as <see cref="BlendTrainer"/> does: where that gains less than 0.5 %
    /// the best model stands alone. What was chosen is trained on all but the test part, measured there once, and trained on everything.</para>
    /// <para>Memory: the largest training, or in the end all models that are blended, beyond copies of the interactions. A trainer that does
    /// not fit is left out, and the table says so.</para>
    /// </remarks>
    /// <param name="data">Who took what. With timestamps, order is learned from.</param>
    /// <param name="options">How long to search, and what to judge by; null for 5 minutes.</param>
    /// <returns>The model, the table of trainers, and what to try with more time.</returns>
    /// <exception cref="ArgumentException">An option is out of range, nothing can be held back, or a file of
    /// <see cref="AutoOptions.LogDirectory"/> belongs to another search.</exception>
    /// <exception cref="InvalidDataException">A file of <see cref="AutoOptions.LogDirectory"/> is damaged; the message says where.</exception>
    /// <exception cref="InvalidOperationException">No trainer succeeded; the message says why each failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before there was a model.</exception>
    public AutoResult Auto(Interactions data, AutoOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var environment = (IHostEnvironment)_mlContext;
        using var channel = environment.Register("Auto").Start("Search");
        return new AutoSearch(environment, data, options ?? new(), channel).Run();
    }

    /// <summary>Begins a comparison of trainers on the same data: add trainers, run it, and look at the record.</summary>
    /// <example><code>
    /// var record = recommenders.Experiment(orders, new() { Metric = "NDCG@12", TimeLimit = TimeSpan.FromMinutes(5) })
    ///     .Add("popularity", "item-knn", "wals", "ease").Run();
    /// Console.WriteLine(record);
    /// record.Best.Model!.Save("best.model");
    /// </code></example>
    /// <param name="data">Who took what.</param>
    /// <param name="options">What is held out, the metric, the budget of the search; null for the defaults: no search.</param>
    /// <returns>An experiment without trainers.</returns>
    /// <exception cref="ArgumentException">Options contradict one another.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Experiment Experiment(Interactions data, ExperimentOptions? options = null) => new(_mlContext, data, options ?? new());

    /// <summary>Begins the comparison that a configuration says, on the files that it names.</summary>
    /// <example><code>
    /// var record = recommenders.Experiment(ExperimentConfiguration.Load("shop/recommender.json"), "shop").Run();
    /// </code></example>
    /// <param name="configuration">Data, split, metric, budget and trainers.</param>
    /// <param name="folder">What the paths of its files are relative to: its own folder.</param>
    /// <param name="change">Adds to the options what no file can say, such as progress and cancellation; null: nothing.</param>
    /// <returns>An experiment with the configuration's trainers.</returns>
    /// <exception cref="NotSupportedException">Interactions come from a database: read them, and give them to
    /// <see cref="Experiment(Interactions, ExperimentOptions?)"/>.</exception>
    /// <exception cref="ArgumentException">Options contradict one another, a column is not in a file, or a trainer asks for features that
    /// there are not.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not as it should be; the message says what was found and what is needed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Experiment Experiment(
        ExperimentConfiguration configuration, string folder, Func<ExperimentOptions, ExperimentOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(folder);
        using var channel = ((IHostEnvironment)_mlContext).Register("Experiment").Start("Reading");
        var options = change?.Invoke(configuration.ToOptions()) ?? configuration.ToOptions();
        var files = new ConfiguredFiles(configuration, folder, channel, options.CancellationToken);
        options = files.Complete(options);
        return configuration.AddTrainersTo(Experiment(files.Interactions, options), options.ItemFeatures, options.UserFeatures);
    }
}
