using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>A trainer of any kind, for lists of several. To write one derive from
/// <see cref="RecommenderTrainer{TModel, TOptions}"/>.</summary>
public abstract class RecommenderTrainer
{
    private protected const string WarmStarting = "Wals, SgdMatrixFactorization and SoftmaxDnn";

    private protected RecommenderTrainer()
    {
    }

    /// <summary>Trains on interactions that are in memory already.</summary>
    /// <param name="trainData">What is learned from.</param>
    /// <param name="validationData">What iterations are judged on, where the trainer has such; null: nothing. Its ids extend those of
    /// <paramref name="trainData"/>.</param>
    /// <param name="initial">A model that training starts from, such as that of last night: its embeddings are found by id, in whatever
    /// order the ids come now. Users and items that it does not know start as without it. Null: all do.</param>
    /// <exception cref="ArgumentException">There is no interaction; or there are more users or items than a table of their embeddings can
    /// have; or <paramref name="initial"/> is of another trainer, another rank or other ids, and the message says what was found and what
    /// is needed.</exception>
    /// <exception cref="NotSupportedException">There is an <paramref name="initial"/>, and <see cref="CanWarmStart"/> is false.</exception>
    /// <exception cref="InsufficientMemoryException">Training needs more than <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>:
    /// nothing was taken yet, and the message says what to do.</exception>
    /// <exception cref="NotSupportedException">There are more interactions than an array holds, some 2³¹, and the trainer needs them in
    /// arrays: <c>Wals</c> and <c>Popularity</c> do not.</exception>
    /// <exception cref="InvalidOperationException">Training diverged, and the message names the option to change; or scores may pass what
    /// single precision holds: scale labels or weights down.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract RecommenderModel Fit(Interactions trainData, Interactions? validationData = null, RecommenderModel? initial = null);

    /// <summary>Whether <c>Fit</c> can start from a model.</summary>
    /// <value>Default false.</value>
    public virtual bool CanWarmStart => false;

    /// <summary>About how many bytes training takes beyond the interactions when it takes most: working memory and the model
    /// together.</summary>
    /// <remarks>
    /// <para>The formula stands in the documentation of each trainer. <c>Fit</c> asks for it, too, and refuses what does not fit
    /// <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>.</para>
    /// <para>Counted is what is in use at one time. The runtime takes more where garbage waits to be collected; this is why a quarter of
    /// the memory is left alone by default.</para>
    /// </remarks>
    /// <param name="trainData">What would be learned from.</param>
    /// <param name="validationData">What iterations would be judged on; null: nothing.</param>
    /// <returns>Bytes; 0 where the trainer has no estimate. Nothing is refused then.</returns>
    public long EstimateMemory(Interactions trainData, Interactions? validationData = null)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        return MemoryFor(trainData, validationData);
    }

    /// <summary>What <see cref="EstimateMemory"/> gives. Override it where a trainer can tell, and write the formula into its
    /// documentation.</summary>
    /// <param name="trainData">What would be learned from.</param>
    /// <param name="validationData">What iterations would be judged on; null: nothing.</param>
    /// <returns>Bytes; 0, as by default, for no estimate.</returns>
    protected virtual long MemoryFor(Interactions trainData, Interactions? validationData) => 0;

    /// <summary>Whether rows may stay in the files of an <see cref="InteractionStore"/>; otherwise they are copied into memory.</summary>
    internal virtual bool TrainsOnFiles => false;

    /// <summary>What to do when training does not fit in memory: a sentence that names the options which help.</summary>
    protected virtual string MemoryRemedy => "Leave out users and items that have few interactions.";

    /// <summary>Ids that come first when interactions are read from a view: those that the trainer knows of otherwise, such as of items
    /// with features.</summary>
    /// <param name="schema">The view's columns.</param>
    /// <returns>Null: ids come in order of first occurrence.</returns>
    protected internal virtual (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema) => default;
}

