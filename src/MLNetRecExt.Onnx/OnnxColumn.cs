using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MLNetRecExt;

/// <summary>An input or output of an exported graph as a column.</summary>
internal sealed class OnnxColumn
{
    private readonly int _length;

    /// <param name="role">What it is: a key of <see cref="OnnxMetadata"/>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="metadata">What the session says of it.</param>
    /// <param name="filler">What shorter vectors of a batch are filled up with; null where all are as long.</param>
    public OnnxColumn(string role, string name, NodeMetadata metadata, string? filler = null)
    {
        Role = role;
        Name = name;
        Filler = filler;
        _length = metadata.Dimensions[1];
        IsVector = role is not (OnnxMetadata.User or OnnxMetadata.Item);
        ItemType = metadata.ElementDataType switch
        {
            TensorElementType.String => TextDataViewType.Instance,
            TensorElementType.Int64 => NumberDataViewType.Int64,
            _ => NumberDataViewType.Single,
        };
    }

    public string Role { get; }

    public string Name { get; }

    public string? Filler { get; }

    public PrimitiveDataViewType ItemType { get; }

    public bool IsVector { get; }

    /// <summary>Whether a single value does, too: of a feature, unless it is several numbers.</summary>
    private bool IsScalarToo => Role == OnnxMetadata.Feature && _length <= 1;

    /// <summary>The column that the graph reads in its place.</summary>
    /// <exception cref="ArgumentException">There is none, or its type is another.</exception>
    public DataViewSchema.Column Find(DataViewSchema schema)
    {
        var column = schema.GetColumnOrNull(Name) ?? throw Missing(schema.Where(column => !column.IsHidden).Select(column => column.Name));
        var vector = column.Type as VectorDataViewType;
        var type = IsVector && (vector is not null || !IsScalarToo) ? vector?.ItemType : column.Type;
        var isLong = Role != OnnxMetadata.Feature || _length < 0 || _length == (vector?.Size ?? 1);
        return ItemType.Equals(type) && isLong ? column : throw Wrong(column.Type.ToString()!, type ?? column.Type);
    }

    /// <summary>Checks the same before there is data.</summary>
    /// <exception cref="ArgumentException">There is none, or its type is another.</exception>
    public void Check(SchemaShape schema)
    {
        foreach (var column in schema)
        {
            if (column.Name != Name)
                continue;
            var isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
            if ((isVector != IsVector && (isVector || !IsScalarToo)) || column.IsKey || !ItemType.Equals(column.ItemType))
                throw Wrong($"{(isVector ? "a vector of " : "")}{(column.IsKey ? "keys" : column.ItemType)}", column.IsKey ? null : column.ItemType);
            return;
        }
        throw Missing(schema.Select(column => column.Name));
    }

    public DataViewSchema.DetachedColumn Detached() => new(Name, IsVector ? new VectorDataViewType(ItemType, Math.Max(_length, 0)) : ItemType);

    public static DataViewSchema ToSchema(IEnumerable<OnnxColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns.Select(column => column.Detached()));
        return builder.ToSchema();
    }

    private ArgumentException Missing(IEnumerable<string> found) => new(
        $"There is no column '{Name}', which the ONNX graph reads. The rows have {string.Join(", ", found.Select(column => $"'{column}'"))}; copy one of them with mlContext.Transforms.CopyColumns, or export with another name.");

    private ArgumentException Wrong(string found, DataViewType? type) => new(
        $"Column '{Name}' is {found}, but the ONNX graph reads {(!IsVector ? "" : IsScalarToo ? "one or several " : _length > 0 ? $"a vector of {_length} " : "a vector of ")}{ItemType}. "
        + (type is KeyDataViewType or null && ItemType != NumberDataViewType.Single
            ? "Turn keys into the ids that they stand for with mlContext.Transforms.Conversion.MapKeyToValue, those without values with ConvertType."
            : type is DateTimeDataViewType
            ? "Of dates it reads the days since the year 1: map the column to (float)(date.Ticks / (double)TimeSpan.TicksPerDay) with mlContext.Transforms.CustomMapping."
            : $"Convert it with mlContext.Transforms.Conversion.ConvertType(…, outputKind: DataKind.{(ItemType == TextDataViewType.Instance ? DataKind.String : ItemType == NumberDataViewType.Int64 ? DataKind.Int64 : DataKind.Single)})."));
}
