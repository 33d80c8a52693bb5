using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Columns that a transformer puts behind those of its input, computed row by row and only when asked for.</summary>
internal sealed class AppendedColumns : IRowToRowMapper
{
    private readonly DataViewSchema.Column[] _sources;
    private readonly Func<DataViewRow, Delegate[]> _bind;

    /// <param name="input">The schema of the rows that come in.</param>
    /// <param name="columns">The columns to append.</param>
    /// <param name="sources">The input columns that any of them needs.</param>
    /// <param name="bind">Makes one <see cref="ValueGetter{TValue}"/> per column for a row whose sources are active.</param>
    public AppendedColumns(
        DataViewSchema input,
        IEnumerable<DataViewSchema.DetachedColumn> columns,
        IEnumerable<DataViewSchema.Column> sources,
        Func<DataViewRow, Delegate[]> bind)
    {
        InputSchema = input;
        OutputSchema = Append(input, columns);
        _sources = [.. sources];
        _bind = bind;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public static DataViewSchema Append(DataViewSchema input, IEnumerable<DataViewSchema.DetachedColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(columns);
        return builder.ToSchema();
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new SortedSet<int>();
        foreach (var column in dependingColumns)
        {
            if (column.Index < InputSchema.Count)
                needed.Add(column.Index);
            else
                needed.UnionWith(_sources.Select(source => source.Index));
        }
        return needed.Select(index => InputSchema[index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new AppendedRow(input, Bind(input, activeColumns));

    public AppendedGetters Bind(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var active = new bool[OutputSchema.Count];
        foreach (var column in activeColumns)
            active[column.Index] = true;
        var appended = active.AsSpan(InputSchema.Count).Contains(true) ? _bind(input) : [];
        return new AppendedGetters(OutputSchema, input, active, appended);
    }
}
