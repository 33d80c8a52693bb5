using System.Reflection;
using System.Text.Json;

namespace MLNetRecExt;

/// <summary>A trainer of a configuration: which, with which options, and which ranges to search.</summary>
public sealed class TrainerConfiguration
{
    /// <summary>Makes one.</summary>
    /// <param name="options">The options. They are copied. Those that differ from their defaults, and have no range here, stay as they are
    /// in a search.</param>
    /// <param name="ranges">Ranges by option, to search besides those that the options declare; null as a range keeps an option as it
    /// is.</param>
    /// <exception cref="ArgumentException">There is no trainer with such options.</exception>
    public TrainerConfiguration(RecommenderTrainerOptions options, IReadOnlyDictionary<string, TuneRangeAttribute?>? ranges = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trainer = ExperimentTrainer.TrainerOf(options.GetType())
            ?? throw new ArgumentException($"No trainer is made of {options.GetType().FullName} alone.", nameof(options));
        Trainer = ExperimentTrainer.NameOf(trainer);
        Options = options.Clone();
        var all = new Dictionary<string, TuneRangeAttribute?>(ranges ?? new Dictionary<string, TuneRangeAttribute?>());
        var defaults = Activator.CreateInstance(options.GetType());
        foreach (var field in Settable(options.GetType()))
            if (!IsSame(field.GetValue(options), field.GetValue(defaults)))
                all.TryAdd(field.Name, null);
        Ranges = all;
    }

    /// <summary>The trainer, one of <see cref="Experiment.TrainerNames"/>.</summary>
    public string Trainer { get; }

    /// <summary>Its options.</summary>
    public RecommenderTrainerOptions Options { get; }

    /// <summary>Ranges to search, by name of the option. Null as a range: the option stays as it is.</summary>
    public IReadOnlyDictionary<string, TuneRangeAttribute?> Ranges { get; }

    /// <summary>Whether the trainer learns from features of items, too.</summary>
    public bool ItemFeatures { get; init; }

    /// <summary>Whether the trainer learns from features of users, too.</summary>
    public bool UserFeatures { get; init; }

    /// <summary>A copy of the options, with the features where they are asked for.</summary>
    /// <exception cref="ArgumentException">They are asked for, and there are none.</exception>
    internal RecommenderTrainerOptions WithFeatures(SideFeatures? items, SideFeatures? users)
    {
        var copy = Options.Clone();
        if (ItemFeatures)
            Set(nameof(ItemFeatures), items, "data.items");
        if (UserFeatures)
            Set(nameof(UserFeatures), users, "data.users");
        return copy;

        void Set(string name, SideFeatures? features, string file) => FeatureField(copy.GetType(), name)?.SetValue(copy, features
            ?? throw new ArgumentException($"A trainer {Trainer} asks for {name}, and there are none: name a file of them as {file}."));
    }

    /// <summary>The option that takes features of items, or of users; null where the trainer has no use for them.</summary>
    internal static FieldInfo? FeatureField(Type options, string name) => options.GetField(name) is { } field
        && field.FieldType == typeof(SideFeatures) ? field : null;

    /// <summary>The options that a file can give: numbers, truth values, choices, texts and lists of integers that are not columns or
    /// paths.</summary>
    internal static IEnumerable<FieldInfo> Settable(Type options) => options
        .GetFields(BindingFlags.Public | BindingFlags.Instance)
        .Where(field => field.DeclaringType != typeof(RecommenderTrainerOptions) || field.Name == nameof(RecommenderTrainerOptions.MemoryLimitMegabytes))
        .Where(field => (Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType) is { IsPrimitive: true } or { IsEnum: true }
            || field.FieldType == typeof(int[]));

    internal static string JsonName(FieldInfo field) => JsonNamingPolicy.CamelCase.ConvertName(field.Name);

    /// <summary>The value of an option from JSON.</summary>
    internal static object? Read(FieldInfo field, JsonElement value)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        try
        {
            if (value.ValueKind == JsonValueKind.Null)
                return !field.FieldType.IsValueType || type != field.FieldType ? null : throw new FormatException();
            if (type.IsEnum)
                return value.GetString() is { } name && Enum.GetNames(type).Contains(name, StringComparer.OrdinalIgnoreCase)
                    ? Enum.Parse(type, name, ignoreCase: true) : throw new FormatException();
            if (type == typeof(int[]))
                return value.EnumerateArray().Select(element => element.GetInt32()).ToArray();
            return type == typeof(bool) ? value.GetBoolean() : value.Deserialize(type);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or JsonException)
        {
            throw new JsonException($"{JsonName(field)} is {value.GetRawText()}; {Needed(field)} is needed.");
        }
    }

    private static bool IsSame(object? first, object? second) => first is int[] a && second is int[] b ? a.SequenceEqual(b) : Equals(first, second);

    private static string Needed(FieldInfo field)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        return type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int[]) ? "a list of whole numbers"
            : type == typeof(int) || type == typeof(long) ? "a whole number, or a range [least, most]" : "a number, or a range [least, most]";
    }
}
