using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>A view of rows in memory. Derive and say where each column's values are.</summary>
internal abstract class RowsView(DataViewSchema schema, int rowCount) : IDataView
{
    public DataViewSchema Schema => schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, rowCount, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    /// <summary>Reads a column in the row whose number <paramref name="row"/> gives.</summary>
    protected abstract ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column, Func<int> row);

    private sealed class Cursor(RowsView view, int rowCount, HashSet<int> active) : DataViewRowCursor
    {
        private int _row = -1;

        public override long Position => _row;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext()
        {
            _row = _row + 1 < rowCount ? _row + 1 : -1;
            return _row >= 0;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column) || typeof(TValue) != column.Type.RawType)
                throw new InvalidOperationException($"Column '{column.Name}' of type {column.Type} was asked for as {typeof(TValue)}, or is not active.");
            return view.GetGetter<TValue>(column, () => _row);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)_row, 0);
    }
}
