using Microsoft.ML.Data;

namespace MLNetRecExt.Persistence;

/// <summary>The native format of trained models.</summary>
// All numbers are little-endian.
//
//   file      "MLNetRec"      8 bytes
//             version         int32, 1
//             kind            name: which model, below
//             checksum
//             users           ids
//             items           ids
//             history         rows: what each user took in training
//             state           by kind
//             checksum
//
//   checksum  uint64          XxHash3 of every byte before it
//   name      length          byte
//             characters      UTF-8
//   array     count           int64
//             checksum        so that no memory is taken on the word of a damaged count
//             elements
//   text      lengths         array of int32
//             characters      array of UTF-16 code units: all texts, one after the other
//   ids       count           int32
//             kind            int32: the DataKind of the ids, 0 for keys without values
//             isKey           int32: 1 when the column is key-typed
//             ids             text for strings, nothing for kind 0, else array of int64
//   rows      parts           int32: 1 labels + 2 weights + 4 timestamps
//             offsets         array of int32: users + 1
//             indices         array of int32
//             labels          array of float32, where there are
//             weights         array of float32, where there are
//             timestamps      array of int64, where there are
//   matrix    rows, columns   int32 each
//             elements        array of float32, row by row
//
//   state of "Popularity"     nothing
//   state of "Mean"           whose mean: int32
//   state of "StockMatrixFactorization"
//                             user embeddings, item embeddings: matrix each
//   state of "Wals"           user, item embeddings: matrix each, with biases two columns longer
//                             μ: float32
//                             λ, ν, w0, a, α, user and item weight exponent: float32 each
//                             target: int32; biases: int32, 1 or 0
//   state of "SgdMatrixFactorization"
//                             user, item embeddings: matrix each, with biases two columns longer
//                             μ: float32
//                             loss, negatives, schedule, number of negatives: int32 each
//                             η, decay, λ: float32 each
//                             biases, non-negative: int32 each, 1 or 0; seed: int32
//   state of "SoftmaxDnn"     user embeddings, item embeddings: matrix each
//                             recency half-life, temperature: float32 each
//                             embeddings of items in a history: matrix
//                             layers: byte, then for each (inputs + 1) × outputs: matrix, the last row being the biases
//                             features of users: int32, their names: text, then for each
//                               kind, isKey: int32 each, as of ids
//                               categories: int32, and their texts; or of numbers means and 1 / deviations: array of float32 each
//                             where there are any: a row per category and number: matrix
//                               offsets: array of int32, users + 1; rows: array of int32; coefficients: array of float32
//   state of "ItemKnn", "UserKnn"
//                             number of neighbors, similarity: int32 each
//                             shrinkage, α, k, b: float32 each; score: int32
//                             neighbors of each item or user: rows, similarities as labels
//   state of "Ease"           sparse: byte, 1 or 0
//                             weights: rows by item, weights as labels; not sparse: matrix
//   state of "ContentBased"   label from which on an item is liked, weight of the disliked: float32 each; similarity: int32
//                             places of a vector: int32; by place the feature, then its category or place among numbers: text each
//                             vectors: rows by item, values as labels
//   state of "Fused"          fusion: int32
//                             sources: byte, then for each quota: int32, weight: float32, model: nested
//   state of "Ranked"         candidates: int32, score column: name, model: nested
//                             ranker: array of byte, a file of mlContext.Model.Save
//                             checksum
//   state of "Reranked"       candidates: int32, diversity, calibration: float32
//                             most per category: int32, −1 for none
//                             half-life, as of: array of two float64, NaN for none
//                             excluded items: array of int32, ascending
//                             categories: byte, 1 or 0; where there are some:
//                               their number + 1: int32; their names, then the column's: text; by item: rows
//                             dates: byte, 1 or 0; where there are some, the column's name: text; by item: array of float32
//                             similarity of its own: byte, 1 or 0; where there is one, model: nested
//                             model: nested
//   nested    kind            name
//             shared          byte, 1 when the history is that of the file
//             checksum
//             history         rows, where not shared
//             state           by kind; ids are those of the file
internal static class ModelFile
{
    private const int Version = 1;

