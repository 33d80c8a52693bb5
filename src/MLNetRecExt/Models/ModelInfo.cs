using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The card of a model: by which trainer and options it was made, of what data and when. It is saved with the model.</summary>
/// <remarks>The same data, options and seed give the same card on however many threads they are trained on, but for <see cref="Trained"/>
/// and <see cref="TrainingTime"/>, which <see cref="SaveOptions.Times"/> leaves out of a file.</remarks>
public sealed class ModelInfo
{
    // Bytes of a card in a file; and what reading one takes, in bytes for each of them: names and values of few letters are the worst.
    private const int MaxSize = 1 << 20, BytesPerByte = 40;

    private const string By = "trainer", With = "options", Decided = "fromData", OfUsers = "users", OfItems = "items",
        Pairs = "interactions", Earliest = "earliestTimestamp", Latest = "latestTimestamp", Library = "libraryVersion",
        At = "trained", For = "trainingTime", Judged = "metrics", Added = "appended";

    internal ModelInfo(string trainer, IEnumerable<KeyValuePair<string, string>> options, IEnumerable<string> fromData)
    {
        Trainer = trainer;
        Options = new Dictionary<string, string>(options).AsReadOnly();
        FromData = [.. fromData.Order(StringComparer.Ordinal)];
    }

    private ModelInfo(ModelInfo other)
        : this(other.Trainer, other.Options, other.FromData)
    {
        (Users, Items, Interactions, LibraryVersion) = (other.Users, other.Items, other.Interactions, other.LibraryVersion);
        (EarliestTimestamp, LatestTimestamp) = (other.EarliestTimestamp, other.LatestTimestamp);
        (Trained, TrainingTime, Metrics, Appended) = (other.Trained, other.TrainingTime, other.Metrics, other.Appended);
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
    public long Interactions { get; internal init; }

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

    /// <summary>When training ended, in UTC. Null where the card does not say: before format version 4, and without
    /// <see cref="SaveOptions.Times"/>.</summary>
    public DateTimeOffset? Trained { get; internal init; }

    /// <summary>How long training took, reading of data not counted; null likewise.</summary>
    public TimeSpan? TrainingTime { get; internal init; }

    /// <summary>What the model reached where it was judged, by the metric's name, such as <c>NDCG@20</c>; empty where
    /// <c>model.WithMetrics(report)</c> was not called.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; internal init; } = new Dictionary<string, double>().AsReadOnly();

    /// <summary>The card of a model that has taken in more.</summary>
    internal ModelInfo Append(AppendedInteractions appended)
    {
        var (all, times) = (appended.All, appended.All.ByUser.Times);
        return new(this)
        {
            Users = all.Users.Count,
            Items = all.Items.Count,
            Interactions = all.Count,
            EarliestTimestamp = times?.Earliest,
            LatestTimestamp = times?.Latest,
            Appended = Appended + appended.Count,
            // They were those of the model before.
            Metrics = new Dictionary<string, double>().AsReadOnly(),
        };
    }

    /// <summary>The same card with other metrics.</summary>
    internal ModelInfo WithMetrics(IEnumerable<KeyValuePair<string, double>> metrics) =>
        new(this) { Metrics = new Dictionary<string, double>(metrics).AsReadOnly() };

    /// <summary>The card as text: trainer, when and for how long it trained, data, metrics, and each option with its value.</summary>
    public override string ToString()
    {
        var options = Options.OrderBy(option => option.Key, StringComparer.Ordinal)
            .Select(option => $"{option.Key} {option.Value}{(FromData.Contains(option.Key) ? " (from the data)" : "")}");
        var times = EarliestTimestamp is null ? "" : FormattableString.Invariant($", timestamps {EarliestTimestamp} to {LatestTimestamp}");
        var trained = Trained is null
            ? "" : string.Create(CultureInfo.InvariantCulture, $", trained {Trained:u} in {TrainingTime?.TotalSeconds:0.##} s");
        var metrics = string.Join(", ", Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
            .Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:0.0000}")));
        return $"{Trainer}, MLNetRecExt {LibraryVersion}{trained}{Environment.NewLine}"
            + FormattableString.Invariant($"{Interactions:N0} interactions of {Users:N0} users and {Items:N0} items{times}")
            + (Appended > 0 ? FormattableString.Invariant($"; {Appended:N0} taken in since training") : "")
            + (metrics.Length > 0 ? Environment.NewLine + metrics : "")
            + Environment.NewLine + string.Join(", ", options);
    }

    // Card: array of bytes, JSON as UTF-8; of no bytes where there is none
    internal static void Write(ModelWriter writer, ModelInfo? info)
    {
        var bytes = new ArrayBufferWriter<byte>();
        if (info is not null)
            using (var json = new Utf8JsonWriter(bytes))
                info.Write(json, writer.WritesTimes);
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
            Text(card.GetProperty(By)),
            card.GetProperty(With).EnumerateObject().Select(option => KeyValuePair.Create(option.Name, Text(option.Value))),
            card.GetProperty(Decided).EnumerateArray().Select(Text))
        {
            Users = card.GetProperty(OfUsers).GetInt32(),
            Items = card.GetProperty(OfItems).GetInt32(),
            Interactions = card.GetProperty(Pairs).GetInt64(),
            EarliestTimestamp = Time(Earliest),
            LatestTimestamp = Time(Latest),
            Appended = card.TryGetProperty(Added, out var added) ? added.GetInt32() : 0,
            LibraryVersion = Text(card.GetProperty(Library)),
            Trained = card.TryGetProperty(At, out var trained) ? trained.GetDateTimeOffset() : null,
            TrainingTime = card.TryGetProperty(For, out var span)
                ? TimeSpan.ParseExact(Text(span), "c", CultureInfo.InvariantCulture) : null,
            Metrics = card.TryGetProperty(Judged, out var metrics)
                ? metrics.EnumerateObject().ToDictionary(metric => metric.Name, metric => metric.Value.GetDouble()).AsReadOnly()
                : new Dictionary<string, double>().AsReadOnly(),
        };

        static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("A text is null.");

        long? Time(string name) => card.TryGetProperty(name, out var time) ? time.GetInt64() : null;
    }

    private void Write(Utf8JsonWriter json, bool withTimes)
    {
        json.WriteStartObject();
        json.WriteString(By, Trainer);
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
        if (withTimes && Trained is { } trained)
            json.WriteString(At, trained);
        if (withTimes && TrainingTime is { } span)
            json.WriteString(For, span.ToString("c", CultureInfo.InvariantCulture));
        if (Metrics.Count > 0)
        {
            json.WriteStartObject(Judged);
            foreach (var (name, value) in Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal))
                json.WriteNumber(name, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
