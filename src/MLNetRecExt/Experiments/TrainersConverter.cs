using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetRecExt;

/// <summary>Reads and writes trainers with their options: <c>"wals": { "approximationRank": [32, 128], "unobservedWeight": 0.1 }</c>.</summary>
/// <remarks>A number is the option's value, and stays; two in brackets are a range to search, with <c>"log"</c> or <c>"linear"</c> behind
/// them where the option is declared otherwise. <c>trainer</c> says which trainer it is where the name above does not.</remarks>
internal sealed class TrainersConverter : JsonConverter<IReadOnlyDictionary<string, TrainerConfiguration>>
{
    internal const string Trainer = "trainer", ItemFeatures = "itemFeatures", UserFeatures = "userFeatures";

    private const string Logarithmic = "log", Linear = "linear";

    public override IReadOnlyDictionary<string, TrainerConfiguration> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Expect(reader, JsonTokenType.StartObject, "trainers");
        var trainers = new Dictionary<string, TrainerConfiguration>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            Expect(reader, JsonTokenType.StartObject, $"trainers.{name}");
            if (!trainers.TryAdd(name, ReadOne(ref reader, name)))
                throw new JsonException($"trainers has '{name}' twice; leave one.");
        }
        return trainers;
    }

    public override void Write(
        Utf8JsonWriter writer, IReadOnlyDictionary<string, TrainerConfiguration> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, trainer) in value)
        {
            writer.WriteStartObject(name);
            if (trainer.Trainer != name)
                writer.WriteString(Trainer, trainer.Trainer);
            if (trainer.ItemFeatures)
                writer.WriteBoolean(ItemFeatures, true);
            if (trainer.UserFeatures)
                writer.WriteBoolean(UserFeatures, true);
            foreach (var field in TrainerConfiguration.Settable(trainer.Options.GetType()))
                if (trainer.Ranges.TryGetValue(field.Name, out var range))
                    WriteOption(writer, field, trainer.Options, range);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    /// <summary>Reads one trainer, member by member, so that an error is told of the line that it is in.</summary>
    private static TrainerConfiguration ReadOne(ref Utf8JsonReader reader, string name)
    {
        var ahead = reader;
        var trainer = TrainerOf(ref ahead, name);
        var options = (RecommenderTrainerOptions)Activator.CreateInstance(trainer)!;
        var fields = TrainerConfiguration.Settable(trainer).ToDictionary(TrainerConfiguration.JsonName);
        var ranges = new Dictionary<string, TuneRangeAttribute?>();
        var (itemFeatures, userFeatures) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = reader.GetString()!;
            reader.Read();
            if (member == Trainer)
                continue;
            if (member == ItemFeatures && TrainerConfiguration.FeatureField(trainer, nameof(TrainerConfiguration.ItemFeatures)) is not null)
                itemFeatures = ReadTruth(reader, name, member);
            else if (member == UserFeatures && TrainerConfiguration.FeatureField(trainer, nameof(TrainerConfiguration.UserFeatures)) is not null)
                userFeatures = ReadTruth(reader, name, member);
            else if (!fields.TryGetValue(member, out var field))
                throw new JsonException($"trainers.{name} has no option '{member}'{Spelling.Suggest(member, fields.Keys)}.");
            else if (!ranges.TryAdd(field.Name, ReadOption(ref reader, field, options)))
                throw new JsonException($"trainers.{name} has '{member}' twice; leave one.");
        }
        Validate(options, name);
        return new(options, ranges) { ItemFeatures = itemFeatures, UserFeatures = userFeatures };
    }

    private static bool ReadTruth(in Utf8JsonReader reader, string name, string member) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean() : throw new JsonException($"trainers.{name}.{member} must be true or false.");

    private static void Validate(RecommenderTrainerOptions options, string name)
    {
        try
        {
            options.Validate();
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"trainers.{name}: {e.Message.Split('\n', 2)[0].Replace($" (Parameter '{e.ParamName}')", "")}");
        }
    }

    /// <summary>The type of the options of the trainer that <c>trainer</c>, or else the name, says.</summary>
    private static Type TrainerOf(ref Utf8JsonReader reader, string name)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        var wanted = json.RootElement.TryGetProperty(Trainer, out var given)
            ? given.ValueKind == JsonValueKind.String ? given.GetString()! : throw new JsonException($"trainers.{name}.{Trainer} must be a name.")
            : name;
        var found = ExperimentTrainer.Known().FirstOrDefault(known => known.Name == wanted).Trainer;
        return found is not null
            ? ExperimentTrainer.ArgumentsOf(found)![1]
            : throw new JsonException(
                $"There is no trainer '{wanted}'{Spelling.Suggest(wanted, Experiment.TrainerNames)}. There are "
                + $"{string.Join(", ", Experiment.TrainerNames)}.");
    }

    private static TuneRangeAttribute? ReadOption(ref Utf8JsonReader reader, FieldInfo field, RecommenderTrainerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        var value = json.RootElement;
        if (value.ValueKind != JsonValueKind.Array || field.FieldType == typeof(int[]))
        {
            field.SetValue(options, TrainerConfiguration.Read(field, value));
            return null;
        }
        var declared = field.GetCustomAttribute<TuneRangeAttribute>();
        JsonElement[] parts = [.. value.EnumerateArray()];
        var scale = parts.Length == 3 && parts[2].ValueKind == JsonValueKind.String ? parts[2].GetString() : parts.Length == 2 ? "" : null;
        if (scale is null or not ("" or Logarithmic or Linear) || parts[0].ValueKind != JsonValueKind.Number
            || parts[1].ValueKind != JsonValueKind.Number || !(parts[0].GetDouble() <= parts[1].GetDouble()) || !IsNumber(field))
            throw new JsonException(
                $"{TrainerConfiguration.JsonName(field)} is {value.GetRawText()}; a range is [least, most] of a number, or [least, most, \"log\"].");
        return new(parts[0].GetDouble(), parts[1].GetDouble())
        {
            Logarithmic = scale.Length > 0 ? scale == Logarithmic : declared?.Logarithmic ?? false,
            Needs = declared?.Needs,
            NeededValue = declared?.NeededValue,
        };
    }

    private static void WriteOption(Utf8JsonWriter writer, FieldInfo field, RecommenderTrainerOptions options, TuneRangeAttribute? range)
    {
        writer.WritePropertyName(TrainerConfiguration.JsonName(field));
        if (range is null)
        {
            var value = field.GetValue(options);
            JsonSerializer.Serialize(writer, value is Enum ? value.ToString() : value);
            return;
        }
        writer.WriteStartArray();
        writer.WriteNumberValue(range.Min);
        writer.WriteNumberValue(range.Max);
        if (range.Logarithmic != (field.GetCustomAttribute<TuneRangeAttribute>()?.Logarithmic ?? false))
            writer.WriteStringValue(range.Logarithmic ? Logarithmic : Linear);
        writer.WriteEndArray();
    }

    private static bool IsNumber(FieldInfo field) =>
        Type.GetTypeCode(Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType) is TypeCode.Int32 or TypeCode.Int64 or TypeCode.Single
            or TypeCode.Double && !field.FieldType.IsEnum;

    private static void Expect(in Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (reader.TokenType != token)
            throw new JsonException($"{what} must be an object, in braces.");
    }
}
