using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>A column of user or item ids, read as the 0-based indices of a model; −1 for a missing or unknown id.</summary>
internal abstract class IdColumn
{
    private IdColumn(DataViewSchema.Column column) => Column = column;

    public DataViewSchema.Column Column { get; }

    /// <summary>Finds a column whose ids are of the kind that the model was trained on.</summary>
    /// <param name="schema">Where to look.</param>
    /// <param name="name">Name of the column.</param>
    /// <param name="ids">The model's ids.</param>
    /// <param name="role">"users" or "items".</param>
    /// <param name="isVector">Whether each row holds a vector of ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type is another.</exception>
    public static IdColumn Find(DataViewSchema schema, string name, IdMap ids, string role, bool isVector = false)
    {
        var column = Find(schema, name, role);
        var type = column.Type;
        if (isVector)
            type = type is VectorDataViewType vector ? vector.ItemType : null;
        return TryBind(column, type, ids) ?? throw Wrong(name, column.Type.ToString()!, ids, role, isVector);
    }

    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, role, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    /// <summary>Checks as much of the same as can be known before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type is another.</exception>
    public static void Check(SchemaShape schema, string name, IdMap ids, string role, bool isVector = false)
    {
        foreach (var column in schema)
        {
            if (column.Name != name)
                continue;
            var isScalar = column.Kind == SchemaShape.Column.VectorKind.Scalar;
            if (isScalar == isVector || column.IsKey != ids.IsKey || !(ids.IsKey || column.ItemType.Equals(ids.Type)))
                throw Wrong(name, $"{(isScalar ? "" : "a vector of ")}{(column.IsKey ? "keys" : column.ItemType)}", ids, role, isVector);
            return;
        }
        throw Missing(name, role, schema.Select(column => column.Name));
    }

    /// <summary>The index in a column with one id per row.</summary>
    public abstract Func<int> Scalar(DataViewRow row);

    /// <summary>The indices in a column with a vector of ids per row: the span is valid until the next call.</summary>
    public abstract Func<ReadOnlyMemory<int>> Vector(DataViewRow row);

    private static IdColumn? TryBind(DataViewSchema.Column column, DataViewType? type, IdMap ids)
    {
        if (type is KeyDataViewType key)
            return ids.IsKey && key.Count == (ulong)ids.Count && ids.HasKeyValuesOf(column) ? BindKeys(column, type.RawType, (ulong)ids.Count) : null;
        return (ids.IsKey ? null : ids.Kind) switch
        {
            DataKind.String when type is TextDataViewType => new Of<ReadOnlyMemory<char>>(column, id => ids.IndexOf(id.Span)),
            DataKind.Int32 when type == NumberDataViewType.Int32 => new Of<int>(column, ids.IndexOf),
            DataKind.Int64 when type == NumberDataViewType.Int64 => new Of<long>(column, ids.IndexOf),
            DataKind.UInt32 when type == NumberDataViewType.UInt32 => new Of<uint>(column, ids.IndexOf),
            DataKind.UInt64 when type == NumberDataViewType.UInt64 => new Of<ulong>(column, ids.IndexOf),
            _ => null,
        };
    }

    // 0, the missing key, becomes −1; so does one beyond the count, which ML.NET lets pass where an object's member is a vector of keys.
    private static IdColumn BindKeys(DataViewSchema.Column column, Type type, ulong count)
    {
        if (type == typeof(byte))
            return new Of<byte>(column, key => IndexOf(key));
        if (type == typeof(ushort))
            return new Of<ushort>(column, key => IndexOf(key));
        if (type == typeof(uint))
            return new Of<uint>(column, key => IndexOf(key));
        return new Of<ulong>(column, IndexOf);

        int IndexOf(ulong key) => key <= count ? (int)key - 1 : -1;
    }

    private static ArgumentOutOfRangeException Missing(string name, string role, IEnumerable<string> found) => new(null,
        $"There is no column '{name}' of {role} to recommend with. The rows have {string.Join(", ", found.Select(column => $"'{column}'"))}; name one of them, or add the column before.");

    private static ArgumentOutOfRangeException Wrong(string name, string found, IdMap ids, string role, bool isVector) => new(null,
        $"Column '{name}' is {found}, but the model's {role} are {Describe(ids)}{(isVector ? ", of which a vector per row is needed" : "")}. {Remedy(ids)}");

    private static string Describe(IdMap ids) => ids.IsKey
        ? $"keys with a count of {ids.Count:N0}{(ids.Kind is null ? "" : $" and {ids.Kind} KeyValues of their own")}"
        : $"raw ids of type {ids.Kind}";

    private static string Remedy(IdMap ids) => ids.IsKey
        ? "Make the column with the fitted MapValueToKey that made the training column: keep it in the trainer's chain, or fit it once before."
        : $"Convert the column with mlContext.Transforms.Conversion.ConvertType(…, outputKind: DataKind.{ids.Kind}), or name another.";

    private sealed class Of<T>(DataViewSchema.Column column, Func<T, int> indexOf) : IdColumn(column)
    {
        public override Func<int> Scalar(DataViewRow row)
        {
            var getter = row.GetGetter<T>(Column);
            T id = default!;
            return () =>
            {
                getter(ref id);
                return indexOf(id);
            };
        }

        public override Func<ReadOnlyMemory<int>> Vector(DataViewRow row)
        {
            var getter = row.GetGetter<VBuffer<T>>(Column);
            VBuffer<T> ids = default;
            int[] indices = [];
            return () =>
            {
                getter(ref ids);
                // Slots that a sparse vector leaves out hold the default value: a missing key, an empty text, the id 0.
                if (indices.Length < ids.Length)
                    indices = new int[ids.Length];
                int slot = 0;
                foreach (var id in ids.DenseValues())
                    indices[slot++] = indexOf(id);
                return indices.AsMemory(0, ids.Length);
            };
        }
    }
}
