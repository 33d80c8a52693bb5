using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>What a column of side features holds: text, Boolean or keys, which are categories, or numbers: Single, or DateTime, whose days
/// count. One value or a vector of them is one type.</summary>
/// <param name="Kind">Kind of the values, of keys that of their <c>KeyValues</c>; null for keys without such.</param>
/// <param name="IsKey">Whether the column is key-typed.</param>
internal readonly record struct FeatureType(DataKind? Kind, bool IsKey)
{
    /// <summary>Whether the values are numbers, and not categories.</summary>
    public bool IsNumbers => !IsKey && Kind is (DataKind.Single or DataKind.DateTime);

    /// <summary>Whether the numbers are the days of dates.</summary>
    public bool IsDates => !IsKey && Kind == DataKind.DateTime;

    /// <param name="column">A column of a type that <see cref="FeatureColumnReader.Check"/> has checked.</param>
    public static FeatureType Of(DataViewSchema.Column column) => ((column.Type as VectorDataViewType)?.ItemType ?? column.Type) switch
    {
        KeyDataViewType => new(IdMap.FromKeyColumn(column).Kind, true),
        TextDataViewType => new(DataKind.String, false),
        BooleanDataViewType => new(DataKind.Boolean, false),
        DateTimeDataViewType => new(DataKind.DateTime, false),
        _ => new(DataKind.Single, false),
    };

    /// <summary>Days since the year 1; NaN for the default, which is missing.</summary>
    public static float ToDays(DateTime date) => date == default ? float.NaN : (float)(date.Ticks / (double)TimeSpan.TicksPerDay);
}
