using System.Collections;
using System.Globalization;
using System.Numerics;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>One feature whose values are objects: a database's or a property's. The first value tells what it holds.</summary>
/// <param name="name">Its name.</param>
/// <param name="next">The value in the current row; null is missing.</param>
internal sealed class ValueFeature(string name, Func<object?> next)
{
    private static readonly FeatureType Numbers = new(DataKind.Single, IsKey: false), Dates = new(DataKind.DateTime, IsKey: false),
        Categories = new(DataKind.String, IsKey: false), Truths = new(DataKind.Boolean, IsKey: false);

    private FeatureColumnReader? _column;
    private FeatureType _type;
    private string[] _categories = [];
    private float[] _numbers = [];
    private float[] _missing = [];

    /// <summary>Keeps the current row's value as that of an index.</summary>
    /// <param name="index">Of the id.</param>
    /// <param name="row">Counted from 1.</param>
    /// <exception cref="ArgumentException">The first value is of a type that features cannot have.</exception>
    /// <exception cref="InvalidDataException">The value is of another kind than those before.</exception>
    public void Read(int index, long row)
    {
        var value = next() is { } found and not ICollection { Count: 0 } ? found : null;
        if (value is null && _column is null)
            return;
        (_categories, _numbers) = ([], _missing);
        if (value is not null)
        {
            var type = Convert(value);
            if (_column is null)
                Begin(type);
            else if (type != _type || _numbers.Length != _missing.Length)
                throw new InvalidDataException(FormattableString.Invariant($"Row {row} (counted from 1): '{name}' is '{value}' ({value.GetType().Name}), ")
                    + $"but {Describe(_type)} before. Make them alike: cast them in the query, or where they are selected.");
        }
        _column!.Read(index);
    }

    /// <summary>The column for so many indices.</summary>
    public FeatureColumn ToColumn(int count) => (_column ?? new(name, Categories, () => [], null)).ToColumn(count);

    private void Begin(FeatureType type)
    {
        _type = type;
        _missing = new float[_numbers.Length];
        _missing.AsSpan().Fill(float.NaN);
        _column = type.IsNumbers
            ? new(name, type, null, () => [.. _numbers], _numbers.Length)
            : new(name, type, () => _categories, null);
    }

    /// <summary>Makes categories or numbers of a value, and tells which.</summary>
    private FeatureType Convert(object value)
    {
        if (value is string or Guid or Enum or char)
            return SetCategories(Categories, [value]);
        if (value is bool)
            return SetCategories(Truths, [value]);
        if (ToDays(value) is { } days)
            return SetNumbers(Dates, [days]);
        if (ToNumber(value) is { } number)
            return SetNumbers(Numbers, [number]);
        if (value is IEnumerable list and not byte[])
        {
            object?[] values = [.. list.Cast<object?>()];
            if (values.All(one => one is string))
                return SetCategories(Categories, values!);
            float?[] numbers = Array.ConvertAll(values, one => one is null ? float.NaN : ToNumber(one));
            if (numbers.All(one => one is not null))
                return SetNumbers(Numbers, Array.ConvertAll(numbers, one => one!.Value));
        }
        throw new ArgumentOutOfRangeException(null,
            $"Feature '{name}' is {value.GetType().Name}; categories (text, Guid or Boolean), numbers or dates are needed, or arrays of text or "
            + "of numbers. Leave it out, or cast it in the query or where it is selected.");
    }

    private FeatureType SetCategories(FeatureType type, object[] values)
    {
        _categories =
        [
            .. values.Select(value => System.Convert.ToString(value, CultureInfo.InvariantCulture)!)
                .Where(text => !string.IsNullOrWhiteSpace(text)),
        ];
        return type;
    }

    private FeatureType SetNumbers(FeatureType type, float[] values)
    {
        _numbers = Array.ConvertAll(values, value => float.IsFinite(value) ? value : float.NaN);
        return type;
    }

    private static float? ToDays(object value) => value switch
    {
        DateTime date => FeatureType.ToDays(date),
        DateTimeOffset date => FeatureType.ToDays(date.UtcDateTime),
        DateOnly date => FeatureType.ToDays(date.ToDateTime(TimeOnly.MinValue)),
        _ => null,
    };

    private static float? ToNumber(object value) => value switch
    {
        BigInteger whole => (float)whole,
        Half half => (float)half,
        IConvertible number when number.GetTypeCode() is >= TypeCode.SByte and <= TypeCode.Decimal => number.ToSingle(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Describe(FeatureType type) => type.IsDates ? "a date" : type.IsNumbers ? "a number, or another count of them," : "text or Boolean";
}
