using static MLNetRecExt.OnnxGraph;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>Histories in a graph, one per row, with one place more than the input has so that none is without places.</summary>
internal sealed class OnnxHistory
{
    public OnnxHistory(OnnxGraph graph, FactorModel model, OnnxRows items, OnnxExportOptions options)
    {
        var rows = items.Find(graph, graph.Input(options.HistoryColumnName, items.IdType, "N", "L"));
        var other = graph.Constant((long)items.Other);
        string? labels = null, weights = null;
        if (options.HistoryLabelsColumnName is { } labelsName)
        {
            labels = graph.Input(labelsName, DataType.Float, "N", "L");
            LeaveOut("LessOrEqual", graph.Node("Abs", labels), float.MaxValue);
        }
        if (options.HistoryWeightsColumnName is { } weightsName)
        {
            weights = graph.Input(weightsName, DataType.Float, "N", "L");
            LeaveOut("LessOrEqual", weights, float.MaxValue);
            LeaveOut("GreaterOrEqual", weights, 0);
        }
        var longer = graph.Constant<long>([0, 0, 0, 1], 4);
        Rows = graph.Node("Pad", rows, longer, other);
        IsKept = KeepLast(graph, Rows, items.Other);
        if (Array.ConvertAll(items.Indices, model.FoldsIn) is var foldsIn && foldsIn.Contains(false))
            IsKept = graph.Node("And", IsKept, graph.Gather(graph.Constant("/FoldsIn", [.. foldsIn, false], foldsIn.Length + 1), Rows));
        IsAnswerable = graph.Node("Greater", graph.Sum(graph.Cast(graph.Node("Less", Rows, other), DataType.Int64), 1), graph.Constant(0L));
        Labels = labels is null ? null : Kept(labels);
        Weights = weights is null ? null : Kept(weights);

        // NaN is neither more nor less than anything.
        void LeaveOut(string unless, string values, float bound) =>
            rows = graph.Node("Where", graph.Node(unless, values, graph.Constant(bound)), rows, other);

        string Kept(string values)
        {
            var zero = graph.Constant(0f);
            return graph.Node("Where", IsKept, graph.Node("Pad", values, longer, zero), zero);
        }
    }

    /// <summary>N×L: the row of each item; <see cref="OnnxRows.Other"/> for what does not count.</summary>
    public string Rows { get; }

    /// <summary>N×L: whether this is the last place of an item that histories are folded in by.</summary>
    public string IsKept { get; }

    /// <summary>N×1: whether any item is known.</summary>
    public string IsAnswerable { get; }

    /// <summary>N×L, 0 where not kept; null: all 1.</summary>
    public string? Labels { get; }

    /// <summary>N×L, 0 where not kept; null: all 1.</summary>
    public string? Weights { get; }

    /// <summary>N×L: whether this is the last place of a row of a table. By sorting row · L + place: a row's last place is before the next
    /// row's first.</summary>
    public static string KeepLast(OnnxGraph graph, string rows, int other)
    {
        var length = graph.Node("Shape", [rows], Attribute("start", 1), Attribute("end", 2));
        var places = graph.Node("Range", graph.Constant(0L), graph.Squeeze(length, 0), graph.Constant(1L));
        var keys = graph.Node("Add", graph.Node("Mul", rows, length), places);
        var sorted = graph.Nodes("TopK", [keys, length], [Attribute("axis", 1), Attribute("largest", 0), Attribute("sorted", 1)], 2);
        var row = graph.Node("Div", sorted[0], length);
        var next = graph.Node("Pad", graph.Slice(row, 1, 1, int.MaxValue), graph.Constant<long>([0, 0, 0, 1], 4), graph.Constant(-1L));
        var isLast = graph.Node("And", graph.Node("Not", graph.Node("Equal", row, next)), graph.Node("Less", row, graph.Constant((long)other)));
        var kept = graph.Cast(isLast, DataType.Float);
        return graph.Cast(graph.Node("ScatterElements", [kept, sorted[1], kept], Attribute("axis", 1)), DataType.Bool);
    }
}
