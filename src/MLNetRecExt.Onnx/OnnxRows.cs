using Microsoft.ML.Data;
using MLNetRecExt.Kernels;
using static MLNetRecExt.OnnxGraph;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>The known users or items of a model as the rows of a graph's tables, in the model's order; behind them one row, of zeros, that
/// stands for every other id.</summary>
internal sealed class OnnxRows
{
    private readonly IdMap _ids;

    public OnnxRows(IdMap ids, Func<int, bool> isKnown)
    {
        _ids = ids;
        Indices = [.. Enumerable.Range(0, ids.Count).Where(isKnown)];
        IsText = ids.Kind is DataKind.String or DataKind.Single or DataKind.Double or DataKind.DateTime or DataKind.TimeSpan;
        if (!IsText)
            while (ids.IndexOf(Missing) >= 0)
                Missing--;
    }

    /// <summary>The model's index of each row.</summary>
    public int[] Indices { get; }

    /// <summary>The row of unknown ids.</summary>
    public int Other => Indices.Length;

    /// <summary>Whether ids are text; else they are Int64.</summary>
    public bool IsText { get; }

    /// <summary>An Int64 that is no id: the greatest that is not positive.</summary>
    public long Missing { get; private set; }

    public DataType IdType => IsText ? DataType.String : DataType.Int64;

    /// <summary>From ids to rows.</summary>
    public string Find(OnnxGraph graph, string ids)
    {
        var first = new HashSet<string>();
        // Of equal ids the model finds the first.
        var distinct = Enumerable.Range(0, Other).Where(row => first.Add(_ids.GetText(Indices[row]))).ToArray();
        return graph.Node("LabelEncoder", [ids],
            IsText
                ? graph.Attribute("keys_strings", distinct.Select(row => _ids.GetText(Indices[row])).DefaultIfEmpty(""))
                : graph.Attribute("keys_int64s", distinct.Select(row => Integer(Indices[row])).DefaultIfEmpty(Missing)),
            graph.Attribute("values_int64s", distinct.Select(row => (long)row).DefaultIfEmpty(Other)),
            Attribute("default_int64", Other));
    }

    /// <summary>The ids by row.</summary>
    public string Ids(OnnxGraph graph, string name) => IsText
        ? graph.Constant(name, Indices.Select(_ids.GetText).Append(""), Other + 1)
        : graph.Constant(name, [.. Indices.Select(Integer), Missing], Other + 1);

    /// <summary>The rows of a matrix, of which <paramref name="first"/> belongs to the model's index 0.</summary>
    public string Table(OnnxGraph graph, string name, AlignedMatrix matrix, int first = 0) =>
        graph.Table(name, Other + 1, matrix.Columns, (row, values) =>
        {
            if (row < Other)
                matrix[first + Indices[row]].CopyTo(values);
        });

    /// <summary>A value per row, and 0 for unknown ids.</summary>
    public string Table(OnnxGraph graph, string name, float[] values) =>
        graph.Constant(name, [.. Indices.Select(index => values[index]), 0], Other + 1);

    private long Integer(int index) => _ids.Integers is { } integers ? integers[index] : index + 1L;
}
