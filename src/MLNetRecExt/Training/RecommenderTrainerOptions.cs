using System.Globalization;
using System.Reflection;

namespace MLNetRecExt;

/// <summary>The options that every trainer has: columns, the handling of bad rows and duplicates, threads, memory, seed,
/// progress and cancellation.</summary>
public abstract class RecommenderTrainerOptions
{
    /// <summary>Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</summary>
    /// <value>Default <c>"User"</c>.</value>
    public string UserColumnName = "User";

    /// <summary>Column of items: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</summary>
    /// <value>Default <c>"Item"</c>.</value>
    public string ItemColumnName = "Item";

    /// <summary>Column of labels (Single): the rating or feedback value. Null: every row counts as label 1.</summary>
    /// <value>Default null.</value>
    public string? LabelColumnName;

    /// <summary>Column of weights (Single, not negative): how much a row counts. Null: every weight is 1.</summary>
    /// <value>Default null.</value>
    public string? WeightColumnName;

    /// <summary>Column of timestamps (Int64, Single, Double or DateTime), used by trainers and splits that look at order. Where an option
    /// counts days, they are points in time: dates, or seconds, milliseconds, microseconds or nanoseconds since 1970, whichever puts the
    /// latest of them between the years 1990 and 2100 (nanoseconds: 1991).</summary>
    /// <value>Default null.</value>
    public string? TimestampColumnName;

    /// <summary>Column that the trained transformer appends: the score (Single) of the row's item for its user.</summary>
    /// <value>Default <c>"Score"</c>.</value>
    public string ScoreColumnName = "Score";

    /// <summary>What the trained transformer gives for a user or item that it does not know.</summary>
    /// <value>Default <see cref="RecommendationFallback.None"/>: NaN.</value>
    public RecommendationFallback Fallback;

    /// <summary>Column that the trained transformer appends with the reason of the score (text, a name of
    /// <see cref="RecommendationReason"/>). Null: no such column.</summary>
    /// <value>Default null.</value>
    public string? ReasonColumnName;

    /// <summary>How rows of the same (user, item) become one.</summary>
    /// <value>Default <see cref="DuplicateHandling.Last"/>.</value>
    public DuplicateHandling Duplicates = DuplicateHandling.Last;

    /// <summary>What happens to rows with a bad label, weight or id: a NaN or infinite number, a negative weight, a missing id.</summary>
    /// <value>Default <see cref="BadRowHandling.Skip"/>.</value>
    public BadRowHandling BadRows = BadRowHandling.Skip;

    /// <summary>Threads to use; null: all cores. The result does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads;

    /// <summary>
    /// How many megabytes (10⁶ bytes) training may take beyond the interactions. Data for which
    /// <see cref="RecommenderTrainer.EstimateMemory"/> gives more is refused before the memory is taken. Null: three quarters of what the
    /// process may use, be it in use or not. That is the limit of the container, or <c>System.GC.HeapHardLimit</c> of the runtime's
    /// configuration, or else all memory of the machine: <c>GC.GetGCMemoryInfo().TotalAvailableMemoryBytes</c>.
    /// </summary>
    /// <value>Default null; range [1, 1e7].</value>
    [OptionRange(1, 1e7)]
    public int? MemoryLimitMegabytes;

    /// <summary>Seed of every random choice. Same seed, data and instruction set: same bits.</summary>
    /// <value>Default 42; any integer.</value>
    public int Seed = 42;

    /// <summary>Told after each iteration.</summary>
    /// <value>Default null.</value>
    public IProgress<TrainingProgress>? Progress;

    /// <summary>Cancels training with an <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default <see cref="CancellationToken.None"/>.</value>
    public CancellationToken CancellationToken;

    /// <summary><see cref="NumberOfThreads"/>, or the number of cores.</summary>
    protected internal int Threads => NumberOfThreads ?? Environment.ProcessorCount;

    internal long MemoryLimit => MemoryLimitMegabytes * 1_000_000L ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    internal InteractionColumns Columns => new(UserColumnName, ItemColumnName, LabelColumnName, WeightColumnName, TimestampColumnName);

    internal ScoreColumns ScoreColumns => new(UserColumnName, ItemColumnName, ScoreColumnName, ReasonColumnName, Fallback);

    /// <summary>How the model shall weigh what somebody took by age. Override where the trainer has options for it: scores that are made of
    /// <see cref="TakenItems"/> then follow them, and data without timestamps is refused.</summary>
    protected internal virtual Recency Recency => default;

