using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>The rows of a view that belong to one part of a split, in the view's order.</summary>
internal sealed class PartView(IDataView source, SplitPart[] partOfRow, SplitPart part) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    // Rows are told by their number, so their order must stay.
    public bool CanShuffle => false;

    public long? GetRowCount() => partOfRow.AsSpan().Count(part);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(source.GetRowCursorSet(columnsNeeded, 1)[0], partOfRow, part);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor source, SplitPart[] partOfRow, SplitPart part) : DataViewRowCursor
    {
        private long _sourceRow = -1;
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => source.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool MoveNext()
        {
            while (source.MoveNext())
            {
                if (++_sourceRow >= partOfRow.Length)
                    throw Changed($"more than {partOfRow.Length:N0}");
                if (partOfRow[_sourceRow] == part)
                {
                    _position++;
                    return true;
                }
            }
            if (++_sourceRow < partOfRow.Length)
                throw Changed($"{_sourceRow:N0}");
            _position = -1;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }

        private InvalidOperationException Changed(string rows) => new(
            $"The view gives {rows} rows, but gave {partOfRow.Length:N0} when it was split. A view that is split must give the same rows in the same order each time; materialise it first, with mlContext.Data.Cache for instance.");
    }
}
