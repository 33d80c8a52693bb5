using static MLNetRecExt.OnnxGraph;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>The graph that folds in a history as <see cref="FoldInProblem"/> does: A x = b, by conjugate gradients in double.</summary>
/// <param name="model">The model.</param>
/// <param name="problem">Its problem.</param>
internal sealed class OnnxLeastSquares(FactorModel model, FoldInProblem problem)
{
    /// <summary>A solution counts as exact where ‖b − A x‖² is below this part of ‖b‖².</summary>
    private const double Tolerance = 1e-24;

    /// <summary>Embeddings of histories, N × the columns of <paramref name="table"/>.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="history">The histories.</param>
    /// <param name="items">The items.</param>
    /// <param name="table">The item embeddings that histories are solved with.</param>
    public string Embed(OnnxGraph graph, OnnxHistory history, OnnxRows items, string table)
    {
        var columns = model.ItemMatrix.Columns - (model.HasBiases ? 1 : 0);
        var embeddings = graph.Gather(table, history.Rows);
        var (c, g, regularization) = Coefficients(graph, history, items, embeddings);
        if (model.HasBiases)
            embeddings = graph.Slice(embeddings, 2, 0, columns);

        // A = w0 Σ f_i v_i v_iᵀ + Σ c_e v_e v_eᵀ + λs I, b = Σ g_e v_e.
        embeddings = graph.Cast(embeddings, DataType.Double);
        var transposed = graph.Node("Transpose", [embeddings], graph.Attribute("perm", [0L, 2, 1]));
        var a = graph.Node("MatMul", transposed, graph.Node("Mul", embeddings, graph.Unsqueeze(graph.Cast(c, DataType.Double), 2)));
        var b = graph.Node("MatMul", transposed, graph.Unsqueeze(graph.Cast(g, DataType.Double), 2));
        a = graph.Node("Add", a, graph.Node("Mul", graph.Unsqueeze(regularization, 2), graph.Constant(Identity(columns), columns, columns)));
        if (problem.Gramian is not null)
            a = graph.Node("Add", a, graph.Constant("/Gramian", Gramian(columns), columns, columns));

        var x = graph.Squeeze(graph.Cast(Solve(graph, a, b, columns), DataType.Float), 2);
        if (!model.HasBiases)
            return x;
        // b_u is the factor of the items' ones; queries are scored by b_u + μ and 1.
        var offset = new float[columns];
        offset[^1] = model.Mean;
        x = graph.Node("Add", x, graph.Constant(offset, columns));
        return graph.Node("Pad", x, graph.Constant<long>([0, 0, 0, 1], 4), graph.Constant(1f));
    }

    /// <summary>c and g (N×L), and λs (N×1, double).</summary>
    private (string C, string G, string Regularization) Coefficients(OnnxGraph graph, OnnxHistory history, OnnxRows items, string embeddings)
    {
        var settings = problem.Settings;
        var kept = graph.Cast(history.IsKept, DataType.Float);
        var count = graph.Node("Max", graph.Sum(graph.Cast(kept, DataType.Double), 1), graph.Constant(1.0));
        var labels = history.Labels;

        var c = history.Weights ?? kept;
        if (settings.UserWeightExponent != 0)
        {
            var weight = graph.Node("Pow", graph.Node("Div", count, graph.Constant(problem.Users.MeanCount)), graph.Constant((double)settings.UserWeightExponent));
            c = graph.Node("Mul", c, graph.Cast(weight, DataType.Float));
        }
        if (settings.ConfidenceScale != 0)
        {
            var scaled = graph.Node("Mul", labels ?? kept, graph.Constant(settings.ConfidenceScale));
            c = graph.Node("Mul", c, graph.Node("Add", scaled, graph.Constant(1f)));
        }
        if (problem.Items.Weight is { } weights)
            c = graph.Node("Mul", c, graph.Gather(items.Table(graph, "/ItemWeights", weights), history.Rows));

        var g = c;
        if (model.HasBiases)
        {
            // What is predicted is A − μ − b_i.
            var rank = model.ApproximationRank;
            var biases = graph.Squeeze(graph.Slice(embeddings, 2, rank + 1, rank + 2), 2);
            var rest = graph.Node("Sub", graph.Node("Sub", labels ?? kept, graph.Constant(model.Mean)), biases);
            g = graph.Node("Mul", c, rest);
        }
        else if (settings.Target == WalsTarget.Label && labels is not null)
            g = graph.Node("Mul", c, labels);

        if (settings.UnobservedWeight != 0)
        {
            var unobserved = graph.Node("Mul", kept, graph.Constant(settings.UnobservedWeight));
            if (problem.Items.UnobservedScale is { } scale)
                unobserved = graph.Node("Mul", unobserved, graph.Gather(items.Table(graph, "/UnobservedScale", scale), history.Rows));
            c = graph.Node("Sub", c, unobserved);
        }

        var entries = graph.Node("Add", count, graph.Constant(problem.Users.UnobservedTotal));
        var regularization = graph.Node("Mul",
            graph.Node("Pow", entries, graph.Constant((double)settings.RegularizationExponent)), graph.Constant((double)settings.Regularization));
        return (c, g, regularization);
    }