    private static readonly Dictionary<string, Func<ModelReader, IdMap, IdMap, InteractionRows, RecommenderModel>> Kinds = new()
    {
        [PopularityModel.FileKindName] = (_, users, items, history) => new PopularityModel(users, items, history),
        [MeanModel.FileKindName] = MeanModel.Read,
        [StockMatrixFactorizationModel.FileKindName] = StockMatrixFactorizationModel.Read,
        [WalsModel.FileKindName] = WalsModel.Read,
        [SgdMatrixFactorizationModel.FileKindName] = SgdMatrixFactorizationModel.Read,
        [SoftmaxDnnModel.FileKindName] = SoftmaxDnnModel.Read,
        [ItemKnnModel.FileKindName] = ItemKnnModel.Read,
        [UserKnnModel.FileKindName] = UserKnnModel.Read,
        [EaseModel.FileKindName] = EaseModel.Read,
        [ContentBasedModel.FileKindName] = ContentBasedModel.Read,
        [FusedModel.FileKindName] = FusedModel.Read,
        [RankedModel.FileKindName] = RankedModel.Read,
        [RerankedModel.FileKindName] = RerankedModel.Read,
    };

    private static ReadOnlySpan<byte> Magic => "MLNetRec"u8;

    public static void Save(RecommenderModel model, Stream stream)
    {
        var kind = KindOf(model);
        var writer = new ModelWriter(stream);
        WriteHead(writer, kind);
        WriteIds(writer, model.Users);
        WriteIds(writer, model.Items);
        WriteRows(writer, model.History);
        model.WriteState(writer);
        writer.WriteChecksum();
        writer.Flush();
    }

    public static RecommenderModel Load(Stream stream)
    {
        var reader = new ModelReader(stream);
        var read = KindNamed(ReadHead(reader));
        var users = ReadIds(reader);
        var items = ReadIds(reader);
        var history = ReadRows(reader, users.Count, items.Count);
        var model = read(reader, users, items, history);
        reader.CheckChecksum();
        return model;
    }

    /// <summary>Writes what every file begins with: magic, version, kind and their checksum.</summary>
    public static void WriteHead(ModelWriter writer, string kind)
    {
        RefuseBigEndian();
        foreach (var letter in Magic)
            writer.WriteByte(letter);
        writer.WriteInt32(Version);
        writer.WriteName(kind);
        writer.WriteChecksum();
    }

    /// <summary>Reads the kind.</summary>
    public static string ReadHead(ModelReader reader)
    {
        RefuseBigEndian();
        foreach (var letter in Magic)
            if (reader.ReadByte() != letter)
                throw new InvalidDataException("This is not a model that MLNetRecExt saved. A file of mlContext.Model.Save is read by mlContext.Model.Load.");
        if (reader.ReadInt32() is var version && version != Version)
            throw new InvalidDataException($"The model has format version {version}; this MLNetRecExt reads version {Version}. Update the package, or save the model again with this one.");
        var kind = reader.ReadName();
        reader.CheckChecksum();
        return kind;
    }

    /// <summary>Writes a model inside another that has the same ids.</summary>
    public static void WriteNested(ModelWriter writer, RecommenderModel model, InteractionRows history)
    {
        writer.WriteName(KindOf(model));
        writer.WriteByte(model.History == history ? (byte)1 : (byte)0);
        writer.WriteChecksum();
        if (model.History != history)
            WriteRows(writer, model.History);
        model.WriteState(writer);
    }

    public static RecommenderModel ReadNested(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var kind = reader.ReadName();
        var shared = reader.ReadByte();
        reader.CheckChecksum();
        return KindNamed(kind)(reader, users, items, shared == 1 ? history : ReadRows(reader, users.Count, items.Count));
    }

