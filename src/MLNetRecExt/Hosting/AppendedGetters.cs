using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>The getters of one row or cursor: those of the input passed through, those of <see cref="AppendedColumns"/> behind
/// them.</summary>
internal sealed class AppendedGetters(DataViewSchema schema, DataViewRow input, bool[] active, Delegate[] appended)
{
    public DataViewSchema Schema => schema;

    public bool IsActive(DataViewSchema.Column column) => column.Index < active.Length && active[column.Index];

    public ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column))
            throw new ArgumentException($"Column '{column.Name}' was not asked for when the cursor was made.", nameof(column));
        if (column.Index < input.Schema.Count)
            return input.GetGetter<TValue>(input.Schema[column.Index]);
        return appended[column.Index - input.Schema.Count] as ValueGetter<TValue>
            ?? throw new ArgumentException($"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.", nameof(column));
    }
}