    /// <summary>x with A x = b (N×K×1). A row that is solved stays as it is, so that it does not depend on those beside it.</summary>
    private static string Solve(OnnxGraph graph, string a, string b, int columns)
    {
        var (zero, one) = (graph.Constant(0.0), graph.Constant([1L], 1));
        var start = graph.Node("ReduceSum", graph.Node("Mul", b, b), one);
        var limit = graph.Node("Mul", start, graph.Constant(Tolerance));

        var body = graph.Body("ConjugateGradients");
        body.Input("/step", DataType.Int64);
        body.Input("/continues", DataType.Bool);
        var (x, r, p, rr) = (
            body.Input("/x", DataType.Double, "N", columns, 1), body.Input("/r", DataType.Double, "N", columns, 1),
            body.Input("/p", DataType.Double, "N", columns, 1), body.Input("/rr", DataType.Double, "N", 1, 1));
        // q = A p; x + α p with α = rr / pᵀq; r − α q; p ← r + (rr′/rr) p.
        var q = body.Node("MatMul", a, p);
        var isOpen = body.Node("Greater", rr, limit);
        var curvature = body.Node("ReduceSum", body.Node("Mul", p, q), one);
        var alpha = body.Node("Where", isOpen, body.Node("Div", rr, curvature), zero);
        var newX = body.Node("Add", x, body.Node("Mul", alpha, p));
        var newR = body.Node("Sub", r, body.Node("Mul", alpha, q));
        var newRr = body.Node("ReduceSum", body.Node("Mul", newR, newR), one);
        var beta = body.Node("Where", isOpen, body.Node("Div", newRr, rr), zero);
        var newP = body.Node("Add", newR, body.Node("Mul", beta, p));
        var open = body.Cast(body.Node("Greater", newRr, limit), DataType.Float);
        body.Output("/continues′", body.Cast(body.Node("ReduceMax", [open], Attribute("keepdims", 0)), DataType.Bool), DataType.Bool);
        body.Output("/x′", newX, DataType.Double, "N", columns, 1);
        body.Output("/r′", newR, DataType.Double, "N", columns, 1);
        body.Output("/p′", newP, DataType.Double, "N", columns, 1);
        body.Output("/rr′", newRr, DataType.Double, "N", 1, 1);

        return graph.Nodes("Loop",
            [graph.Constant(4L * columns + 20), graph.Constant(true), graph.Node("Mul", b, zero), b, b, start],
            [Attribute("body", body.Proto)], 4)[0];
    }

    private static double[] Identity(int size)
    {
        var identity = new double[size * size];
        for (int k = 0; k < size; k++)
            identity[k * size + k] = 1;
        return identity;
    }

    private double[] Gramian(int size)
    {
        var gramian = new double[size * size];
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++)
                gramian[i * size + j] = problem.Gramian![i][j];
        return gramian;
    }
}
