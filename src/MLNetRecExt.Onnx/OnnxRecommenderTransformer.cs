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
        try
        {
            var metadata = _session.ModelMetadata.CustomMetadataMap;
            Form = ReadForm(metadata);
            Training = metadata.GetValueOrDefault(OnnxMetadata.Training, "");
            _inputs = [.. _session.InputNames.Select(name => ReadInput(name, metadata))];
            _outputs = [.. OnnxMetadata.Outputs.Where(metadata.ContainsKey).Select(role => ReadOutput(role, metadata[role]))];
        }
        // ONNX Runtime throws the latter where metadata are no text.
        catch (Exception cause) when (cause is InvalidDataException or NullReferenceException)
        {
            _session.Dispose();
            throw new InvalidDataException($"'{path}' is not what SaveAsOnnx of this version writes: {cause.Message}", cause);
        }
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
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the type that the graph takes.</exception>
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

    private static OnnxForm ReadForm(Dictionary<string, string> metadata)
    {
        var form = Entry(metadata, OnnxMetadata.Form);
        return Enum.TryParse<OnnxForm>(form, out var known) && Enum.IsDefined(known) ? known : throw new InvalidDataException(
            $"it is of form '{form}'; this MLNetRecExt knows {string.Join(", ", Enum.GetNames<OnnxForm>())}. Update the package.");
    }

    private OnnxColumn ReadInput(string name, Dictionary<string, string> metadata)
    {
        var role = OnnxMetadata.Inputs.FirstOrDefault(role => metadata.GetValueOrDefault(role) == name, OnnxMetadata.Feature);
        var filler = role switch
        {
            OnnxMetadata.History => Entry(metadata, OnnxMetadata.Missing),
            OnnxMetadata.Feature => Entry(metadata, OnnxMetadata.Feature + name),
            _ => null,
        };
        return new OnnxColumn(role, name, _session.InputMetadata[name], filler);
    }

    private OnnxColumn ReadOutput(string role, string name) => new(role, name, _session.OutputMetadata.GetValueOrDefault(name)
        ?? throw new InvalidDataException($"it has no output '{name}', which its metadata names. Export it again."));

    private static string Entry(Dictionary<string, string> metadata, string key) => metadata.GetValueOrDefault(key)
        ?? throw new InvalidDataException($"its metadata have no entry '{key}'. Export it again.");

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