    /// <summary>A copy. Override where a field is an array, which would be shared.</summary>
    protected internal virtual RecommenderTrainerOptions Clone() => (RecommenderTrainerOptions)MemberwiseClone();

    /// <summary>Gives a number to each option that is null and then follows from the data. Tuning begins there.</summary>
    internal virtual void CompleteFrom(Interactions train)
    {
    }

    /// <summary>Ranges to search, around the values of these completed options, for those that were null in the given ones; where there is
    /// none, the declared range counts.</summary>
    internal virtual IEnumerable<KeyValuePair<string, TuneRangeAttribute>> RangesAround(RecommenderTrainerOptions given) => [];

    /// <summary>Further settings that a search tries first, each a copy of these options with changes: where no setting is good on all
    /// data, one start per kind of data finds a good one sooner.</summary>
    /// <remarks>Of each the options count that are searched, those out of their ranges with the nearest end.</remarks>
    /// <returns>The settings, in the order in which they are tried; none by default.</returns>
    protected internal virtual IEnumerable<RecommenderTrainerOptions> TuneStarts() => [];

    /// <summary>Checks every option against its range, as a trainer's constructor does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names option, value and range.</exception>
    /// <exception cref="ArgumentException">An option that must be given is missing, or contradicts another.</exception>
    public virtual void Validate()
    {
        OptionChecker.Check(this);
        CheckColumn(UserColumnName, nameof(UserColumnName));
        CheckColumn(ItemColumnName, nameof(ItemColumnName));
        CheckColumn(ScoreColumnName, nameof(ScoreColumnName));
        if (UserColumnName == ItemColumnName)
            throw new ArgumentException(
                $"{nameof(UserColumnName)} and {nameof(ItemColumnName)} are both '{UserColumnName}': users and items need a column each.");
        CheckOneHalfLife(Recency);
    }

    private protected static void CheckOneHalfLife(Recency recency)
    {
        if (recency is { HalfLife: > 0, HalfLifeDays: > 0 })
            throw new ArgumentException(FormattableString.Invariant(
                $"RecencyHalfLife (now {recency.HalfLife}) counts age in entries, RecencyHalfLifeDays (now {recency.HalfLifeDays}) in days: ")
                + "set one of them to 0.");
    }

    /// <summary>The card of a model that these options, completed, make of the data.</summary>
    internal ModelInfo Describe(string trainer, RecommenderTrainerOptions given, Interactions train, TimeSpan trainingTime)
    {
        var fields = Array.FindAll(GetType().GetFields(BindingFlags.Public | BindingFlags.Instance), ShowsInTheModel)
            .Where(field => field.GetValue(this) is not null).ToArray();
        var times = train.ByUser.Times;
        return new(
            trainer,
            fields.Select(field => KeyValuePair.Create(field.Name, Text(field.GetValue(this)!))),
            fields.Where(field => field.GetValue(given) is null).Select(field => field.Name))
        {
            Users = train.Users.Count,
            Items = train.Items.Count,
            Interactions = train.LongCount,
            EarliestTimestamp = times?.Earliest,
            LatestTimestamp = times?.Latest,
            LibraryVersion = LibraryVersion,
            Trained = DateTimeOffset.UtcNow,
            TrainingTime = trainingTime,
        };
    }

    private static string LibraryVersion =>
        typeof(RecommenderTrainerOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];

    /// <summary>Of the options that every trainer has, few: the others say where data is, or how the work is done.</summary>
    private static bool ShowsInTheModel(FieldInfo field)
    {
        if (field.DeclaringType == typeof(RecommenderTrainerOptions))
            return field.Name is nameof(Seed) or nameof(Duplicates) or nameof(BadRows);
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        return type.IsPrimitive || type.IsEnum || (type.IsArray && type.GetElementType()!.IsPrimitive)
            || (type == typeof(string) && !field.Name.EndsWith("ColumnName", StringComparison.Ordinal)
                && !field.Name.EndsWith("Path", StringComparison.Ordinal));
    }

    private static string Text(object value)
    {
        const int longest = 200;
        var text = value is Array numbers
            ? $"[{string.Join(", ", numbers.Cast<object>().Take(longest).Select(Text))}]"
            : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return text.Length <= longest ? text : text[..longest] + "…";
    }

    private static void CheckColumn(string name, string option)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"{option} must name a column.", option);
    }
}
