using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// One user with every item, a row each, under the schema of the rows that a transformer takes. Columns that are neither
/// user nor item hold their type's default.
/// </summary>
internal sealed class CandidateView : IDataView
{
    private readonly DataViewSchema.Column _userColumn;
    private readonly DataViewSchema.Column _itemColumn;
    private readonly Array _users;
    private readonly Array _items;
    private readonly int _user;

    public CandidateView(DataViewSchema schema, InteractionColumns columns, IdMap users, IdMap items)
        : this(schema, schema[columns.User], schema[columns.Item], ValuesOf(users, schema[columns.User]), ValuesOf(items, schema[columns.Item]), user: 0)
    {
    }

    private CandidateView(DataViewSchema schema, DataViewSchema.Column userColumn, DataViewSchema.Column itemColumn, Array users, Array items, int user)
    {
        Schema = schema;
        _userColumn = userColumn;
        _itemColumn = itemColumn;
        _users = users;
        _items = items;
        _user = user;
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public CandidateView Of(int user) => new(Schema, _userColumn, _itemColumn, _users, _items, user);

    public long? GetRowCount() => _items.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    /// <summary>The column's value for every id, as an array of the column's raw type.</summary>
    private static Array ValuesOf(IdMap ids, DataViewSchema.Column column)
    {
        var values = Array.CreateInstance(column.Type.RawType, ids.Count);
        for (int index = 0; index < ids.Count; index++)
        {
            object value = ids.IsKey ? (ulong)index + 1
                : ids.Text is { } text ? text[index].AsMemory()
                : ids.Kind == DataKind.UInt64 ? (ulong)ids.Integers![index] : ids.Integers![index];
            values.SetValue(value is IConvertible ? Convert.ChangeType(value, column.Type.RawType) : value, index);
        }
        return values;
    }

    private sealed class Cursor(CandidateView view, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext()
        {
            if (_position + 1 < view._items.Length)
            {
                _position++;
                return true;
            }
            _position = -1;
            return false;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column) || typeof(TValue) != column.Type.RawType)
                throw new InvalidOperationException($"Column '{column.Name}' of type {column.Type} was asked for as {typeof(TValue)}, or is not active.");
            if (column.Index == view._userColumn.Index)
            {
                var user = ((TValue[])view._users)[view._user];
                return (ref TValue value) => value = user;
            }
            if (column.Index == view._itemColumn.Index)
            {
                var items = (TValue[])view._items;
                return (ref TValue value) => value = items[_position];
            }
            var empty = Default<TValue>(column.Type);
            return (ref TValue value) => value = empty;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

        /// <summary>Zero, empty or missing; a vector of fixed size keeps its size.</summary>
        private static TValue Default<TValue>(DataViewType type) => type is VectorDataViewType { IsKnownSize: true } vector
            ? (TValue)Activator.CreateInstance(typeof(TValue), vector.Size, 0, Array.CreateInstance(vector.ItemType.RawType, 0), Array.Empty<int>())!
            : default!;
    }
}
