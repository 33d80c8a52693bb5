using System.Globalization;
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
    /// <exception cref="InvalidDataException">The graph's input or output is not what the role asks for.</exception>
    public OnnxColumn(string role, string name, NodeMetadata metadata, string? filler = null)
    {
        Role = role;
        Name = name;
        Filler = filler;
        IsVector = role is not (OnnxMetadata.User or OnnxMetadata.Item);
        if (!metadata.IsTensor || metadata.Dimensions.Length != 2)
            throw new InvalidDataException($"'{name}' is no matrix with a row per row. Export it again.");
        _length = metadata.Dimensions[1];
        ItemType = metadata.ElementDataType switch
        {
            TensorElementType.String when !IsNumber => TextDataViewType.Instance,
            TensorElementType.Int64 when !IsNumber => NumberDataViewType.Int64,
            TensorElementType.Float when IsNumber || role == OnnxMetadata.Feature => NumberDataViewType.Single,
            var other => throw new InvalidDataException($"'{name}' is of {other}, which no {role} is. Export it again."),
        };
        if (filler is not null && ItemType == NumberDataViewType.Int64 && !long.TryParse(filler, CultureInfo.InvariantCulture, out _))
            throw new InvalidDataException($"'{name}' is of Int64, and its filler is '{filler}'. Export it again.");
    }

    public string Role { get; }

    public string Name { get; }

    public string? Filler { get; }

    public PrimitiveDataViewType ItemType { get; }

    public bool IsVector { get; }

    private bool IsNumber =>
        Role is OnnxMetadata.HistoryLabels or OnnxMetadata.HistoryWeights or OnnxMetadata.Embedding or OnnxMetadata.Scores;

    /// <summary>Whether a single value does, too: of a feature, unless it is several numbers.</summary>
    private bool IsScalarToo => Role == OnnxMetadata.Feature && _length <= 1;

    /// <summary>The column that the graph reads in its place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or its type is another.</exception>
    public DataViewSchema.Column Find(DataViewSchema schema)
    {
        var column = schema.GetColumnOrNull(Name) ?? throw Missing(schema.Where(column => !column.IsHidden).Select(column => column.Name));
        var vector = column.Type as VectorDataViewType;
        var type = IsVector && (vector is not null || !IsScalarToo) ? vector?.ItemType : column.Type;
        var isLong = Role != OnnxMetadata.Feature || _length < 0 || _length == (vector?.Size ?? 1);
        return ItemType.Equals(type) && isLong ? column : throw Wrong(column.Type.ToString()!, type ?? column.Type);
    }

    /// <summary>Checks the same before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or its type is another.</exception>
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

    private ArgumentOutOfRangeException Missing(IEnumerable<string> found) => new(null,
        $"There is no column '{Name}', which the ONNX graph reads. The rows have {string.Join(", ", found.Select(column => $"'{column}'"))}; copy one of them with mlContext.Transforms.CopyColumns, or export with another name.");

    private ArgumentOutOfRangeException Wrong(string found, DataViewType? type) => new(null,
        $"Column '{Name}' is {found}, but the ONNX graph reads {(!IsVector ? "" : IsScalarToo ? "one or several " : _length > 0 ? $"a vector of {_length} " : "a vector of ")}{ItemType}. "
        + (type is KeyDataViewType or null && ItemType != NumberDataViewType.Single
            ? "Turn keys into the ids that they stand for with mlContext.Transforms.Conversion.MapKeyToValue, those without values with ConvertType."
            : type is DateTimeDataViewType
            ? "Of dates it reads the days since the year 1: map the column to (float)(date.Ticks / (double)TimeSpan.TicksPerDay) with mlContext.Transforms.CustomMapping."
            : $"Convert it with mlContext.Transforms.Conversion.ConvertType(…, outputKind: DataKind.{(ItemType == TextDataViewType.Instance ? DataKind.String : ItemType == NumberDataViewType.Int64 ? DataKind.Int64 : DataKind.Single)})."));
}
