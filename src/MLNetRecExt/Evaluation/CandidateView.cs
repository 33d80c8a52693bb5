using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// One user with every item, a row each, under the schema of the rows that a transformer takes. Columns that are neither
/// user nor item hold their type's default.
/// </summary>
internal sealed class CandidateView : RowsView
{
    private readonly DataViewSchema.Column _userColumn;
    private readonly DataViewSchema.Column _itemColumn;
    private readonly Array _users;
    private readonly Array _items;
    private readonly int _user;

    public CandidateView(DataViewSchema schema, InteractionColumns columns, IdMap users, IdMap items)
        : this(
            schema, schema[columns.User], schema[columns.Item],
            users.ValuesAs(schema[columns.User].Type.RawType), items.ValuesAs(schema[columns.Item].Type.RawType), user: 0)
    {
    }

    private CandidateView(
        DataViewSchema schema, DataViewSchema.Column userColumn, DataViewSchema.Column itemColumn, Array users, Array items, int user)
        : base(schema, items.Length)
    {
        _userColumn = userColumn;
        _itemColumn = itemColumn;
        _users = users;
        _items = items;
        _user = user;
    }

    public CandidateView Of(int user) => new(Schema, _userColumn, _itemColumn, _users, _items, user);

    protected override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column, Func<int> row)
    {
        if (column.Index == _userColumn.Index)
        {
            var user = ((TValue[])_users)[_user];
            return (ref TValue value) => value = user;
        }
        if (column.Index == _itemColumn.Index)
        {
            var items = (TValue[])_items;
            return (ref TValue value) => value = items[row()];
        }
        var empty = Default<TValue>(column.Type);
        return (ref TValue value) => value = empty;
    }

    /// <summary>Zero, empty or missing; a vector of fixed size keeps its size.</summary>
    private static TValue Default<TValue>(DataViewType type) => type is VectorDataViewType { IsKnownSize: true } vector
        ? (TValue)Activator.CreateInstance(
            typeof(TValue), vector.Size, 0, Array.CreateInstance(vector.ItemType.RawType, 0), Array.Empty<int>())!
        : default!;
}
