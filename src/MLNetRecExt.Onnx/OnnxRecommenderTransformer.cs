using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace MLNetRecExt;

/// <summary>Appends what an exported model says about each row. See <see cref="OnnxRecommenderEstimator"/> for the columns.
/// Thread-safe.</summary>
public sealed class OnnxRecommenderTransformer : ITransformer, IDisposable
{
    private readonly string _path;
    private readonly ulong _checksum;
    private readonly InferenceSession _session;
    private readonly OnnxColumn[] _inputs;
    private readonly OnnxColumn[] _outputs;

    internal OnnxRecommenderTransformer(string path, int batchSize, int? numberOfThreads)
    {
        if (batchSize is < 1 or > 65536)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, $"{nameof(batchSize)} must be in [1, 65536].");
        if (numberOfThreads is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(numberOfThreads), numberOfThreads, $"{nameof(numberOfThreads)} must be in [1, 1024].");
        BatchSize = batchSize;
        _path = Path.GetFullPath(path);
        // Before anything of it is looked at: a damaged graph can be taken for another one.
        _checksum = OnnxChecksum.Read(_path) ?? throw new InvalidDataException(
            $"'{path}' was not written by SaveAsOnnx, or is damaged, incomplete or changed since. Export it again, or copy it again from its source. mlContext.Transforms.ApplyOnnxModel runs graphs of other programs.");
        _session = Open(_path, numberOfThreads);
        var metadata = _session.ModelMetadata.CustomMetadataMap;
        if (!Enum.TryParse<OnnxForm>(metadata[OnnxMetadata.Form], out var known))
        {
            _session.Dispose();
            throw new InvalidDataException($"'{path}' is of form '{metadata[OnnxMetadata.Form]}'; this MLNetRecExt knows {string.Join(", ", Enum.GetNames<OnnxForm>())}. Update the package.");
        }
        Form = known;
        Training = metadata.GetValueOrDefault(OnnxMetadata.Training, "");
        var roles = OnnxMetadata.Inputs.Where(metadata.ContainsKey).ToDictionary(role => metadata[role]);
        _inputs = [.. _session.InputNames.Select(name => roles.TryGetValue(name, out var role)
            ? new OnnxColumn(role, name, _session.InputMetadata[name], role == OnnxMetadata.History ? metadata[OnnxMetadata.Missing] : null)
            : new OnnxColumn(OnnxMetadata.Feature, name, _session.InputMetadata[name], metadata[OnnxMetadata.Feature + name]))];
        _outputs = [.. OnnxMetadata.Outputs.Where(metadata.ContainsKey).Select(role => new OnnxColumn(role, metadata[role], _session.OutputMetadata[metadata[role]]))];
    }

    /// <summary>What the graph takes and gives.</summary>
    public OnnxForm Form { get; }

    /// <summary>The model, and what it was trained on.</summary>
    public string Training { get; }

    /// <summary>Rows that are answered at once.</summary>
    public int BatchSize { get; }

    internal InferenceSession Session => _session;

    internal OnnxColumn[] Inputs => _inputs;

    internal OnnxColumn[] Outputs => _outputs;

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>Appends the graph's outputs to a view. They are computed, in batches, when a cursor asks for them.</summary>
    /// <exception cref="ArgumentException">A column is missing, or is not of the type that the graph takes.</exception>
    public IDataView Transform(IDataView input) => new OnnxView(this, input, Append(input.Schema));

    /// <inheritdoc cref="Transform"/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Append(inputSchema).OutputSchema;

    /// <summary>Ends the session.</summary>
    public void Dispose() => _session.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Append(inputSchema);

    // mlContext.Model.Save comes here.
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        if (OnnxChecksum.Read(_path) != _checksum)
            throw new InvalidDataException($"'{_path}' has changed since it was loaded. Apply it anew, and save that.");
        var stock = new MLContext().Transforms.ApplyOnnxModel([.. _outputs.Select(output => output.Name)], [.. _inputs.Select(input => input.Name)], _path);
        ((ICanSaveModel)stock.Fit(new EmptyView(OnnxColumn.ToSchema(_inputs)))).Save(ctx);
    }

    internal SchemaShape GetOutputShape(SchemaShape input)
    {
        foreach (var column in _inputs)
            column.Check(input);
        return SchemaShapes.Append(input, _outputs.Select(output => output.Detached()));
    }

    private AppendedColumns Append(DataViewSchema input)
    {
        var sources = Array.ConvertAll(_inputs, column => column.Find(input));
        return new AppendedColumns(input, _outputs.Select(output => output.Detached()), sources, row =>
        {
            // A row alone is a batch of one; its columns share the answer.
            var batch = new OnnxBatch(this, row);
            var answered = long.MinValue;
            return batch.Getters(() =>
            {
                if (answered != row.Position)
                {
                    batch.Clear();
                    batch.Add();
                    batch.Run();
                    answered = row.Position;
                }
                return 0;
            });
        });
    }

    private static InferenceSession Open(string path, int? numberOfThreads)
    {
        using var options = new SessionOptions();
        if (numberOfThreads is { } threads)
            options.IntraOpNumThreads = threads;
        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InvalidDataException($"This ONNX Runtime cannot run '{path}': {exception.Message} Update the package Microsoft.ML.OnnxRuntime, or export it by the version in use here.", exception);
        }
    }
}
