using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>What is known of items beside interactions: their categories and dates. Immutable.</summary>
public sealed class ItemFacts
{
    private readonly string[] _categoryNames;
    private readonly int[] _offsets;
    private readonly int[] _categories;
    private readonly double[] _dates;

    private ItemFacts(string[] categoryNames, int[] offsets, int[] categories, double[] dates) =>
        (_categoryNames, _offsets, _categories, _dates) = (categoryNames, offsets, categories, dates);

    /// <summary>Number of items that there is room for: that of the ids it was read with.</summary>
    public int ItemCount => _offsets.Length - 1;

    /// <summary>Names of the categories by index, in order of their first appearance.</summary>
    public IReadOnlyList<string> CategoryNames => _categoryNames;

    /// <summary>Whether there is a date column.</summary>
    public bool HasDates => _dates.Length > 0;

    /// <summary>Indices of an item's categories, ascending.</summary>
    public ReadOnlySpan<int> Categories(int item) => _categories.AsSpan(_offsets[item].._offsets[item + 1]);

    /// <summary>An item's date: the number of the column, or of a DateTime the days since the year 1; NaN when it is not known.</summary>
    public double Date(int item) => HasDates ? _dates[item] : double.NaN;

    /// <summary>The share of categories that two items have in common: |A ∩ B| / |A ∪ B|; 0 without any.</summary>
    internal float CategorySimilarity(int item, int other)
    {
        var a = Categories(item);
        var b = Categories(other);
        var common = 0;
        foreach (var category in a)
            if (b.BinarySearch(category) >= 0)
                common++;
        return common == 0 ? 0 : (float)common / (a.Length + b.Length - common);
    }

    internal static ItemFacts Read(IDataView data, IdMap items, string itemColumnName, string? categoryColumnName, string? dateColumnName)
    {
        var item = IdColumn.Find(data.Schema, itemColumnName, items, "items");
        DataViewSchema.Column? category = categoryColumnName is null ? null : IdColumn.Find(data.Schema, categoryColumnName, "categories");
        DataViewSchema.Column? date = dateColumnName is null ? null : IdColumn.Find(data.Schema, dateColumnName, "dates");
        DataViewSchema.Column?[] active = [item.Column, category, date];
        using var cursor = data.GetRowCursorSet(active.OfType<DataViewSchema.Column>(), 1)[0];
        var readItem = item.Scalar(cursor);
        var readCategories = category is { } c ? OpenTexts(cursor, c) : () => default;
        var readDate = date is { } d ? OpenNumber(cursor, d) : () => double.NaN;

        var names = new Dictionary<string, int>();
        var byItem = new int[items.Count][];
        var dates = date is null ? [] : new double[items.Count];
        dates.AsSpan().Fill(double.NaN);
        while (cursor.MoveNext())
        {
            var index = readItem();
            if (index < 0)
                continue;
            var own = new SortedSet<int>();
            foreach (var name in readCategories().Span)
                if (!name.Span.IsWhiteSpace())
                    own.Add(IdMap.IndexOrAdd(names, name.Span.Trim().ToString()));
            byItem[index] = [.. own];
            if (date is not null)
                dates[index] = readDate();
        }
        var offsets = new int[items.Count + 1];
        for (int i = 0; i < byItem.Length; i++)
            offsets[i + 1] = offsets[i] + (byItem[i]?.Length ?? 0);
        return new ItemFacts([.. names.Keys], offsets, [.. byItem.SelectMany(own => own ?? [])], dates);
    }

    internal static ItemFacts Read(ModelReader reader, int itemCount)
    {
        var names = reader.ReadText(reader.ReadInt32() is var count and >= 0 ? count : throw ModelReader.Damaged());
        var offsets = reader.ReadArray<int>(itemCount + 1);
        var categories = reader.ReadArray<int>(null);
        var dates = reader.ReadArray<double>(null);
        if (offsets[0] != 0 || offsets[^1] != categories.Length || (dates.Length != 0 && dates.Length != itemCount))
            throw ModelReader.Damaged();
        for (int item = 0; item < itemCount; item++)
            if (offsets[item] > offsets[item + 1])
                throw ModelReader.Damaged();
        foreach (var category in categories)
            if ((uint)category >= (uint)names.Length)
                throw ModelReader.Damaged();
        return new ItemFacts(names, offsets, categories, dates);
    }

    internal void Write(ModelWriter writer)
    {
        writer.WriteInt32(_categoryNames.Length);
        writer.WriteText(_categoryNames);
        writer.WriteArray<int>(_offsets);
        writer.WriteArray<int>(_categories);
        writer.WriteArray<double>(_dates);
    }

    private static Func<ReadOnlyMemory<ReadOnlyMemory<char>>> OpenTexts(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is TextDataViewType)
        {
            var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
            var one = new ReadOnlyMemory<char>[1];
            return () =>
            {
                getter(ref one[0]);
                return one;
            };
        }
        if (column.Type is VectorDataViewType { ItemType: TextDataViewType })
        {
            var getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
            VBuffer<ReadOnlyMemory<char>> texts = default;
            return () =>
            {
                getter(ref texts);
                return texts.DenseValues().ToArray();
            };
        }
        throw new ArgumentException(
            $"Column '{column.Name}' is {column.Type}; text or a vector of texts is needed. Keys become texts by mlContext.Transforms.Conversion.MapKeyToValue(\"{column.Name}\"), "
            + $"and a text such as 'Comedy|Drama' becomes a vector by mlContext.Transforms.Text.TokenizeIntoWords(\"{column.Name}\", separators: ['|']).");
    }

    private static Func<double> OpenNumber(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is DateTimeDataViewType)
            return Open<DateTime>(value => value == default ? double.NaN : value.Ticks / (double)TimeSpan.TicksPerDay);
        if (column.Type is NumberDataViewType)
            return Type.GetTypeCode(column.Type.RawType) switch
            {
                TypeCode.SByte => Number<sbyte>(),
                TypeCode.Byte => Number<byte>(),
                TypeCode.Int16 => Number<short>(),
                TypeCode.UInt16 => Number<ushort>(),
                TypeCode.Int32 => Number<int>(),
                TypeCode.UInt32 => Number<uint>(),
                TypeCode.Int64 => Number<long>(),
                TypeCode.UInt64 => Number<ulong>(),
                TypeCode.Single => Number<float>(),
                _ => Number<double>(),
            };
        throw new ArgumentException($"Column '{column.Name}' is {column.Type}; a DateTime or a number, such as a year, is needed.");

        Func<double> Number<T>() where T : INumber<T> => Open<T>(double.CreateTruncating);

        Func<double> Open<T>(Func<T, double> convert)
        {
            var getter = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return convert(value) is var number && double.IsFinite(number) ? number : double.NaN;
            };
        }
    }
}