    /// <summary>Makes a model of values that were read: what its constructor refuses, nobody has written.</summary>
    public static TModel Checked<TModel>(Func<TModel> create)
    {
        try
        {
            return create();
        }
        catch (ArgumentException)
        {
            throw ModelReader.Damaged();
        }
    }

    private static string KindOf(RecommenderModel model) => model.FileKind
        ?? throw new NotSupportedException($"{model.GetType().Name} has no file format: only models of MLNetRecExt's own trainers can be saved.");

    private static Func<ModelReader, IdMap, IdMap, InteractionRows, RecommenderModel> KindNamed(string kind) => Kinds.TryGetValue(kind, out var read)
        ? read
        : throw new InvalidDataException($"The model is of kind '{kind}'; this MLNetRecExt reads {string.Join(", ", Kinds.Keys)}. Update the package.");

    public static void WriteIds(ModelWriter writer, IdMap ids)
    {
        writer.WriteInt32(ids.Count);
        writer.WriteInt32((int)(ids.Kind ?? 0));
        writer.WriteInt32(ids.IsKey ? 1 : 0);
        if (ids.Text is not null)
            writer.WriteText(ids.Text);
        else if (ids.Integers is not null)
            writer.WriteArray<long>(ids.Integers);
    }

    private static IdMap ReadIds(ModelReader reader)
    {
        var count = reader.ReadInt32();
        var kind = (DataKind)reader.ReadInt32();
        var isKey = reader.ReadInt32() == 1;
        if (count < 0 || kind != 0 && !Enum.IsDefined(kind) || kind == DataKind.DateTimeOffset)
            throw ModelReader.Damaged();
        return kind switch
        {
            0 => IdMap.FromKeys(count),
            DataKind.String => IdMap.FromText(reader.ReadText(count), isKey),
            _ => IdMap.FromIntegers(reader.ReadArray<long>(count), kind, isKey),
        };
    }

    public static void WriteRows(ModelWriter writer, InteractionRows rows)
    {
        writer.WriteInt32((rows.HasLabels ? 1 : 0) + (rows.HasWeights ? 2 : 0) + (rows.HasTimestamps ? 4 : 0));
        writer.WriteArray(rows.Offsets);
        writer.WriteArray<int>(rows.IndexArray.AsSpan(0, rows.EntryCount));
        if (rows.HasLabels)
            writer.WriteArray<float>(rows.LabelArray.AsSpan(0, rows.EntryCount));
        if (rows.HasWeights)
            writer.WriteArray<float>(rows.WeightArray.AsSpan(0, rows.EntryCount));
        if (rows.HasTimestamps)
            writer.WriteArray<long>(rows.TimestampArray.AsSpan(0, rows.EntryCount));
    }

    public static InteractionRows ReadRows(ModelReader reader, int rowCount, int columnCount)
    {
        var parts = reader.ReadInt32();
        var offsets = reader.ReadArray<int>(rowCount + 1);
        var count = offsets[^1];
        var indices = reader.ReadArray<int>(count, InteractionRows.Padding);
        // Kernels trust these without bounds checks.
        for (int row = 0; row < rowCount; row++)
        {
            if (offsets[0] != 0 || offsets[row] > offsets[row + 1] || offsets[row + 1] > count)
                throw ModelReader.Damaged();
            var last = -1;
            foreach (var column in indices.AsSpan(offsets[row]..offsets[row + 1]))
                last = column > last && column < columnCount ? column : throw ModelReader.Damaged();
        }
        return new InteractionRows(
            offsets,
            indices,
            (parts & 1) != 0 ? reader.ReadArray<float>(count, InteractionRows.Padding) : null,
            (parts & 2) != 0 ? reader.ReadArray<float>(count, InteractionRows.Padding) : null,
            (parts & 4) != 0 ? reader.ReadArray<long>(count) : null);
    }

    private static void RefuseBigEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Models are saved and loaded on little-endian processors only.");
    }
}
