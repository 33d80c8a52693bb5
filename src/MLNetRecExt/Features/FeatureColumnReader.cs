using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Reads one column of side features, of whatever type it may have.</summary>
internal sealed class FeatureColumnReader
{
    private static readonly int[] NoCodes = [];

    private readonly string _name;
    private readonly FeatureType _type;
    private readonly int _size;
    private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
    private readonly Func<string[]>? _readCategories;
    private readonly Func<float[]>? _readNumbers;
    private readonly List<int[]> _codes = [];
    private readonly List<float[]> _numbers = [];

    /// <param name="row">A cursor with the column active.</param>
    /// <param name="column">The column.</param>
    /// <exception cref="ArgumentException">The column's type can be neither categories nor numbers.</exception>
    public FeatureColumnReader(DataViewRow row, DataViewSchema.Column column)
    {
        Check(column.Name, column.Type);
        _name = column.Name;
        _type = FeatureType.Of(column);
        if (_type.IsNumbers)
        {
            _size = (column.Type as VectorDataViewType)?.Size ?? 1;
            _readNumbers = OpenNumbers(row, column);
        }
        else
            _readCategories = OpenCategories(row, column);
    }

    /// <param name="name">The column's name.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="readCategories">The current row's categories, the missing left out; null for numbers.</param>
    /// <param name="readNumbers">The current row's numbers, NaN where missing; null for categories.</param>
    /// <param name="size">How many numbers a row has.</param>
    public FeatureColumnReader(string name, FeatureType type, Func<string[]>? readCategories, Func<float[]>? readNumbers, int size = 0) =>
        (_name, _type, _readCategories, _readNumbers, _size) = (name, type, readCategories, readNumbers, size);

    /// <summary>The current row's categories, the missing left out.</summary>
    /// <param name="row">A row or cursor with the column active.</param>
    /// <param name="column">A column of text, Boolean or keys.</param>
    public static Func<string[]> OpenCategories(DataViewRow row, DataViewSchema.Column column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        if (item is TextDataViewType)
            return Texts<ReadOnlyMemory<char>>(text => text.ToString());
        if (item is BooleanDataViewType)
            return Texts<bool>(value => value.ToString());
        var ids = IdMap.FromKeyColumn(column);
        return Type.GetTypeCode(item.RawType) switch
        {
            TypeCode.Byte => Keys<byte>(),
            TypeCode.UInt16 => Keys<ushort>(),
            TypeCode.UInt32 => Keys<uint>(),
            _ => Keys<ulong>(),
        };

        Func<string[]> Keys<T>() where T : IBinaryInteger<T> =>
            Texts<T>(key => ulong.CreateTruncating(key) - 1 is var index && index < (ulong)ids.Count ? ids.GetText((int)index) : null);

        Func<string[]> Texts<T>(Func<T, string?> toText)
        {
            var read = Open<T>(row, column);
            return () => [.. read().Select(toText).OfType<string>().Where(text => !string.IsNullOrWhiteSpace(text))];
        }
    }

    /// <summary>The current row's numbers, NaN where missing; of a DateTime the days since the year 1.</summary>
    /// <param name="row">A row or cursor with the column active.</param>
    /// <param name="column">A column of Single or DateTime.</param>
    public static Func<float[]> OpenNumbers(DataViewRow row, DataViewSchema.Column column)
    {
        if (((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is DateTimeDataViewType)
        {
            var readDates = Open<DateTime>(row, column);
            return () => Array.ConvertAll(readDates(), FeatureType.ToDays);
        }
        var read = Open<float>(row, column);
        return () => Array.ConvertAll(read(), value => float.IsFinite(value) ? value : float.NaN);
    }

    /// <exception cref="ArgumentOutOfRangeException">A column of this type can be neither categories nor numbers.</exception>
    public static void Check(string name, DataViewType type)
    {
        var vector = type as VectorDataViewType;
        var item = vector?.ItemType ?? type;
        var isNumbers = item is DateTimeDataViewType || item == NumberDataViewType.Single;
        if (item is not (KeyDataViewType or TextDataViewType or BooleanDataViewType) && !isNumbers)
            throw new ArgumentOutOfRangeException(null,
                $"Column '{name}' is {type}; a feature is categories (text, keys or Boolean) or numbers (Single or DateTime), one value or a vector. "
                + $"Convert it with mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) where its size means something, else with MapValueToKey(\"{name}\").");
        if (isNumbers && vector is { IsKnownSize: false })
            throw new ArgumentOutOfRangeException(null,
                $"Column '{name}' is {type}; a vector of numbers needs a fixed size, the same for every row.");
    }

    /// <summary>Keeps the current row's value as that of an index; a later row of the same index replaces it.</summary>
    public void Read(int index)
    {
        if (_readNumbers is not null)
            Keep(_numbers, _readNumbers());
        else
            Keep(_codes, [.. _readCategories!().Select(category => IdMap.IndexOrAdd(_categories, category)).Distinct()]);

        void Keep<T>(List<T> values, T value)
        {
            while (values.Count <= index)
                values.Add(default!);
            values[index] = value;
        }
    }

    /// <summary>The column for so many indices; those without a row are missing.</summary>
    public FeatureColumn ToColumn(int count)
    {
        var missing = new float[_size];
        missing.AsSpan().Fill(float.NaN);
        return _readCategories is not null
            ? new FeatureColumn(_name, _type, [.. _categories.Keys], [.. Enumerable.Range(0, count).Select(i => i < _codes.Count ? _codes[i] ?? NoCodes : NoCodes)], 0, [])
            : new FeatureColumn(_name, _type, null, [], _size, [.. Enumerable.Range(0, count).Select(i => i < _numbers.Count ? _numbers[i] ?? missing : missing)]);
    }

    private static Func<T[]> Open<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType)
        {
            var get = row.GetGetter<T>(column);
            var one = new T[1];
            return () =>
            {
                get(ref one[0]);
                return one;
            };
        }
        var getVector = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> values = default;
        return () =>
        {
            getVector(ref values);
            return [.. values.DenseValues()];
        };
    }
}
