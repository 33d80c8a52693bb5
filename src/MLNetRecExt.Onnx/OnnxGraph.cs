using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNetRecExt.Schema;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>An ONNX graph under construction. A value is known by its name: that of an input, a constant or a node's output. Names of our
/// own begin with a slash, which those of columns must not.</summary>
internal sealed class OnnxGraph
{
    /// <summary>What a protobuf message, and with it an ONNX file, can hold; a little is left for the nodes.</summary>
    public const long MaxBytes = int.MaxValue - (1 << 20);

    // Shared with the bodies of loops, which see the values around them: no name may occur twice.
    private readonly Dictionary<string, int> _named;

    private long _bytes;

    public OnnxGraph(string name)
        : this(name, [])
    {
    }

    private OnnxGraph(string name, Dictionary<string, int> named)
    {
        Proto = new GraphProto { Name = name };
        _named = named;
    }

    public GraphProto Proto { get; }

    /// <summary>The graph of a loop's body.</summary>
    public OnnxGraph Body(string name) => new(name, _named);

    /// <param name="name">Name.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="dims">A number, or a letter for any.</param>
    public string Input(string name, DataType type, params ReadOnlySpan<object> dims)
    {
        Proto.Input.Add(Info(name, type, dims));
        return name;
    }

    /// <summary>Makes a value an output.</summary>
    /// <inheritdoc cref="Input"/>
    public void Output(string name, string value, DataType type, params ReadOnlySpan<object> dims)
    {
        Proto.Node.Add(new NodeProto { Name = name, OpType = "Identity", Input = { value }, Output = { name } });
        Proto.Output.Add(Info(name, type, dims));
    }

    /// <summary>A node without attributes.</summary>
    public string Node(string op, params ReadOnlySpan<string> inputs) => Nodes(op, inputs, [], 1)[0];

    public string Node(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes) => Nodes(op, inputs, attributes, 1)[0];

    /// <summary>A node with several outputs.</summary>
    public string[] Nodes(string op, ReadOnlySpan<string> inputs, ReadOnlySpan<AttributeProto> attributes, int outputs)
    {
        var node = new NodeProto { Name = NewName(op), OpType = op, Domain = op == "LabelEncoder" ? "ai.onnx.ml" : "" };
        foreach (var input in inputs)
            node.Input.Add(input);
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        for (int i = 0; i < outputs; i++)
            node.Output.Add(outputs == 1 ? node.Name : $"{node.Name}_{i}");
        Proto.Node.Add(node);
        return [.. node.Output];
    }

    public string Cast(string value, DataType type) => Node("Cast", [value], Attribute("to", (long)type));

    /// <summary>Rows of a table.</summary>
    public string Gather(string table, string rows) => Node("Gather", [table, rows], Attribute("axis", 0));

    /// <summary>Adds an axis of length 1.</summary>
    public string Unsqueeze(string value, long axis) => Node("Unsqueeze", value, Constant([axis], 1));

    public string Squeeze(string value, long axis) => Node("Squeeze", value, Constant([axis], 1));

    /// <summary>Sum along an axis, which stays with length 1.</summary>
    public string Sum(string value, long axis) => Node("ReduceSum", value, Constant([axis], 1));

    public string Slice(string value, long axis, long start, long end) =>
        Node("Slice", value, Constant([start], 1), Constant([end], 1), Constant([axis], 1));

    /// <summary>A number.</summary>
    public string Constant<T>(T value) where T : unmanaged => Constant([value]);

    /// <summary>Numbers of a shape; without dims a single one.</summary>
    public string Constant<T>(T[] values, params ReadOnlySpan<long> dims) where T : unmanaged =>
        Constant(NewName("Constant"), values, dims);

    public string Constant<T>(string name, T[] values, params ReadOnlySpan<long> dims) where T : unmanaged
    {
        Claim((long)values.Length * Unsafe.SizeOf<T>());
        var bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        return Add(name, TypeOf<T>(), dims, new TensorProto { RawData = UnsafeByteOperations.UnsafeWrap(bytes) });
    }

    public string Constant(string name, IEnumerable<string> texts, params ReadOnlySpan<long> dims)
    {
        var tensor = new TensorProto();
        tensor.StringData.AddRange(texts.Select(Encode));
        return Add(name, DataType.String, dims, tensor);
    }

    /// <summary>A table of numbers. One that is too large is refused before it is made.</summary>
    /// <param name="name">Name.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="fill">Writes a row, by its number; what it leaves out is 0.</param>
    /// <exception cref="NotSupportedException">The file would be too large.</exception>
    public string Table(string name, int rows, int columns, Action<int, Span<float>> fill)
    {
        Claim((long)rows * columns * sizeof(float));
        var bytes = new byte[rows * columns * sizeof(float)];
        var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int row = 0; row < rows; row++)
            fill(row, values.Slice(row * columns, columns));
        return Add(name, DataType.Float, [rows, columns], new TensorProto { RawData = UnsafeByteOperations.UnsafeWrap(bytes) });
    }

    public static AttributeProto Attribute(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Attribute(string name, GraphProto body) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = body };

    public AttributeProto Attribute(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        Claim(attribute.CalculateSize());
        return attribute;
    }

    public AttributeProto Attribute(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(Encode));
        return attribute;
    }

    private string Add(string name, DataType type, ReadOnlySpan<long> dims, TensorProto tensor)
    {
        tensor.Name = name;
        tensor.DataType = (int)type;
        foreach (var dim in dims)
            tensor.Dims.Add(dim);
        Proto.Initializer.Add(tensor);
        return name;
    }

    private ByteString Encode(string text)
    {
        var bytes = ByteString.CopyFromUtf8(text);
        Claim(bytes.Length + 6);
        return bytes;
    }

    /// <summary>Counts what the file will have.</summary>
    /// <exception cref="NotSupportedException">The file would be too large.</exception>
    public void Claim(long bytes)
    {
        _bytes += bytes;
        if (_bytes > MaxBytes)
            throw new NotSupportedException(
                $"The model is too large for an ONNX file, which ends at 2 GB. Export {nameof(OnnxForm.UserEmbedding)} or {nameof(OnnxForm.HistoryEmbedding)}, and {nameof(OnnxForm.ItemEmbedding)}, to files of their own, or train with a smaller rank.");
    }

    private string NewName(string op)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_named, op, out _);
        return $"/{op}/{++count}";
    }

    private static DataType TypeOf<T>() => default(T) switch
    {
        float => DataType.Float,
        double => DataType.Double,
        int => DataType.Int32,
        long => DataType.Int64,
        bool => DataType.Bool,
        _ => throw new NotSupportedException(typeof(T).Name),
    };

    private static ValueInfoProto Info(string name, DataType type, ReadOnlySpan<object> dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
            shape.Dim.Add(dim is string letter
                ? new TensorShapeProto.Types.Dimension { DimParam = letter }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim) });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
