using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>A column of an <see cref="IDataView"/> whose type <see cref="InteractionColumns"/> has checked.</summary>
internal sealed class ViewColumn(DataViewRowCursor cursor, DataViewSchema.Column column) : ValueColumn
{
    /// <summary>Reads numbers and Booleans.</summary>
    public Func<float> OpenSingle() => Single(column.Type.RawType)!;

    /// <summary>Reads dates, as ticks, and numbers, rounded down; null where there is none.</summary>
    public Func<long?> OpenTimestamp(Action sawFraction) => Timestamp(column.Type.RawType, sawFraction)!;

    protected override Func<TValue> Open<T, TValue>(Func<T, TValue> convert)
    {
        var get = cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            get(ref value);
            return convert(value);
        };
    }
}
