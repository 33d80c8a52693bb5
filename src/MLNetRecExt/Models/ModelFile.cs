using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The native format of trained models.</summary>
// Made of the parts that ModelWriter lays out. The state of a kind stands over the model that writes it.
//
//   file      "MLNetRec"      8 bytes
//             version         int32, 4
//             kind            name: which model, by RecommenderKindAttribute
//             checksum
//             users           ids
//             items           ids
//             history         rows: what each user took in training
//             base            recency: float32 each of half-life and half-life in days; then the card
//             state           by kind
//             checksum
//
//   nested    kind            name
//             shared          byte, 1 when the history is that of the file
//             checksum
//             history         rows, where not shared
//             base            as above
//             state           by kind; ids are those of the file
//
// Version 4 has no smoothed items. Version 3 has nothing by which items could be added. Version 2 has no base either. What a kind had instead stands over the model that
// reads it.
internal static class ModelFile
{
    /// <summary>How many models another may stand within: reading goes as deep as the file says, and the stack is finite.</summary>
    internal const int MaxDepth = 16;

    private const int Version = 5, OldestVersion = 2;

    // What the models of a history share: how many users took each item; once asked for, the mean labels, and while these are made a sum
    // per item; and on the thread that answers a score per item, of an array of twice the length.
    private const int BytesPerItem = 24, BytesPerUser = 4;

    // The object of a model and those that it always has.
    private const int BytesPerModel = 1024;

    private static ReadOnlySpan<byte> Magic => "MLNetRec"u8;

    public static void Save(RecommenderModel model, Stream stream, SaveOptions options)
    {
        var kind = ModelKinds.NameOf(model);
        var writer = new ModelWriter(stream) { WritesTimes = options.Times };
        WriteHead(writer, kind);
        writer.WriteIds(model.Users);
        writer.WriteIds(model.Items);
        writer.WriteRows(model.History);
        WriteBase(writer, model.Recency, model.Info);
        model.WriteState(writer);
        writer.WriteChecksum();
        writer.Flush();
    }

    public static RecommenderModel Load(Stream stream, LoadOptions options)
    {
        OptionChecker.Check(options);
        var maxMemory = options.MaxMemory ?? AppContext.GetData(ModelReader.MaxMemoryName) as long?;
        var reader = new ModelReader(stream, options.AllowPipelines, maxMemory);
        var kind = ModelKinds.Named(ReadHead(reader));
        return Checked(reader, () =>
        {
            var users = reader.ReadIds();
            var items = reader.ReadIds();
            var model = Read(reader, kind, users, items, ReadHistory(reader, users, items));
            reader.CheckChecksum();
            return model;
        });
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

    /// <summary>Writes what every model has before what its kind has.</summary>
    public static void WriteBase(ModelWriter writer, Recency recency, ModelInfo? info)
    {
        recency.Write(writer);
        ModelInfo.Write(writer, info);
    }

    /// <summary>Reads the kind.</summary>
    public static string ReadHead(ModelReader reader)
    {
        RefuseBigEndian();
        foreach (var letter in Magic)
            if (reader.ReadByte() != letter)
                throw new InvalidDataException("This is not a model that MLNetRecExt saved. A file of mlContext.Model.Save is read by mlContext.Model.Load.");
        reader.Version = reader.ReadInt32();
        if (reader.Version is < OldestVersion or > Version)
            throw new InvalidDataException(
                $"The model has format version {reader.Version}{(reader.Version == 1 ? ", of MLNetRecExt 0.1" : "")}; "
                + $"this MLNetRecExt reads versions {OldestVersion} to {Version}. "
                + (reader.Version < Version
                    ? "Train it again, or load it with the package that saved it."
                    : "Update the package, or save the model again with this one."));
        var kind = reader.ReadName();
        reader.CheckChecksum();
        return kind;
    }

    /// <summary>Writes a model inside another that has the same ids.</summary>
    /// <exception cref="NotSupportedException">It stands within more than <see cref="MaxDepth"/> others.</exception>
    public static void WriteNested(ModelWriter writer, RecommenderModel model, InteractionRows history)
    {
        if (++writer.Depth > MaxDepth)
            throw new NotSupportedException(
                $"The model has {model.GetType().Name} within more than {MaxDepth} other stages, and a file holds no more. Leave stages out.");
        writer.WriteName(ModelKinds.NameOf(model));
        writer.WriteByte(model.History == history ? (byte)1 : (byte)0);
        writer.WriteChecksum();
        if (model.History != history)
            writer.WriteRows(model.History);
        WriteBase(writer, model.Recency, model.Info);
        model.WriteState(writer);
        writer.Depth--;
    }

    public static RecommenderModel ReadNested(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var name = reader.ReadName();
        var shared = reader.ReadByte();
        reader.CheckChecksum();
        if (++reader.Depth > MaxDepth)
            throw ModelReader.Damaged();
        var kind = ModelKinds.Named(name);
        var model = Checked(reader, () => Read(reader, kind, users, items, shared == 1 ? history : ReadHistory(reader, users, items)));
        reader.Depth--;
        return model;
    }

    private static InteractionRows ReadHistory(ModelReader reader, IdMap users, IdMap items)
    {
        var history = reader.ReadRows(users.Count, items.Count);
        reader.Reserve((long)BytesPerItem * items.Count + (long)BytesPerUser * users.Count);
        return history;
    }

    private static RecommenderModel Read(
        ModelReader reader, RecommenderKindAttribute kind, IdMap users, IdMap items, InteractionRows history)
    {
        reader.Reserve(BytesPerModel);
        var hasBase = reader.Version > 2;
        var recency = hasBase ? Recency.Read(reader, history) : default;
        var info = hasBase ? ModelInfo.Read(reader) : null;
        var model = kind.Read(reader, users, items, history);
        if (hasBase)
            (model.Recency, model.Info) = (recency, info);
        // What a kind has looked at while it was read, without a recency, may be other numbers.
        if (recency.IsOn && !(model.LargestScore <= float.MaxValue))
            throw ModelReader.Damaged();
        reader.Reserve(model.CacheSize);
        return model;
    }

    /// <summary>Makes a model of values that are read: what constructors refuse, nobody has written, nor numbers whose products are
    /// infinite.</summary>
    private static RecommenderModel Checked(ModelReader reader, Func<RecommenderModel> read)
    {
        try
        {
            var model = read();
            // Not ">": NaN is refused, too. Training hands out no such model.
            return reader.IsTame || model.LargestScore <= float.MaxValue ? model : throw ModelReader.Damaged();
        }
        catch (Exception cause) when (cause is ArgumentException or ArithmeticException or IndexOutOfRangeException)
        {
            throw ModelReader.DamagedBy(cause);
        }
    }

    private static void RefuseBigEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Models are saved and loaded on little-endian processors only.");
    }
}
