using System.Reflection;

namespace MLNetRecExt;

/// <summary>The options that are tuned, each with its range, as a unit cube: 0…1 per option, evenly on the option's own scale.</summary>
internal sealed class TuneSpace
{
    private const double EdgeWidth = 0.01;

    private readonly (FieldInfo Field, TuneRangeAttribute Range)[] _axes;

    public TuneSpace(RecommenderTrainerOptions options, IReadOnlyDictionary<string, TuneRangeAttribute?> overrides)
    {
        var type = options.GetType();
        foreach (var name in overrides.Keys)
            if (type.GetField(name) is null)
                throw new ArgumentException($"Ranges names '{name}', which {type.FullName} does not have. Its tunable options: {string.Join(", ", type.GetFields().Where(IsNumeric).Select(f => f.Name))}.", nameof(TunerOptions.Ranges));
        _axes = [.. type.GetFields()
            .Select(field => (Field: field, Range: overrides.TryGetValue(field.Name, out var range) ? range : DeclaredRange(field, options)))
            .Where(axis => axis.Range is not null)
            .Select(axis => (axis.Field, axis.Range!))
            .OrderBy(axis => axis.Field.Name, StringComparer.Ordinal)];
        foreach (var (field, range) in _axes)
        {
            if (!IsNumeric(field))
                throw new ArgumentException(
                    $"{field.Name} is a {field.FieldType.Name}; only Int32, Single and Double options, and arrays of Int32, can be tuned.",
                    nameof(TunerOptions.Ranges));
            if (field.GetValue(options) is int[] { Length: > 1 } many)
                throw new ArgumentException(
                    $"{field.Name} is [{string.Join(", ", many)}]; only one element, or none, is tuned: leave it out of Ranges.",
                    nameof(TunerOptions.Ranges));
            if (!(range.Min <= range.Max) || (range.Logarithmic && range.Min <= 0) || !double.IsFinite(range.Max - range.Min))
                throw new ArgumentException($"The range of {field.Name}, {range.Min}…{range.Max}, must be finite and ascend{(range.Logarithmic ? ", and be above 0 for a logarithmic scale" : "")}.", nameof(TunerOptions.Ranges));
        }
    }

    public int Dimensions => _axes.Length;

    /// <summary>The options' own place in the cube; outside of their range, the nearest border.</summary>
    public double[] PointOf(RecommenderTrainerOptions options) => Array.ConvertAll(_axes, axis =>
    {
        var (min, max) = (Scale(axis.Range, axis.Range.Min), Scale(axis.Range, axis.Range.Max));
        var value = Math.Clamp(NumberOf(axis.Field, options), axis.Range.Min, axis.Range.Max);
        return max > min ? (Scale(axis.Range, value) - min) / (max - min) : 0;
    });

    /// <summary>The values that lie outside of their ranges, as text.</summary>
    public List<string> Outside(RecommenderTrainerOptions options) =>
    [
        .. _axes.Select(axis => (axis.Field.Name, axis.Range, Value: NumberOf(axis.Field, options)))
            .Where(axis => !(axis.Value >= axis.Range.Min && axis.Value <= axis.Range.Max))
            .Select(axis => FormattableString.Invariant($"{axis.Name} {axis.Value} of [{axis.Range.Min}, {axis.Range.Max}]")),
    ];

    /// <summary>The options whose value lies at an end of its range, or beyond, where the option itself can go on.</summary>
    public IEnumerable<TuneEdge> Edges(RecommenderTrainerOptions options)
    {
        var point = PointOf(options);
        for (int d = 0; d < point.Length; d++)
        {
            var (field, range) = _axes[d];
            var allowed = field.GetCustomAttribute<OptionRangeAttribute>();
            // Fewer than no element there are not.
            var low = point[d] <= EdgeWidth && !(range.Min <= allowed?.Min) && field.GetValue(options) is not int[] { Length: 0 };
            var high = point[d] >= 1 - EdgeWidth && !(range.Max >= allowed?.Max);
            if ((low || high) && range.Min < range.Max)
                yield return new(field.Name, NumberOf(field, options), range.Min, range.Max);
        }
    }

