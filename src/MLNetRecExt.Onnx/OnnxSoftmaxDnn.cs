using static MLNetRecExt.OnnxGraph;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>The graph that embeds a history and features as <see cref="SoftmaxDnnModel"/> does: shares of the mean, layers,
/// direction.</summary>
internal sealed class OnnxSoftmaxDnn(SoftmaxDnnModel model)
{
    /// <summary>Embeddings of histories, with features where the model was trained with such.</summary>
    public string Embed(OnnxGraph graph, OnnxHistory history, OnnxFeatures? features, OnnxRows items)
    {
        var input = Input(graph, history, items);
        if (features is not null)
            input = graph.Node("Add", input, features.Sum);
        var activation = input;
        for (int layer = 0; layer < model.Tower.Layers.Length; layer++)
        {
            var weights = model.Tower.Layers[layer];
            activation = graph.Node("Gemm", activation,
                graph.Table($"/Layer{layer}", weights.Rows - 1, weights.Columns, (row, values) => weights[row].CopyTo(values)),
                graph.Constant($"/Bias{layer}", weights[weights.Rows - 1].ToArray(), weights.Columns));
            if (layer < model.Tower.Layers.Length - 1)
                activation = graph.Node("Relu", activation);
        }
        if (model.Settings.SkipConnection && model.Tower.Layers.Length > 0)
            activation = graph.Node("Add", activation, input);
        if (model.Settings.Temperature == 0)
            return activation;
        var length = graph.Node("ReduceL2", [activation], graph.Attribute("axes", [1L]));
        return graph.Node("Where",
            graph.Node("GreaterOrEqual", length, graph.Constant(1e-10f)),
            graph.Node("Div", activation, graph.Node("Mul", length, graph.Constant(model.Settings.Temperature))),
            graph.Constant(0f));
    }

    /// <summary>The mean of the history's embeddings.</summary>
    private string Input(OnnxGraph graph, OnnxHistory history, OnnxRows items)
    {
        var kept = graph.Cast(history.IsKept, DataType.Float);
        var weights = history.Weights ?? kept;
        if (model.Settings.RecencyHalfLife > 0)
        {
            // How many entries come later.
            var age = graph.Node("CumSum", [kept, graph.Constant(1L)], Attribute("exclusive", 1), Attribute("reverse", 1));
            weights = graph.Node("Mul", weights, graph.Node("Pow", graph.Constant(0.5f), graph.Node("Div", age, graph.Constant(model.Settings.RecencyHalfLife))));
        }
        var sum = graph.Sum(weights, 1);
        var zero = graph.Constant(0f);
        var shares = graph.Node("Where",
            graph.Node("Greater", sum, zero),
            graph.Node("Div", weights, sum),
            graph.Node("Div", kept, graph.Node("Max", graph.Sum(kept, 1), graph.Constant(1f))));
        var embeddings = graph.Gather(items.Table(graph, "/HistoryEmbeddings", model.Tower.History), history.Rows);
        return graph.Squeeze(graph.Node("MatMul", graph.Unsqueeze(shares, 1), embeddings), 1);
    }
}
