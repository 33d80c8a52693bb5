using System.Buffers;
using System.Text.Json;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The card of a model: by which trainer and options it was made, and of what data. It is saved with the model.</summary>
/// <remarks>The same data, options and seed give the same card, whenever and on however many threads they are trained on.</remarks>
public sealed class ModelInfo
{
    // Bytes of a card in a file; and what reading one takes, in bytes for each of them: names and values of few letters are the worst.
    private const int MaxSize = 1 << 20, BytesPerByte = 40;

    private const string Trained = "trainer", With = "options", Decided = "fromData", OfUsers = "users", OfItems = "items",
        Pairs = "interactions", Earliest = "earliestTimestamp", Latest = "latestTimestamp", Library = "libraryVersion", Added = "appended";

    internal ModelInfo(string trainer, IEnumerable<KeyValuePair<string, string>> options, IEnumerable<string> fromData)
    {
        Trainer = trainer;
        Options = new Dictionary<string, string>(options).AsReadOnly();
        FromData = [.. fromData.Order(StringComparer.Ordinal)];
    }

    /// <summary>Name of the trainer's class, such as <c>WalsTrainer</c>.</summary>
    public string Trainer { get; }

    /// <summary>The options of training by name, as invariant text: numbers, choices and texts. Those that followed from the data have the
    /// value that was taken. Columns, and what does not show in the model, such as threads, are left out, and so is what is null.</summary>
    public IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>Names of the <see cref="Options"/> that were left open, and whose values the data decided.</summary>
    public IReadOnlyList<string> FromData { get; }

    /// <summary>Number of users in the data.</summary>
    public int Users { get; internal init; }

    /// <summary>Number of items in the data.</summary>
    public int Items { get; internal init; }

    /// <summary>Number of different pairs of a user and an item in the data.</summary>
    public int Interactions { get; internal init; }

    /// <summary>The earliest timestamp of the data, as its column has it: of dates their ticks. Null without timestamps.</summary>
    public long? EarliestTimestamp { get; internal init; }

    /// <summary>The latest timestamp of the data, likewise.</summary>
    public long? LatestTimestamp { get; internal init; }

    /// <summary>Number of interactions that <see cref="RecommenderModel.Append"/> has taken in since training, those that replaced an
    /// earlier one included. The counts and timestamps of this card are those with them; options that followed from the data are those of
    /// training.</summary>
    public int Appended { get; internal init; }

    /// <summary>Version of MLNetRecExt that trained the model.</summary>
    public string LibraryVersion { get; internal init; } = "";

    /// <summary>The card of a model that has taken in more.</summary>
    internal ModelInfo Append(AppendedInteractions appended)
    {
        var (all, times) = (appended.All, appended.All.ByUser.Times);
        return new(Trainer, Options, FromData)
        {
            Users = all.Users.Count,
            Items = all.Items.Count,
            Interactions = all.Count,
            EarliestTimestamp = times?.Earliest,
            LatestTimestamp = times?.Latest,
            Appended = Appended + appended.Count,
            LibraryVersion = LibraryVersion,
        };
    }

    /// <summary>The card as text: trainer, data, and each option with its value.</summary>
    public override string ToString()
    {
        var options = Options.OrderBy(option => option.Key, StringComparer.Ordinal)
            .Select(option => $"{option.Key} {option.Value}{(FromData.Contains(option.Key) ? " (from the data)" : "")}");
        var times = EarliestTimestamp is null ? "" : FormattableString.Invariant($", timestamps {EarliestTimestamp} to {LatestTimestamp}");
        return $"{Trainer}, MLNetRecExt {LibraryVersion}{Environment.NewLine}"
            + FormattableString.Invariant($"{Interactions:N0} interactions of {Users:N0} users and {Items:N0} items{times}")
            + (Appended > 0 ? FormattableString.Invariant($"; {Appended:N0} taken in since training") : "")
            + Environment.NewLine + string.Join(", ", options);
    }

    // Card: array of bytes, JSON as UTF-8; of no bytes where there is none
    internal static void Write(ModelWriter writer, ModelInfo? info)
    {
        var bytes = new ArrayBufferWriter<byte>();
        if (info is not null)
            using (var json = new Utf8JsonWriter(bytes))
                info.Write(json);
        writer.WriteArray(bytes.WrittenSpan);
    }

    internal static ModelInfo? Read(ModelReader reader)
    {
        var bytes = reader.ReadUpTo<byte>(MaxSize);
        if (bytes.Length == 0)
            return null;
        reader.Reserve((long)BytesPerByte * bytes.Length);
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return Read(json.RootElement);
        }
        // What is no JSON, lacks a part, or has one of another type; or text that is no text.
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw ModelReader.DamagedBy(e);
        }
    }

    private static ModelInfo Read(JsonElement card)
    {
        return new(
            Text(card.GetProperty(Trained)),
            card.GetProperty(With).EnumerateObject().Select(option => KeyValuePair.Create(option.Name, Text(option.Value))),
            card.GetProperty(Decided).EnumerateArray().Select(Text))
        {
            Users = card.GetProperty(OfUsers).GetInt32(),
            Items = card.GetProperty(OfItems).GetInt32(),
            Interactions = card.GetProperty(Pairs).GetInt32(),
            EarliestTimestamp = Time(Earliest),
            LatestTimestamp = Time(Latest),
            Appended = card.TryGetProperty(Added, out var added) ? added.GetInt32() : 0,
            LibraryVersion = Text(card.GetProperty(Library)),
        };

        static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("A text is null.");

        long? Time(string name) => card.TryGetProperty(name, out var time) ? time.GetInt64() : null;
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString(Trained, Trainer);
        json.WriteStartObject(With);
        foreach (var (name, value) in Options.OrderBy(option => option.Key, StringComparer.Ordinal))
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartArray(Decided);
        foreach (var name in FromData)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteNumber(OfUsers, Users);
        json.WriteNumber(OfItems, Items);
        json.WriteNumber(Pairs, Interactions);
        if (EarliestTimestamp is { } earliest)
            json.WriteNumber(Earliest, earliest);
        if (LatestTimestamp is { } latest)
            json.WriteNumber(Latest, latest);
        if (Appended > 0)
            json.WriteNumber(Added, Appended);
        json.WriteString(Library, LibraryVersion);
        json.WriteEndObject();
    }
}
