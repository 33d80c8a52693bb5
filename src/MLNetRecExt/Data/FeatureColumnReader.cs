using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Reads one column of side features, of whatever type it may have.</summary>
internal sealed class FeatureColumnReader
{
    private static readonly int[] NoCodes = [];

    private readonly string _name;
    private readonly int _size;
    private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
    private readonly Func<int[]>? _readCodes;
    private readonly Func<float[]>? _readNumbers;
    private readonly List<int[]> _codes = [];
    private readonly List<float[]> _numbers = [];

    /// <param name="cursor">A cursor with the column active.</param>
    /// <param name="column">The column.</param>
    /// <exception cref="ArgumentException">The column's type can be neither categories nor numbers.</exception>
    public FeatureColumnReader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        _name = column.Name;
        Check(column.Name, column.Type);
        var vector = column.Type as VectorDataViewType;
        var item = vector?.ItemType ?? column.Type;
        if (item is KeyDataViewType)
        {
            var ids = IdMap.FromKeyColumn(column);
            _readCodes = Type.GetTypeCode(item.RawType) switch
            {
                TypeCode.Byte => Keys<byte>(),
                TypeCode.UInt16 => Keys<ushort>(),
                TypeCode.UInt32 => Keys<uint>(),
                _ => Keys<ulong>(),
            };

            Func<int[]> Keys<T>() where T : IBinaryInteger<T> =>
                Codes<T>(key => ulong.CreateTruncating(key) - 1 is var index && index < (ulong)ids.Count ? ids.GetText((int)index) : null);
        }
        else if (item is TextDataViewType)
            _readCodes = Codes<ReadOnlyMemory<char>>(text => text.ToString());
        else if (item is BooleanDataViewType)
            _readCodes = Codes<bool>(value => value.ToString());
        else
        {
            _size = vector?.Size ?? 1;
            var read = Open<float>(cursor, column, vector);
            _readNumbers = () => Array.ConvertAll(read(), value => float.IsFinite(value) ? value : float.NaN);
        }

        Func<int[]> Codes<T>(Func<T, string?> toText)
        {
            var read = Open<T>(cursor, column, vector);
            return () =>
            {
                var values = read();
                var codes = new List<int>(values.Length);
                foreach (var value in values)
                    if (toText(value) is { } text && !string.IsNullOrWhiteSpace(text) && IdMap.IndexOrAdd(_categories, text) is var code && !codes.Contains(code))
                        codes.Add(code);
                return codes.Count == 0 ? NoCodes : [.. codes];
            };
        }
    }

    /// <exception cref="ArgumentException">A column of this type can be neither categories nor numbers.</exception>
    public static void Check(string name, DataViewType type)
    {
        var vector = type as VectorDataViewType;
        var item = vector?.ItemType ?? type;
        if (item is not (KeyDataViewType or TextDataViewType or BooleanDataViewType) && item.RawType != typeof(float))
            throw new ArgumentException(
                $"Column '{name}' is {type}; a feature is categories (text, keys or Boolean) or numbers (Single), one value or a vector. "
                + $"Convert it with mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) where its size means something, else with MapValueToKey(\"{name}\").");
        if (item.RawType == typeof(float) && vector is { IsKnownSize: false })
            throw new ArgumentException($"Column '{name}' is {type}; a vector of numbers needs a fixed size, the same for every row.");
    }

    /// <summary>Keeps the current row's value as that of an index; a later row of the same index replaces it.</summary>
    public void Read(int index)
    {
        if (_readCodes is not null)
            Keep(_codes, _readCodes());
        else
            Keep(_numbers, _readNumbers!());

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
        return _readCodes is not null
            ? new FeatureColumn(_name, [.. _categories.Keys], [.. Enumerable.Range(0, count).Select(i => i < _codes.Count ? _codes[i] ?? NoCodes : NoCodes)], 0, [])
            : new FeatureColumn(_name, null, [], _size, [.. Enumerable.Range(0, count).Select(i => i < _numbers.Count ? _numbers[i] ?? missing : missing)]);
    }

    private static Func<T[]> Open<T>(DataViewRowCursor cursor, DataViewSchema.Column column, VectorDataViewType? vector)
    {
        if (vector is null)
        {
            var get = cursor.GetGetter<T>(column);
            var one = new T[1];
            return () =>
            {
                get(ref one[0]);
                return one;
            };
        }
        var getVector = cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> values = default;
        return () =>
        {
            getVector(ref values);
            return [.. values.DenseValues()];
        };
    }
}
