using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Names of the columns that interactions are read from.</summary>
/// <param name="User">User column: a key, or raw ids (text, Int32, Int64, UInt32, UInt64). Of a database: text, Guid, an integer or
/// decimal.</param>
/// <param name="Item">Item column, likewise.</param>
/// <param name="Label">Label column (Single, or another number or Boolean), or null: every label is 1.</param>
/// <param name="Weight">Weight column (Single, or another number, not negative), or null: every weight is 1.</param>
/// <param name="Timestamp">Timestamp column (Int64, Single, Double, DateTime or DateTimeOffset; of a database also a date, or text as ISO
/// 8601 has it), or null.</param>
public sealed record InteractionColumns(string User = "User", string Item = "Item", string? Label = null, string? Weight = null, string? Timestamp = null)
{
    /// <summary>Checks that a view has these columns with types that can be read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has a wrong type.</exception>
    internal void Check(DataViewSchema schema) => Check(
        name => schema.GetColumnOrNull(name) is { } column
            ? new Found(column.Type is VectorDataViewType, column.Type is KeyDataViewType, column.Type.RawType, column.Type.ToString()!)
            : null,
        () => schema.Where(column => !column.IsHidden).Select(column => column.Name));

    /// <summary>Checks that a pipeline will have these columns with types that can be read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has a wrong type.</exception>
    internal void Check(SchemaShape schema) => Check(
        name => schema.Where(column => column.Name == name).Select(column => new Found(
            column.Kind != SchemaShape.Column.VectorKind.Scalar, column.IsKey, column.ItemType.RawType,
            (column.Kind == SchemaShape.Column.VectorKind.Scalar, column.IsKey) switch
            {
                (true, false) => column.ItemType.ToString()!,
                (true, true) => $"Key<{column.ItemType}>",
                _ => $"Vector<{column.ItemType}>",
            })).FirstOrDefault(),
        () => schema.Select(column => column.Name));

    private void Check(Func<string, Found?> find, Func<IEnumerable<string>> names)
    {
        CheckUsersAreNotItems();
        CheckIds(User, "users");
        CheckIds(Item, "items");
        CheckNumber(Label, "labels");
        CheckNumber(Weight, "weights");
        if (Timestamp is null)
            return;
        var time = Find(Timestamp, "timestamps");
        if (time.IsVector || time.IsKey || !(IsNumber(time.RawType) || time.RawType == typeof(DateTime) || time.RawType == typeof(DateTimeOffset)))
            throw Wrong(Timestamp, time, "timestamps", "Int64, Single, Double, DateTime or DateTimeOffset",
                $"Convert it with mlContext.Transforms.Conversion.ConvertType(\"{Timestamp}\", outputKind: DataKind.Int64) or DataKind.DateTime");

        void CheckIds(string name, string role)
        {
            var found = Find(name, role);
            if (found.IsVector || !(found.IsKey || IsRawId(found.RawType)))
                throw Wrong(name, found, role, NeededIds, IdRemedy(name, found.RawType));
        }

        void CheckNumber(string? name, string role)
        {
            if (name is null)
                return;
            var found = Find(name, role);
            if (found.IsVector || found.IsKey || !(IsNumber(found.RawType) || found.RawType == typeof(bool)))
                throw Wrong(name, found, role, "Single", $"Convert it with mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single)");
        }

        Found Find(string name, string role) => find(name) ?? throw new ArgumentOutOfRangeException(null,
            $"There is no column '{name}' to read {role} from. The data has {string.Join(", ", names().Select(n => $"'{n}'"))}; name one of them, or add the column before.");
    }

    // The type that ML.NET's own estimators throw where a schema does not fit.
    private static ArgumentOutOfRangeException Wrong(string name, Found found, string role, string needed, string remedy) => new(null,
        $"Column '{name}' is {found.Description}; for {role} {needed} is needed{(found.IsVector ? ", one value per row" : "")}. {remedy}.");

    /// <exception cref="ArgumentException">Users and items have the same column.</exception>
    internal void CheckUsersAreNotItems()
    {
        if (User == Item)
            throw new ArgumentException($"Users and items are both to be read from column '{User}'; they need a column each.");
    }

    internal const string NeededIds = "a key or raw ids (text, Int32, Int64, UInt32, UInt64)";

    /// <summary>What to do with a column whose type ids cannot have.</summary>
    internal static string IdRemedy(string name, Type type) => type == typeof(float)
        // What DataFrame.LoadCsv guesses of integers. Mapped to keys they would be wrong in silence.
        ? "Single tells whole numbers apart only up to 16,777,216: load the ids as Int64 or text (DataFrame.LoadCsv takes dataTypes). "
            + $"Where none is larger, mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Int64) will do"
        : $"Map it with mlContext.Transforms.Conversion.MapValueToKey(\"{name}\")";

    internal static bool IsRawId(Type type) =>
        type == typeof(ReadOnlyMemory<char>) || type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(ulong);

    private static bool IsNumber(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Double;

    private sealed record Found(bool IsVector, bool IsKey, Type RawType, string Description);
}