/// <summary>
/// The one way from interactions to a recommender: checks columns, reads, trains, and gives a transformer for <c>(user, item)</c> rows.
/// </summary>
/// <remarks>
/// To write a trainer derive from this, pass the options on, and override <see cref="Train"/>, and
/// <see cref="RecommenderTrainer.MemoryFor"/> where it can tell what it will take. Columns, reading, bad rows, pipelines,
/// tuning, comparison and saving come with it. A trainer that can start from a model overrides
/// <see cref="RecommenderTrainer.CanWarmStart"/> and <see cref="StartFrom"/>, and looks at <see cref="TrainingInput.Initial"/>.
/// Where the model is sparse weights of pairs of items, <see cref="SparseItemModel"/> is the
/// model.
/// </remarks>
/// <typeparam name="TModel">The model that it trains.</typeparam>
/// <typeparam name="TOptions">Its options.</typeparam>
public abstract class RecommenderTrainer<TModel, TOptions> : RecommenderTrainer, IEstimator<RecommenderTransformer<TModel>>
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions
{
    private readonly IHost _host;

    /// <summary>Takes a copy of the options, and checks it.</summary>
    /// <param name="environment">The <see cref="MLContext"/>: where training is logged.</param>
    /// <param name="options">Columns and settings; changes made to it afterwards do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names option, value and range.</exception>
    /// <exception cref="ArgumentException">An option that must be given is missing, or contradicts another.</exception>
    protected RecommenderTrainer(IHostEnvironment environment, TOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        TrainerOptions = (TOptions)options.Clone();
        TrainerOptions.Validate();
        _host = environment.Register(GetType().Name);
    }

    /// <summary>The trainer's own copy of its options.</summary>
    protected TOptions TrainerOptions { get; private protected set; }

    /// <summary>For loops of <see cref="Parallel"/>: the threads and the cancellation that the options ask for.</summary>
    protected ParallelOptions ParallelOptions => new() { MaxDegreeOfParallelism = TrainerOptions.Threads, CancellationToken = TrainerOptions.CancellationToken };

    /// <summary>Trains on a view and gives a transformer that adds a <c>Score</c> column.</summary>
    /// <inheritdoc cref="Fit(IDataView, IDataView?, RecommenderModel?)"/>
    public RecommenderTransformer<TModel> Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on a view, watching a validation part where the trainer's options ask for it.</summary>
    /// <param name="trainData">Rows with the columns that the options name.</param>
    /// <param name="validationData">What iterations are judged on, with the same columns; null: nothing.</param>
    /// <param name="initial">A model that training starts from, such as that of last night: its embeddings are found by id, in whatever
    /// order the ids come now. Users and items that it does not know start as without it. Null: all do.</param>
    /// <exception cref="ArgumentException">A column is missing or has a wrong type; no row is usable; there are more users or items than
    /// a table of their embeddings can have; or <paramref name="initial"/> is of another trainer, another rank or other ids, and the
    /// message says what was found and what is needed.</exception>
    /// <exception cref="NotSupportedException">There is an <paramref name="initial"/>, and <see cref="RecommenderTrainer.CanWarmStart"/> is
    /// false.</exception>
    /// <exception cref="InsufficientMemoryException">Training needs more than <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>:
    /// nothing was taken yet, and the message says what to do.</exception>
    /// <exception cref="InvalidOperationException">Training diverged, and the message names the option to change; or scores may pass what
    /// single precision holds: scale labels or weights down.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RecommenderTransformer<TModel> Fit(
        IDataView trainData, IDataView? validationData = null, RecommenderModel? initial = null)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using var channel = _host.Start("Training");
        var train = Read(trainData, StartingIds(trainData.Schema));
        var validation = validationData is null ? null : Read(validationData, (train.Users, train.Items));
        return new(_host, Fit(new TrainingInput(train, validation, initial, trainData, channel)), TrainerOptions.ScoreColumns);

        Interactions Read(IDataView data, (IdMap? Users, IdMap? Items) ids) => InteractionReader.Read(data, TrainerOptions.Columns, new()
        {
            Duplicates = TrainerOptions.Duplicates,
            BadRows = TrainerOptions.BadRows,
            Users = ids.Users,
            Items = ids.Items,
            CancellationToken = TrainerOptions.CancellationToken,
        }, channel);
    }

    /// <inheritdoc/>
    public override TModel Fit(Interactions trainData, Interactions? validationData = null, RecommenderModel? initial = null)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using var channel = _host.Start("Training");
        return Fit(new TrainingInput(
            TrainsOnFiles ? trainData : trainData.InMemory(), validationData?.InMemory(), initial, null, channel));
    }

    /// <summary>The columns of a pipeline behind this trainer: those before it and the score.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has a wrong type; the message says how to get
    /// there.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        TrainerOptions.Columns.Check(inputSchema);
        CheckColumns(inputSchema);
        if (TrainerOptions.Recency.IsOn)
            CheckTimestampColumn(RecencyOption);
        return SchemaShapes.Append(inputSchema, TrainerOptions.ScoreColumns.Appended());
    }

    /// <summary>Trains a model.</summary>
    /// <param name="input">At least one interaction to train on, perhaps a validation part, and where to log.</param>
    /// <exception cref="InvalidOperationException">Training diverged: say in which iteration, and which option to change.</exception>
    /// <exception cref="OperationCanceledException"><see cref="RecommenderTrainerOptions.CancellationToken"/> was cancelled.</exception>
    protected abstract TModel Train(TrainingInput input);

    /// <summary>Sees to it that training can start from a model. Does nothing by default; it is called where
    /// <see cref="RecommenderTrainer.CanWarmStart"/> is true.</summary>
    /// <param name="initial">The model.</param>
    /// <param name="options">The options of this training, a copy: those that are open may take what the model has.</param>
    /// <exception cref="ArgumentException">What the options ask for does not fit the model; say what it has, what is needed and which
    /// option to change.</exception>
    protected virtual void StartFrom(TModel initial, TOptions options)
    {
    }

    /// <summary>The option of which one training gives the model for any value; null: there is none. A half-life is one where the model
    /// looks at it only when it is asked.</summary>
    internal virtual string? SweptOption => TrainerOptions.Recency.IsOn ? RecencyOption : null;

    /// <summary>One training, and of it a model for each value of <see cref="SweptOption"/>, made when it is asked for.</summary>
    internal virtual IEnumerable<TModel> TrainSwept(TrainingInput input, IReadOnlyList<float> values)
    {
        var model = Train(input);
        return values.Select(_ => (TModel)model.Copy());
    }

    /// <summary>What a sweep takes beyond one training.</summary>
    internal virtual long SweptMemory(Interactions train) => 0;

    /// <summary>One training on interactions, and of it a model for each value of <see cref="SweptOption"/>.</summary>
    internal IEnumerable<TModel> FitSwept(Interactions trainData, IReadOnlyList<float> values)
    {
        using var channel = _host.Start("Training");
        var input = new TrainingInput(trainData, null, null, null, channel);
        CheckInput(input, SweptMemory(trainData));
        var (value, start) = (0, Stopwatch.GetTimestamp());
        foreach (var model in TrainSwept(input, values))
        {
            var options = TrainerOptions.Clone();
            options.GetType().GetField(SweptOption!)?.SetValue(options, values[value++]);
            yield return Finished(model, input, options, start);
        }
    }

    /// <summary>Checks the columns of a pipeline that are not of interactions. Does nothing by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has a wrong type, as ML.NET's estimators throw it; say how to
    /// get there.</exception>
    protected virtual void CheckColumns(SchemaShape inputSchema)
    {
    }

    /// <summary>Sees to it that there are timestamps where the options need some.</summary>
    private protected virtual void CheckTimestamps(Interactions train)
    {
        if (TrainerOptions.Recency.HalfLife > 0 && !train.ByUser.HasTimestamps)
            throw NoTimestamps(RecencyOption);
        if (TrainerOptions.Recency.HalfLifeDays > 0)
            CheckDays(train, RecencyOption);
    }

    /// <summary>Sees to it that a column of timestamps is named.</summary>
    private protected void CheckTimestampColumn(string option)
    {
        if (TrainerOptions.TimestampColumnName is null)
            throw NoTimestamps(option);
    }

    /// <summary>Sees to it that there are timestamps, and that days can be told by them.</summary>
    private protected static void CheckDays(Interactions train, string option)
    {
        if (train.ByUser.Times is not { } times)
            throw NoTimestamps(option);
        if (train.ByUser.TimestampsPerDay is null)
            throw new ArgumentException(
                FormattableString.Invariant($"{option} needs to know how long a day is, and the latest timestamp, {times.Latest}, ")
                + "does not tell: it must lie between 1990 and 2100 as seconds, milliseconds, microseconds or nanoseconds since 1970, "
                + "or as ticks of DateTime. "
                + "Convert the column, or give a half-life in entries where there is one.");
    }

    private protected string RecencyOption => TrainerOptions.Recency.HalfLife > 0 ? "RecencyHalfLife" : "RecencyHalfLifeDays";

    private static ArgumentException NoTimestamps(string option) => new(
        $"{option} needs to know when something was taken: name a column of timestamps "
        + $"({nameof(RecommenderTrainerOptions.TimestampColumnName)}), give interactions with timestamps, or set {option} to 0.");

    private TModel Fit(TrainingInput input) => (input.Initial is null ? this : From(input.Initial, input.Train)).FitOpen(input);

    /// <summary>This trainer with options that fit the model that training starts from.</summary>
    private RecommenderTrainer<TModel, TOptions> From(RecommenderModel initial, Interactions train)
    {
        if (!CanWarmStart)
            throw new NotSupportedException(
                $"{GetType().Name} cannot start from a model; {WarmStarting} can. "
                + $"Leave {nameof(initial)} out, and train on all interactions.");
        if (initial is not TModel model)
            throw new ArgumentException(
                $"{GetType().Name} starts from a {typeof(TModel).Name}, and {nameof(initial)} is a {initial.GetType().Name}. "
                + "Give a model of the same trainer, or leave it out.", nameof(initial));
        initial.Users.CheckSameKind(train.Users, "users", nameof(initial));
        initial.Items.CheckSameKind(train.Items, "items", nameof(initial));
        var trainer = (RecommenderTrainer<TModel, TOptions>)MemberwiseClone();
        trainer.TrainerOptions = (TOptions)TrainerOptions.Clone();
        trainer.StartFrom(model, trainer.TrainerOptions);
        return trainer;
    }

    private TModel FitOpen(TrainingInput input)
    {
        CheckInput(input);
        if (input.Validation is not null && LaterRows.Warning(input.Train, input.Validation) is { } warning)
            input.Warn(warning);
        var start = Stopwatch.GetTimestamp();
        return Finished(Train(input), input, TrainerOptions.Clone(), start);
    }

    private void CheckInput(TrainingInput input, long moreMemory = 0)
    {
        if (input.Train.LongCount == 0)
            throw new ArgumentException($"No usable row to train on: {input.Train.Counts}.");
        TrainerOptions.CancellationToken.ThrowIfCancellationRequested();
        CheckMemory(input.Train, long.CreateSaturating((Int128)EstimateMemory(input.Train, input.Validation) + moreMemory));
        CheckTimestamps(input.Train);
    }

    private void CheckMemory(Interactions train, long need)
    {
        var limit = TrainerOptions.MemoryLimit;
        if (need <= limit)
            return;
        // Rounded up: a limit of what is printed is enough.
        throw new InsufficientMemoryException(
            FormattableString.Invariant($"{GetType().Name} needs about {Math.Ceiling(need / 1e6):N0} MB for {train.Users.Count:N0} users, ")
            + FormattableString.Invariant($"{train.Items.Count:N0} items and {train.LongCount:N0} interactions, ")
            + FormattableString.Invariant($"but may take {limit / 1_000_000:N0} MB. ")
            + $"{MemoryRemedy} Where there is more memory, raise {nameof(RecommenderTrainerOptions.MemoryLimitMegabytes)}.");
    }

    /// <summary>Gives the model what every model has, by a copy of the options, and sees to it that its scores are finite.</summary>
    private TModel Finished(TModel model, TrainingInput input, RecommenderTrainerOptions options, long start)
    {
        options.CompleteFrom(input.Train);
        model.Recency = options.Recency;
        model.Info = options.Describe(GetType().Name, TrainerOptions, input.Train, Stopwatch.GetElapsedTime(start));
        // Not ">": NaN is refused, too.
        return model.LargestScore <= float.MaxValue ? model : throw TooLarge(input.Train.ByUser);
    }

    private static InvalidOperationException TooLarge(InteractionRows rows) => new(
        FormattableString.Invariant($"Scores may pass {float.MaxValue:G2}, the most that single precision holds: ")
        + FormattableString.Invariant($"the largest label is {rows.LargestLabel:G3}, the largest weight {rows.LargestWeight:G3}. ")
        + "Scale labels or weights down.");
}
