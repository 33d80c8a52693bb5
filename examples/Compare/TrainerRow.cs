using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using MLNetRecExt;

namespace Compare;

/// <summary>A trainer under a name, with its options: what becomes a row of the table.</summary>
internal abstract class TrainerRow(string name)
{
    private readonly HashSet<string> _given = [];

    public string Name { get; } = name;

    /// <summary>Names of the options that <see cref="Set"/> has set.</summary>
    protected IReadOnlySet<string> Given => _given;

    public abstract RecommenderTrainerOptions Options { get; }

    /// <summary>Whether its models have item embeddings.</summary>
    public abstract bool HasEmbeddings { get; }

    /// <summary>Gives the trainer what it needs of the data beside interactions.</summary>
    /// <returns>What the data lacks for this trainer; null when nothing.</returns>
    public abstract string? Prepare(ComparisonData data);

    /// <summary>Has the trainer look at its options.</summary>
    /// <exception cref="UsageException">A value is out of range.</exception>
    public abstract void Check(MLContext ml);

    /// <summary>Has something throw what is wrong with the options, and says it in a line.</summary>
    /// <exception cref="UsageException">A value is out of range.</exception>
    protected void Check(Action look)
    {
        try
        {
            look();
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{Name}: {e.Message.Split('\n', 2)[0].Replace($" (Parameter '{e.ParamName}')", "")}");
        }
    }

    /// <summary>Searches the options that nobody has set, and takes the best.</summary>
    /// <returns>What came of it; null where there is nothing to search.</returns>
    public abstract Search? Tune(
        MLContext ml, Interactions train, Interactions validation, TunerOptions tuning, IProgress<double> progress);

    /// <inheritdoc cref="RecommenderTrainer.EstimateMemory"/>
    public abstract long EstimateMemory(MLContext ml, Interactions data);

    public abstract RecommenderModel Fit(MLContext ml, Interactions data);

    /// <summary>Sets a public field of the options by name.</summary>
    /// <exception cref="UsageException">There is no such option, or the value does not fit it.</exception>
    public void Set(string option, string value)
    {
        var field = SettableFields().FirstOrDefault(f => f.Name.Equals(option, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"--set: {Name} has no option '{option}'; it has {string.Join(", ", SettableFields().Select(f => f.Name))}.");
        _given.Add(field.Name);
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        try
        {
            field.SetValue(Options, type.IsEnum
                ? Enum.Parse(type, value, ignoreCase: true)
                : type == typeof(int[])
                ? Array.ConvertAll(value.Split(',', StringSplitOptions.RemoveEmptyEntries), part => int.Parse(part, CultureInfo.InvariantCulture))
                : Convert.ChangeType(value, type, CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or InvalidCastException)
        {
            var need = type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : type == typeof(int[]) ? "whole numbers with commas" : $"a value of type {type.Name}";
            throw new UsageException($"--set {Name}.{field.Name}: '{value}' does not fit; {need} is needed.");
        }
    }

    /// <summary>Every option of the trainer's own that has a plain value, and the memory limit.</summary>
    public IReadOnlyList<Setting> Settings()
    {
        var defaults = Activator.CreateInstance(Options.GetType());
        return [.. SettableFields().Select(f => new Setting(f.Name, Plain(f.GetValue(Options)), Equals(Plain(f.GetValue(Options)), Plain(f.GetValue(defaults)))))];

        static object? Plain(object? value) => value is int[] numbers ? string.Join(",", numbers) : value;
    }

    private IEnumerable<FieldInfo> SettableFields() => Options.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Where(IsSettable);

    private static bool IsSettable(FieldInfo field)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        return (type.IsPrimitive || type.IsEnum || type == typeof(int[]))
            && (field.DeclaringType != typeof(RecommenderTrainerOptions)
                || field.Name == nameof(RecommenderTrainerOptions.MemoryLimitMegabytes));
    }
}

/// <inheritdoc/>
/// <param name="name">Name in --trainers and --set.</param>
/// <param name="create">The catalog's method.</param>
/// <param name="options">What the row starts from; null for the defaults.</param>
/// <param name="prepare">Sets what the options need of the data, and says what it lacks; null where interactions are enough.</param>
/// <param name="ranges">What is tuned besides the options that declare a range.</param>
internal sealed class TrainerRow<TModel, TOptions>(
    string name, Func<RecommenderTrainersCatalog, TOptions, RecommenderTrainer<TModel, TOptions>> create, TOptions? options = null, Func<TOptions, ComparisonData, string?>? prepare = null,
    IReadOnlyDictionary<string, TuneRangeAttribute>? ranges = null) : TrainerRow(name)
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions, new()
{
    private TOptions _options = options ?? new();

    public override RecommenderTrainerOptions Options => _options;

    public override string? Prepare(ComparisonData data) => prepare?.Invoke(_options, data);

    public override bool HasEmbeddings => typeof(TModel).IsAssignableTo(typeof(FactorModel));

    public override void Check(MLContext ml) => Check(() => create(ml.Recommenders().Trainers, _options));

    public override Search? Tune(MLContext ml, Interactions train, Interactions validation, TunerOptions tuning, IProgress<double> progress)
    {
        // What is off, 0 on a logarithmic scale, stays so.
        var tuned = typeof(TOptions).GetFields()
            .Where(field => field.GetCustomAttribute<TuneRangeAttribute>() is { } range
                && !(range.Logarithmic && field.GetValue(_options) is 0f))
            .Select(field => field.Name).Concat(ranges?.Keys ?? []);
        if (tuned.All(Given.Contains))
            return null;
        var clock = Stopwatch.StartNew();
        var result = ml.Recommenders().Tune(options => create(ml.Recommenders().Trainers, options), _options, train, validation, tuning with
        {
            Ranges = Given.Union(ranges?.Keys ?? []).ToDictionary(name => name, name => Given.Contains(name) ? null : ranges![name]),
            Seed = _options.Seed,
            Progress = new Forward<TuneTrial>(trial => progress.Report(Math.Max(
                (trial.Trial + 1.0) / (tuning.Trials ?? int.MaxValue),
                tuning.TimeLimit is { } limit ? Math.Min(1, clock.Elapsed / limit) : 0))),
            CancellationToken = _options.CancellationToken,
        });
        _options = result.Options;
        return new([.. result.Trials], [.. result.Edges.Select(edge => edge.ToString()), .. result.Warnings]);
    }

    public override long EstimateMemory(MLContext ml, Interactions data) =>
        create(ml.Recommenders().Trainers, _options).EstimateMemory(data);

    public override RecommenderModel Fit(MLContext ml, Interactions data) => create(ml.Recommenders().Trainers, _options).Fit(data);
}
