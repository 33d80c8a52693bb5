using System.Reflection;

namespace MLNetRecExt;

/// <summary>The options that are tuned, each with its range, as a unit cube: 0…1 per option, evenly on the option's own scale.</summary>
internal sealed class TuneSpace
{
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
                throw new ArgumentException($"{field.Name} is a {field.FieldType.Name}; only Int32, Single and Double options can be tuned.", nameof(TunerOptions.Ranges));
            if (!(range.Min <= range.Max) || (range.Logarithmic && range.Min <= 0) || !double.IsFinite(range.Max - range.Min))
                throw new ArgumentException($"The range of {field.Name}, {range.Min}…{range.Max}, must be finite and ascend{(range.Logarithmic ? ", and be above 0 for a logarithmic scale" : "")}.", nameof(TunerOptions.Ranges));
        }
    }

    public int Dimensions => _axes.Length;

    /// <summary>The options' own place in the cube; outside of their range, the nearest border.</summary>
    public double[] PointOf(RecommenderTrainerOptions options) => Array.ConvertAll(_axes, axis =>
    {
        var (min, max) = (Scale(axis.Range, axis.Range.Min), Scale(axis.Range, axis.Range.Max));
        var value = Math.Clamp(Convert.ToDouble(axis.Field.GetValue(options)), axis.Range.Min, axis.Range.Max);
        return max > min ? (Scale(axis.Range, value) - min) / (max - min) : 0;
    });

    /// <summary>Writes the values at a point into the options.</summary>
    public void Apply(double[] point, RecommenderTrainerOptions options)
    {
        for (int d = 0; d < _axes.Length; d++)
        {
            var (field, range) = _axes[d];
            var (min, max) = (Scale(range, range.Min), Scale(range, range.Max));
            var scaled = min + point[d] * (max - min);
            var value = Math.Clamp(range.Logarithmic ? Math.Exp(scaled) : scaled, range.Min, range.Max);
            field.SetValue(options, Convert.ChangeType(field.FieldType == typeof(int) ? Math.Round(value) : value, field.FieldType));
        }
    }

    /// <summary>Writes given values, as <see cref="Values"/> reads them.</summary>
    public void Set(IReadOnlyDictionary<string, double> values, RecommenderTrainerOptions options)
    {
        foreach (var (field, _) in _axes)
            field.SetValue(options, Convert.ChangeType(
                values.TryGetValue(field.Name, out var value) ? value : throw new InvalidDataException($"A trial in the log has no value of {field.Name}: delete the log, or choose another LogPath."),
                field.FieldType));
    }

    public Dictionary<string, double> Values(RecommenderTrainerOptions options) =>
        _axes.ToDictionary(axis => axis.Field.Name, axis => Convert.ToDouble(axis.Field.GetValue(options)));

    /// <summary>Names and ranges.</summary>
    public override string ToString() => string.Join(", ", _axes.Select(axis =>
        FormattableString.Invariant($"{axis.Field.Name} {axis.Range.Min}…{axis.Range.Max}{(axis.Range.Logarithmic ? " log" : "")}")));

    /// <summary>The range that the trainer declares; none for an option that is off, as there is no 0 on a logarithmic scale, or needs one
    /// that is off or says something else.</summary>
    private static TuneRangeAttribute? DeclaredRange(FieldInfo field, RecommenderTrainerOptions options)
    {
        return field.GetCustomAttribute<TuneRangeAttribute>() is { } range
            && !(range.Logarithmic && IsZero(field))
            && (range.Needs is not { } needed || HasNeededValue(options.GetType().GetField(needed)!)) ? range : null;

        bool HasNeededValue(FieldInfo option) => range.NeededValue is { } value ? value.Equals(option.GetValue(options)) : !IsZero(option);

        bool IsZero(FieldInfo option) => Convert.ToDouble(option.GetValue(options)) == 0;
    }

    private static bool IsNumeric(FieldInfo field) =>
        field.FieldType == typeof(int) || field.FieldType == typeof(float) || field.FieldType == typeof(double);

    private static double Scale(TuneRangeAttribute range, double value) => range.Logarithmic ? Math.Log(value) : value;
}
