using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using MLNetRecExt;

namespace Compare;

/// <summary>A trainer under a name, with its options: what becomes a row of the table.</summary>
internal abstract class TrainerRow(string name)
{
    public string Name { get; } = name;

    public abstract RecommenderTrainerOptions Options { get; }

    public abstract RecommenderModel Fit(MLContext ml, Interactions data);

    /// <summary>Sets a public field of the options by name.</summary>
    /// <exception cref="UsageException">There is no such option, or the value does not fit it.</exception>
    public void Set(string option, string value)
    {
        var fields = Options.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Where(IsSettable).ToArray();
        var field = fields.FirstOrDefault(f => f.Name.Equals(option, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"--set: {Name} has no option '{option}'; it has {string.Join(", ", fields.Select(f => f.Name))}.");
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        try
        {
            field.SetValue(Options, type.IsEnum
                ? Enum.Parse(type, value, ignoreCase: true)
                : Convert.ChangeType(value, type, CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or InvalidCastException)
        {
            var need = type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : $"a value of type {type.Name}";
            throw new UsageException($"--set {Name}.{field.Name}: '{value}' does not fit; {need} is needed.");
        }
    }

    /// <summary>Every option that has a plain value.</summary>
    public IEnumerable<(string Name, object? Value)> Settings() =>
        Options.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Where(IsSettable).Select(f => (f.Name, f.GetValue(Options)));

    private static bool IsSettable(FieldInfo field)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        return (type.IsPrimitive || type.IsEnum) && field.DeclaringType != typeof(RecommenderTrainerOptions);
    }
}

/// <inheritdoc/>
/// <param name="name">Name in --trainers and --set.</param>
/// <param name="create">The catalog's method.</param>
internal sealed class TrainerRow<TModel, TOptions>(string name, Func<RecommenderTrainersCatalog, TOptions, RecommenderTrainer<TModel>> create) : TrainerRow(name)
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions, new()
{
    private TOptions _options = new();

    public override RecommenderTrainerOptions Options => _options;

    public override RecommenderModel Fit(MLContext ml, Interactions data) => create(ml.Recommenders().Trainers, _options).Fit(data);
}
