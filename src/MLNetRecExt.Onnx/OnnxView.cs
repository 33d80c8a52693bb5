using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>A view with the outputs of a graph. Two cursors go over the input: one gives the columns that pass through, one reads the
/// graph's inputs ahead.</summary>
internal sealed class OnnxView(OnnxRecommenderTransformer transformer, IDataView input, AppendedColumns columns) : IDataView
{
    public DataViewSchema Schema => columns.OutputSchema;

    /// <summary>False: two cursors would not see one order.</summary>
    public bool CanShuffle => false;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded)
            active[column.Index] = true;
        var ahead = active.AsSpan(input.Schema.Count).Contains(true)
            ? OneCursor(transformer.Inputs.Select(column => input.Schema[column.Name]))
            : null;
        return new Cursor(OneCursor(input.Schema.Where(column => active[column.Index])), ahead, transformer, Schema, active);
    }

    // The session uses all threads already.
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private DataViewRowCursor OneCursor(IEnumerable<DataViewSchema.Column> needed) => input.GetRowCursorSet(needed, 1)[0];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _input;
        private readonly DataViewRowCursor? _ahead;
        private readonly OnnxRecommenderTransformer _transformer;
        private readonly OnnxBatch? _batch;
        private readonly AppendedGetters _getters;

        // Rows of the input by number: where the cursor stands, and which is the batch's first.
        private long _row = -1;
        private long _first;

        public Cursor(DataViewRowCursor input, DataViewRowCursor? ahead, OnnxRecommenderTransformer transformer, DataViewSchema schema, bool[] active)
        {
            _input = input;
            _ahead = ahead;
            _transformer = transformer;
            _batch = ahead is null ? null : new OnnxBatch(transformer, ahead);
            _getters = new AppendedGetters(schema, input, active, _batch?.Getters(Answer) ?? []);
        }

        public override DataViewSchema Schema => _getters.Schema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override bool MoveNext()
        {
            _row++;
            return _input.MoveNext();
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _input.Dispose();
                _ahead?.Dispose();
            }
            base.Dispose(disposing);
        }

        private int Answer()
        {
            if (_row >= _first + _batch!.Count)
            {
                // Rows that nobody asked about are passed over.
                for (long row = _first + _batch.Count; row < _row; row++)
                    _ahead!.MoveNext();
                _batch.Clear();
                _first = _row;
                while (_batch.Count < _transformer.BatchSize && _ahead!.MoveNext())
                    _batch.Add();
                _batch.Run();
            }
            return (int)(_row - _first);
        }
    }
}
