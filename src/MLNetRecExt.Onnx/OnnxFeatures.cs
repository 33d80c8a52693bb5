using System.Globalization;
using Microsoft.ML.Data;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>Side features of queries in a graph, an input for each: Σ_f c_f F_f as <see cref="FeatureEncoder"/> has it.</summary>
internal sealed class OnnxFeatures
{
    private readonly OnnxGraph _graph;
    private readonly SoftmaxDnnModel _model;

    /// <param name="graph">Gets the inputs.</param>
    /// <param name="model">Trained with features of users.</param>
    /// <param name="metadata">Gets the inputs' names, and what is no category.</param>
    public OnnxFeatures(OnnxGraph graph, SoftmaxDnnModel model, Dictionary<string, string> metadata)
    {
        (_graph, _model) = (graph, model);
        var parts = Array.ConvertAll(model.Encoder.Columns, feature =>
        {
            var (sum, isKnown, missing) = feature.Categories is null ? Numbers(feature) : Categories(feature);
            metadata[OnnxMetadata.Feature + feature.Name] = missing;
            return (Sum: sum, IsKnown: isKnown);
        });
        Sum = parts.Select(part => part.Sum).Aggregate((a, b) => graph.Node("Add", a, b));
        IsAnswerable = parts.Select(part => part.IsKnown).Aggregate((a, b) => graph.Node("Or", a, b));
    }

    /// <summary>N×K: what the features add to the input of the first layer.</summary>
    public string Sum { get; }

    /// <summary>N×1: whether any feature says something.</summary>
    public string IsAnswerable { get; }

    private (string Sum, string IsKnown, string Missing) Categories(FeatureEncoding feature)
    {
        var categories = new OnnxRows(Ids(feature), _ => true);
        var rows = categories.Find(_graph, _graph.Input(feature.Name, categories.IdType, "N", $"{feature.Name}.L"));
        rows = _graph.Node("Pad", rows, _graph.Constant<long>([0, 0, 0, 1], 4), _graph.Constant((long)categories.Other));
        var kept = _graph.Cast(OnnxHistory.KeepLast(_graph, rows, categories.Other), DataType.Float);
        var count = _graph.Sum(kept, 1);
        var shares = _graph.Node("Div", kept, _graph.Node("Max", count, _graph.Constant(1f)));
        var embeddings = _graph.Gather(categories.Table(_graph, $"/Feature/{feature.Name}", _model.Tower.Features!, feature.First), rows);
        return (
            _graph.Squeeze(_graph.Node("MatMul", _graph.Unsqueeze(shares, 1), embeddings), 1),
            _graph.Node("Greater", count, _graph.Constant(0f)),
            categories.IsText ? "" : categories.Missing.ToString(CultureInfo.InvariantCulture));
    }

    private (string Sum, string IsKnown, string Missing) Numbers(FeatureEncoding feature)
    {
        var (table, size) = (_model.Tower.Features!, feature.Means.Length);
        var values = _graph.Node("Sub", _graph.Input(feature.Name, DataType.Float, "N", size), _graph.Constant(feature.Means, size));
        values = _graph.Node("Mul", values, _graph.Constant(feature.Scales, size));
        // NaN is not less than anything.
        var isFinite = _graph.Node("LessOrEqual", _graph.Node("Abs", values), _graph.Constant(float.MaxValue));
        values = _graph.Node("Where", isFinite, values, _graph.Constant(0f));
        return (
            _graph.Node("MatMul", values, _graph.Table($"/Feature/{feature.Name}", size, table.Columns, (row, embedding) => table[feature.First + row].CopyTo(embedding))),
            _graph.Node("Greater", _graph.Node("ReduceMax", [_graph.Node("Abs", values)], _graph.Attribute("axes", [1L])), _graph.Constant(0f)),
            "NaN");
    }

    /// <summary>The categories as ids: text, or what is an integer.</summary>
    private static IdMap Ids(FeatureEncoding feature) => feature.Type.Kind switch
    {
        DataKind.String or DataKind.Single or DataKind.Double or DataKind.DateTime or DataKind.TimeSpan => IdMap.FromText(feature.Categories!),
        DataKind.Boolean => IdMap.FromIntegers(Array.ConvertAll(feature.Categories!, text => bool.Parse(text) ? 1L : 0), DataKind.Boolean),
        DataKind.UInt64 => IdMap.FromIntegers(Array.ConvertAll(feature.Categories!, text => (long)ulong.Parse(text, CultureInfo.InvariantCulture)), DataKind.UInt64),
        _ => IdMap.FromIntegers(Array.ConvertAll(feature.Categories!, text => long.Parse(text, CultureInfo.InvariantCulture)), DataKind.Int64),
    };
}
