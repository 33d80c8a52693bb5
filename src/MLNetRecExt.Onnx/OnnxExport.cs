using System.Globalization;
using System.Reflection;
using MLNetRecExt.Kernels;
using MLNetRecExt.Schema;
using static MLNetRecExt.OnnxGraph;
using static MLNetRecExt.Schema.TensorProto.Types;

namespace MLNetRecExt;

/// <summary>A factor model as an ONNX graph.</summary>
internal sealed class OnnxExport
{
    private readonly FactorModel _model;
    private readonly OnnxForm _form;
    private readonly OnnxExportOptions _options;
    private readonly OnnxGraph _graph;
    private readonly OnnxRows _items;
    private readonly Dictionary<string, string> _metadata = [];
    private string? _itemTable;

    private OnnxExport(FactorModel model, OnnxForm form, OnnxExportOptions options)
    {
        _model = model;
        _form = form;
        _options = options;
        _graph = new OnnxGraph(form.ToString());
        _items = new OnnxRows(model.Items, model.IsKnownItem);
    }

    /// <exception cref="NotSupportedException">The model cannot fold in a history by a graph, or is too large.</exception>
    public static ModelProto ToOnnx(FactorModel model, OnnxForm form, OnnxExportOptions options)
    {
        var export = new OnnxExport(model, form, options);
        switch (form)
        {
            case OnnxForm.ItemEmbedding:
                export.Embedding(export.Lookup(OnnxMetadata.Item, options.ItemColumnName, export._items, "/ItemEmbeddings", model.ItemMatrix, out _));
                break;
            case OnnxForm.UserEmbedding:
                export.Embedding(export.Lookup(OnnxMetadata.User, options.UserColumnName, export.Users(), "/UserEmbeddings", model.UserMatrix, out _));
                break;
            case OnnxForm.HistoryEmbedding:
                export.Embedding(export.FoldIn(out _, out _));
                break;
            case OnnxForm.TopItemsForUser:
                export.TopItemsForUser();
                break;
            case OnnxForm.TopItemsForHistory:
                export.TopItemsForHistory();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(form), form, "There is no such form.");
        }
        return export.Finish();
    }

    private void TopItemsForUser()
    {
        var users = Users();
        var psi = Lookup(OnnxMetadata.User, _options.UserColumnName, users, "/UserEmbeddings", _model.UserMatrix, out var rows);
        rows = _graph.Squeeze(rows, 1);
        var isKnown = _graph.Unsqueeze(_graph.Node("Less", rows, _graph.Constant((long)users.Other)), 1);
        TopItems(psi, isKnown, _options.ExcludeSeen ? SeenByUser(users, rows) : null);
    }

    private void TopItemsForHistory()
    {
        var psi = FoldIn(out var history, out var isAnswerable);
        TopItems(psi, isAnswerable, _options.ExcludeSeen ? history.Rows : null);
    }

    /// <summary>The rows of a matrix (N×K) that belong to ids (N×1).</summary>
    private string Lookup(string role, string column, OnnxRows ids, string tableName, AlignedMatrix matrix, out string rows)
    {
        _metadata[role] = column;
        rows = ids.Find(_graph, _graph.Input(column, ids.IdType, "N", 1));
        return _graph.Squeeze(_graph.Gather(ids.Table(_graph, tableName, matrix), rows), 1);
    }

    /// <summary>Embeddings of histories and features, zeros where neither an item nor a feature is known.</summary>
    private string FoldIn(out OnnxHistory history, out string isAnswerable)
    {
        if (_model.Recency.IsOn)
            throw new NotSupportedException(
                $"This {_model.GetType().Name} weighs a history by age ({_model.Recency}), and there is no graph for that. "
                + $"Export {nameof(OnnxForm.UserEmbedding)}, {nameof(OnnxForm.ItemEmbedding)} or {nameof(OnnxForm.TopItemsForUser)}, "
                + "which hold known users as they are, or train without a half-life.");
        Func<OnnxHistory, OnnxFeatures?, string> embed = _model switch
        {
            SoftmaxDnnModel dnn => (history, features) => new OnnxSoftmaxDnn(dnn).Embed(_graph, history, features, _items),
            WalsModel wals => BySolving(wals.LeastSquares),
            SgdMatrixFactorizationModel { LeastSquares: { } problem } => BySolving(problem),
            _ => throw new NotSupportedException(
                $"This {_model.GetType().Name} {(_model.CanFoldIn ? "folds in a history by random steps" : "cannot fold in a history")}: there is no graph for that. " +
                $"Export {nameof(OnnxForm.UserEmbedding)}, {nameof(OnnxForm.ItemEmbedding)} or {nameof(OnnxForm.TopItemsForUser)}."),
        };
        _metadata[OnnxMetadata.History] = _options.HistoryColumnName;
        if (_options.HistoryLabelsColumnName is { } labels)
            _metadata[OnnxMetadata.HistoryLabels] = labels;
        if (_options.HistoryWeightsColumnName is { } weights)
            _metadata[OnnxMetadata.HistoryWeights] = weights;
        history = new OnnxHistory(_graph, _model, _items, _options);
        var features = _model is SoftmaxDnnModel { Encoder.TableRows: > 0 } withFeatures ? new OnnxFeatures(_graph, withFeatures, _metadata) : null;
        isAnswerable = features is null ? history.IsAnswerable : _graph.Node("Or", history.IsAnswerable, features.IsAnswerable);
        return _graph.Node("Where", isAnswerable, embed(history, features), _graph.Constant(0f));

        Func<OnnxHistory, OnnxFeatures?, string> BySolving(FoldInProblem problem) =>
            (history, _) => new OnnxLeastSquares(_model, problem).Embed(_graph, history, _items, SolvedItemTable());
    }

    /// <summary>What each user took, N × the longest of these histories, filled up with <see cref="OnnxRows.Other"/>.</summary>
    private string SeenByUser(OnnxRows users, string rows)
    {
        var rowOf = new int[_model.Items.Count];
        Array.Fill(rowOf, _items.Other);
        for (int row = 0; row < _items.Other; row++)
            rowOf[_items.Indices[row]] = row;
        var (starts, lengths, seen) = (new long[users.Other + 1], new long[users.Other + 1], new List<int>());
        for (int row = 0; row < users.Other; row++)
        {
            starts[row] = seen.Count;
            foreach (var item in _model.History.Indices(users.Indices[row]))
                seen.Add(rowOf[item]);
            lengths[row] = seen.Count - starts[row];
        }
        seen.Add(_items.Other);

        var start = _graph.Unsqueeze(_graph.Gather(_graph.Constant("/SeenStarts", starts, starts.Length), rows), 1);
        var length = _graph.Unsqueeze(_graph.Gather(_graph.Constant("/SeenLengths", lengths, lengths.Length), rows), 1);
        var longest = _graph.Node("Max", _graph.Node("ReduceMax", [length], Attribute("keepdims", 0)), _graph.Constant(1L));
        var places = _graph.Node("Range", _graph.Constant(0L), longest, _graph.Constant(1L));
        var isInside = _graph.Node("Less", places, length);
        places = _graph.Node("Where", isInside, _graph.Node("Add", start, places), _graph.Constant((long)seen.Count - 1));
        return _graph.Cast(_graph.Gather(_graph.Constant("/SeenItems", seen.ToArray(), seen.Count), places), DataType.Int64);
    }

    /// <summary>Scores all items and keeps the best k: never the row of unknown ids, nor what was seen, nor anything for a query that
    /// nothing is known about.</summary>
    private void TopItems(string psi, string isAnswerable, string? seen)
    {
        var none = _graph.Constant(float.NegativeInfinity);
        var offset = new float[_items.Other + 1];
        offset[^1] = float.NegativeInfinity;
        var scores = _graph.Node("Gemm", [psi, ItemTable(), _graph.Constant(offset, offset.Length)], Attribute("transB", 1));
        if (seen is not null)
        {
            var updates = _graph.Node("Expand", none, _graph.Node("Shape", seen));
            scores = _graph.Node("ScatterElements", [scores, seen, updates], Attribute("axis", 1));
        }
        scores = _graph.Node("Where", isAnswerable, scores, none);
        var count = Math.Min(_options.NumberOfItems, _items.Other);
        var top = _graph.Nodes("TopK", [scores, _graph.Constant([(long)count], 1)], [Attribute("axis", 1), Attribute("largest", 1), Attribute("sorted", 1)], 2);
        var isNone = _graph.Node("Equal", top[0], none);
        var rows = _graph.Node("Where", isNone, _graph.Constant((long)_items.Other), top[1]);

        _metadata[OnnxMetadata.Items] = _options.ItemsColumnName;
        _metadata[OnnxMetadata.Scores] = _options.ScoresColumnName;
        _graph.Output(_options.ItemsColumnName, _graph.Gather(_items.Ids(_graph, "/ItemIds"), rows), _items.IdType, "N", count);
        _graph.Output(_options.ScoresColumnName, _graph.Node("Where", isNone, _graph.Constant(float.NaN), top[0]), DataType.Float, "N", count);
    }

    private void Embedding(string embedding)
    {
        _metadata[OnnxMetadata.Embedding] = _options.EmbeddingColumnName;
        _graph.Output(_options.EmbeddingColumnName, embedding, DataType.Float, "N", _model.ItemMatrix.Columns);
    }

    private OnnxRows Users() => new(_model.Users, _model.IsKnownUser);

    private string ItemTable() => _itemTable ??= _items.Table(_graph, "/ItemEmbeddings", _model.ItemMatrix);

    private string SolvedItemTable() => _model.SolvedItemMatrix == _model.ItemMatrix
        ? ItemTable()
        : _items.Table(_graph, "/SolvedItemEmbeddings", _model.SolvedItemMatrix);

    private ModelProto Finish()
    {
        var version = typeof(FactorModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        var model = new ModelProto { IrVersion = 8, ProducerName = "MLNetRecExt", ProducerVersion = version, Graph = _graph.Proto };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 3 });
        _metadata[OnnxMetadata.Form] = _form.ToString();
        _metadata[OnnxMetadata.Version] = version;
        _metadata[OnnxMetadata.Missing] = _items.IsText ? "" : _items.Missing.ToString(CultureInfo.InvariantCulture);
        _metadata[OnnxMetadata.Training] = string.Create(CultureInfo.InvariantCulture,
            $"{_model.GetType().Name} of rank {_model.ApproximationRank}, trained on {_model.History.EntryCount} interactions of {Enumerable.Range(0, _model.Users.Count).Count(_model.IsKnownUser)} users with {_items.Other} items");
        foreach (var (key, value) in _metadata)
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }
}