    /// <summary>Writes the values at a point into the options.</summary>
    public void Apply(double[] point, RecommenderTrainerOptions options)
    {
        for (int d = 0; d < _axes.Length; d++)
        {
            var (field, range) = _axes[d];
            var (min, max) = (Scale(range, range.Min), Scale(range, range.Max));
            var scaled = min + point[d] * (max - min);
            var value = Math.Clamp(range.Logarithmic ? Math.Exp(scaled) : scaled, range.Min, range.Max);
            if (IsArray(field) && value < 2 * range.Min)
                value = 0;
            field.SetValue(options, ValueOf(field, IsArray(field) || TypeOf(field) == typeof(int) ? Math.Round(value) : value));
        }
    }

    /// <summary>Writes given values, as <see cref="Values"/> reads them.</summary>
    public void Set(IReadOnlyDictionary<string, double> values, RecommenderTrainerOptions options)
    {
        foreach (var (field, _) in _axes)
            field.SetValue(options, ValueOf(field, values.TryGetValue(field.Name, out var value)
                ? value : throw new InvalidDataException($"A trial in the log has no value of {field.Name}: delete the log, or choose another LogPath.")));
    }

    /// <summary>Writes one value, which stays within the option's range.</summary>
    public void Set(string name, double value, RecommenderTrainerOptions options)
    {
        var (field, _) = Array.Find(_axes, axis => axis.Field.Name == name);
        field.SetValue(options, ValueOf(field, value));
    }

    /// <summary>Values of an option from one end of its range to the other, evenly on its own scale; none where it is not tuned.</summary>
    public float[] Sweep(string? name, int count)
    {
        var (field, range) = Array.Find(_axes, axis => axis.Field.Name == name);
        if (field is null)
            return [];
        var (min, max) = (Scale(range, range.Min), Scale(range, range.Max));
        return [.. Enumerable.Range(0, count).Select(n => min + n * (max - min) / (count - 1))
            .Select(value => (float)Math.Clamp(range.Logarithmic ? Math.Exp(value) : value, range.Min, range.Max)).Distinct()];
    }

    public Dictionary<string, double> Values(RecommenderTrainerOptions options) =>
        _axes.ToDictionary(axis => axis.Field.Name, axis => NumberOf(axis.Field, options));

    /// <summary>Names and ranges.</summary>
    public override string ToString() => string.Join(", ", _axes.Select(axis =>
        FormattableString.Invariant($"{axis.Field.Name} {axis.Range.Min}…{axis.Range.Max}{(axis.Range.Logarithmic ? " log" : "")}")));

    /// <summary>The range that the trainer declares; none for an option that is off, as there is no 0 on a logarithmic scale, or needs one
    /// that is off or says something else.</summary>
    private static TuneRangeAttribute? DeclaredRange(FieldInfo field, RecommenderTrainerOptions options)
    {
        return field.GetCustomAttribute<TuneRangeAttribute>() is { } range
            && !(range.Logarithmic && IsZero(field) && !IsArray(field))
            && field.GetValue(options) is not int[] { Length: > 1 }
            && (range.Needs is not { } needed || HasNeededValue(options.GetType().GetField(needed)!)) ? range : null;

        bool HasNeededValue(FieldInfo option) => range.NeededValue is { } value ? value.Equals(option.GetValue(options)) : !IsZero(option);

        bool IsZero(FieldInfo option) => NumberOf(option, options) == 0;
    }

    private static bool IsNumeric(FieldInfo field) =>
        TypeOf(field) == typeof(int) || TypeOf(field) == typeof(float) || TypeOf(field) == typeof(double) || IsArray(field);

    private static bool IsArray(FieldInfo field) => field.FieldType == typeof(int[]);

    /// <summary>The value of an option; of an array its first element, 0 where it has none.</summary>
    private static double NumberOf(FieldInfo field, RecommenderTrainerOptions options) =>
        field.GetValue(options) is var value && value is int[] elements ? elements.FirstOrDefault() : Convert.ToDouble(value);

    private static Type TypeOf(FieldInfo field) => Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;

    private static object ValueOf(FieldInfo field, double value) =>
        !IsArray(field) ? Convert.ChangeType(value, TypeOf(field)) : value == 0 ? Array.Empty<int>() : new[] { (int)value };

    private static double Scale(TuneRangeAttribute range, double value) => range.Logarithmic ? Math.Log(value) : value;
}
