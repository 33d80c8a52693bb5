using System.Globalization;
using System.Reflection;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The file from which an interrupted training of a Softmax DNN goes on.</summary>
// Laid out with the parts of ModelFile:
//
//   head      kind            "SoftmaxDnnCheckpoint3"
//   names     count: int32, and text: options that the result depends on, and data
//   values    text: of each option its value, of data a checksum
//   checksum
//   loop      iteration, rounds: int32 each; best metric: array of one float64; best model: byte, 1 or 0
//   training  optimiser's steps: array of one int64
//             tables: int32, then for each weights and mean gradients: matrix each, and squares: array of float32
//   best      nested model, where there is one
//   checksum
internal sealed class SoftmaxDnnCheckpoint
{
    // The number rises with each change of what a file means: rows of tables are by popularity since 2, squares one a row since 3.
    private const string Kind = "SoftmaxDnnCheckpoint3";

    // The result does not depend on these; more epochs may be asked for than at first, unless the learning rate falls with them.
    private static readonly string[] Free =
    [
        nameof(SoftmaxDnnTrainer.Options.CheckpointPath), nameof(SoftmaxDnnTrainer.Options.CheckpointEvery), nameof(SoftmaxDnnTrainer.Options.NumberOfIterations),
        nameof(SoftmaxDnnTrainer.Options.NumberOfThreads), nameof(SoftmaxDnnTrainer.Options.Fallback), nameof(SoftmaxDnnTrainer.Options.Duplicates), nameof(SoftmaxDnnTrainer.Options.BadRows),
    ];

    private readonly string _path;
    private readonly Interactions _train;
    private readonly SoftmaxDnnTraining _training;
    private readonly string[] _names, _values;

    /// <param name="options">With a path.</param>
    /// <param name="input">What is trained and validated on, and the model that training started from.</param>
    /// <param name="training">Written, and set to where it was.</param>
    /// <param name="encoder">Of users' features.</param>
    public SoftmaxDnnCheckpoint(SoftmaxDnnTrainer.Options options, TrainingInput input, SoftmaxDnnTraining training, FeatureEncoder encoder)
    {
        (_path, _train, _training) = (options.CheckpointPath!, input.Train, training);
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [nameof(options.HiddenLayers)] = string.Join(", ", options.HiddenLayers),
            ["training data"] = Checksum(writer => Write(writer, input.Train)),
            ["validation data"] = input.Validation is null ? "none" : Checksum(writer => Write(writer, input.Validation)),
            ["initial model"] = input.Initial is null ? "none" : Checksum(writer =>
            {
                writer.WriteIds(input.Initial.Items);
                input.Initial.WriteState(writer);
            }),
            ["features of users"] = Checksum(writer =>
            {
                encoder.Write(writer);
                training.UserFeatures.Of.Write(writer);
            }),
            ["features of items"] = Checksum(training.ItemFeatures.Of.Write),
        };
        foreach (var field in options.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
            if ((Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType) is { IsPrimitive: true } or { IsEnum: true } && !Free.Contains(field.Name))
                parts[field.Name] = Convert.ToString(field.GetValue(options), CultureInfo.InvariantCulture)!;
        if (options.FinalLearningRate < 1)
            parts[nameof(options.NumberOfIterations)] = options.NumberOfIterations.ToString(CultureInfo.InvariantCulture);
        (_names, _values) = ([.. parts.Keys], [.. parts.Values]);

        static void Write(ModelWriter writer, Interactions data)
        {
            writer.WriteIds(data.Users);
            writer.WriteIds(data.Items);
            writer.WriteRows(data.ByUser);
        }
    }

    public void Save(TrainingState<SoftmaxDnnModel> state)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        CompleteFile.Write(_path, stream =>
        {
            var writer = new ModelWriter(stream);
            ModelFile.WriteHead(writer, Kind);
            writer.WriteInt32(_names.Length);
            writer.WriteText(_names);
            writer.WriteText(_values);
            writer.WriteChecksum();
            writer.WriteInt32(state.Iteration);
            writer.WriteInt32(state.Rounds);
            writer.WriteArray([state.BestMetric]);
            writer.WriteByte(state.Best is null ? (byte)0 : (byte)1);
            writer.WriteArray([_training.Steps]);
            var tables = _training.AllTables;
            writer.WriteInt32(tables.Length);
            foreach (var table in tables)
            {
                writer.WriteMatrix(table.Values);
                writer.WriteMatrix(table.Momenta);
                writer.WriteArray<float>(table.Squares);
            }
            if (state.Best is not null)
                ModelFile.WriteNested(writer, state.Best, _train.ByUser);
            writer.WriteChecksum();
            writer.Flush();
        });
    }

    /// <summary>Sets the training to where the file was written; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or no checkpoint.</exception>
    /// <exception cref="ArgumentException">It is of other data or options.</exception>
    public TrainingState<SoftmaxDnnModel>? Load()
    {
        if (!File.Exists(_path))
            return null;
        try
        {
            using var stream = File.OpenRead(_path);
            return Load(new ModelReader(stream));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(
                $"{_path} is damaged, or no checkpoint that this version of {nameof(SoftmaxDnnTrainer)} wrote. Delete it to train from the start, or choose another {nameof(SoftmaxDnnTrainer.Options.CheckpointPath)}.", e);
        }
    }

    public void Delete() => File.Delete(_path);

    private TrainingState<SoftmaxDnnModel> Load(ModelReader reader)
    {
        if (ModelFile.ReadHead(reader) != Kind)
            throw ModelReader.Damaged();
        var count = reader.ReadInt32();
        var (names, values) = (reader.ReadText(count), reader.ReadText(count));
        reader.CheckChecksum();
        var found = names.Zip(values).ToDictionary(part => part.First, part => part.Second);
        var differences = _names.Zip(_values).Where(part => found.GetValueOrDefault(part.First) != part.Second)
            .Select(part => $"{part.First} ({found.GetValueOrDefault(part.First, "none")} there, {part.Second} here)").ToArray();
        if (differences.Length > 0 || found.Count != _names.Length)
            throw new ArgumentException(
                $"The checkpoint {_path} is of another training, which differs in {string.Join(", ", differences)}. Fit with the same data and options to go on, delete it to train from the start, or choose another {nameof(SoftmaxDnnTrainer.Options.CheckpointPath)}.",
                nameof(SoftmaxDnnTrainer.Options.CheckpointPath));
        var (iteration, rounds, metric, hasBest) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadArray<double>(1)[0], reader.ReadByte());
        var steps = reader.ReadArray<long>(1)[0];
        var tables = _training.AllTables;
        if (reader.ReadInt32() != tables.Length)
            throw ModelReader.Damaged();
        foreach (var table in tables)
        {
            reader.ReadMatrix(table.Values);
            reader.ReadMatrix(table.Momenta);
            reader.ReadArray<float>(table.Squares.Length).CopyTo(table.Squares, 0);
        }
        var best = hasBest == 0 ? null : ModelFile.ReadNested(reader, _train.Users, _train.Items, _train.ByUser) as SoftmaxDnnModel ?? throw ModelReader.Damaged();
        reader.CheckChecksum();
        _training.Steps = steps;
        return new(iteration, best, metric, rounds);
    }

    private static string Checksum(Action<ModelWriter> write)
    {
        var writer = new ModelWriter(Stream.Null);
        write(writer);
        return writer.Checksum.ToString("x16", CultureInfo.InvariantCulture);
    }
}
