using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>Makes the JSON schema of <c>recommender.json</c>: of the types that read it, their documentation, and the ranges of
/// options.</summary>
internal static partial class ExperimentSchema
{
    private const string ByTrainer = "byTrainer";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Name, Type Trainer)[] Trainers =
        [.. ExperimentTrainer.Known().Where(known => NeedsNothing(known.Trainer)).OrderBy(known => known.Name, StringComparer.Ordinal)];

    public static string Make()
    {
        var json = new JsonSerializerOptions(ExperimentConfiguration.Json) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var schema = json.GetJsonSchemaAsNode(
            typeof(ExperimentConfiguration), new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe }).AsObject();
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", "recommender.json of MLNetRecExt");
        schema.Insert(2, "description", Text(typeof(ExperimentConfiguration)));
        schema["definitions"] = Definitions();
        return schema.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>Whether a file can say all that a trainer needs: those that are made of others need these.</summary>
    public static bool NeedsNothing(Type trainer) =>
        Record.Exception(((RecommenderTrainerOptions)Activator.CreateInstance(ExperimentTrainer.ArgumentsOf(trainer)![1])!).Validate) is null;

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node)
    {
        if (context.PropertyInfo?.AttributeProvider is not PropertyInfo property)
            return node;
        var schema = property.Name == nameof(ExperimentConfiguration.Trainers) ? AnyTrainers() : node as JsonObject ?? [];
        schema.Insert(0, "description", Text(property));
        Limit(schema, property.GetCustomAttribute<OptionRangeAttribute>());
        if (property.Name == nameof(ExperimentConfiguration.Split))
            schema["pattern"] = $"^({string.Join("|", SplitRule.Forms.Select(form => form.ToString().Split(':')[0]))})(:[0-9.]+)?$";
        if (property.Name == nameof(ExperimentConfiguration.Metric))
            schema["pattern"] = $"^(({string.Join("|", TunerOptions.Rankings)})@[1-9][0-9]*|RMSE|MAE)$";
        if (property.Name == nameof(DataConfiguration.Provider))
            schema["enum"] = new JsonArray(null, "sqlite", "postgres", "duckdb");
        return schema;
    }

    /// <summary>A trainer by its own name has its options; by another it says which it is.</summary>
    private static JsonObject AnyTrainers() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(Trainers.Select(known => KeyValuePair.Create(known.Name, (JsonNode?)new JsonObject
        {
            ["if"] = new JsonObject { ["required"] = new JsonArray((JsonNode)TrainersConverter.Trainer) },
            ["then"] = Reference(ByTrainer),
            ["else"] = Reference(known.Name),
        }))),
        ["additionalProperties"] = Reference(ByTrainer),
        ["minProperties"] = 1,
    };

    private static JsonObject Definitions()
    {
        var definitions = new JsonObject
        {
            [ByTrainer] = new JsonObject
            {
                ["required"] = new JsonArray((JsonNode)TrainersConverter.Trainer),
                ["properties"] = new JsonObject
                {
                    [TrainersConverter.Trainer] = new JsonObject
                    {
                        ["description"] = "Which trainer it is.",
                        ["enum"] = new JsonArray([.. Trainers.Select(known => (JsonNode)known.Name)]),
                    },
                },
                ["allOf"] = new JsonArray([.. Trainers.Select(known => new JsonObject
                {
                    ["if"] = new JsonObject
                    {
                        ["properties"] = new JsonObject { [TrainersConverter.Trainer] = new JsonObject { ["const"] = known.Name } },
                    },
                    ["then"] = Reference(known.Name),
                })]),
            },
        };
        foreach (var (name, trainer) in Trainers)
            definitions[name] = Options(name, trainer);
        return definitions;
    }

    private static JsonObject Options(string name, Type trainer)
    {
        var options = ExperimentTrainer.ArgumentsOf(trainer)![1];
        var defaults = Activator.CreateInstance(options);
        var properties = new JsonObject
        {
            [TrainersConverter.Trainer] = new JsonObject { ["description"] = "Which trainer it is.", ["const"] = name },
        };
        foreach (var features in new[] { nameof(TrainerConfiguration.ItemFeatures), nameof(TrainerConfiguration.UserFeatures) })
            if (TrainerConfiguration.FeatureField(options, features) is not null)
                properties[JsonNamingPolicy.CamelCase.ConvertName(features)] = new JsonObject
                {
                    ["description"] = Text(typeof(TrainerConfiguration).GetProperty(features)!),
                    ["type"] = "boolean",
                };
        foreach (var field in TrainerConfiguration.Settable(options))
            properties[TrainerConfiguration.JsonName(field)] = Option(field, field.GetValue(defaults));
        return new() { ["description"] = Text(trainer), ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
    }

    private static JsonObject Option(FieldInfo field, object? value)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        var schema = new JsonObject { ["description"] = Text(field) };
        if (value is not null)
            schema["default"] = value is Enum ? value.ToString() : JsonSerializer.SerializeToNode(value);
        JsonObject[] kinds = type.IsEnum ? [Choice(type)]
            : type == typeof(bool) ? [new JsonObject { ["type"] = "boolean" }]
            : type == typeof(int[]) ? [new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "integer" } }]
            : [Number(field), Range(field)];
        schema["anyOf"] = new JsonArray([.. kinds, .. type == field.FieldType ? [] : new[] { new JsonObject { ["type"] = "null" } }]);
        return schema;
    }

    /// <summary>The names as they are saved, and as they are written by hand.</summary>
    private static JsonObject Choice(Type type)
    {
        var names = Enum.GetNames(type);
        return new() { ["enum"] = new JsonArray([.. names.Concat(names.Select(JsonNamingPolicy.CamelCase.ConvertName)).Select(name => (JsonNode)name)]) };
    }

    private static JsonObject Number(FieldInfo field)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        var schema = new JsonObject { ["type"] = type == typeof(int) || type == typeof(long) ? "integer" : "number" };
        Limit(schema, field.GetCustomAttribute<OptionRangeAttribute>());
        return schema;
    }

    /// <summary>From least to most, possibly with the scale that is searched on.</summary>
    private static JsonObject Range(FieldInfo field) => new()
    {
        ["description"] = "A range to search: [least, most], or with the scale behind.",
        ["type"] = "array",
        ["items"] = new JsonArray(Number(field), Number(field), new JsonObject { ["enum"] = new JsonArray("log", "linear") }),
        ["minItems"] = 2,
        ["additionalItems"] = false,
    };

    private static void Limit(JsonObject schema, OptionRangeAttribute? range)
    {
        if (range is null)
            return;
        schema[range.MinExclusive ? "exclusiveMinimum" : "minimum"] = range.Min;
        schema["maximum"] = range.Max;
    }

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    /// <summary>Summary and default of a member, or the summary of a type, as one line.</summary>
    private static string Text(MemberInfo member) => Spaces().Replace(string.Join(" ", XmlDocumentation.Of(member)
        .Where(element => element.Name == "summary" || element.Name == "value").Select(element => string.Concat(element.Nodes().Select(Plain)).Trim())), " ");

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => Named(see),
        XElement element => string.Concat(element.Nodes().Select(Plain)),
        _ => "",
    };

    /// <summary>An option is called here as it is written in the file.</summary>
    private static string Named(XElement see)
    {
        if (see.Attribute("cref")?.Value is not { } member)
            return see.Attribute("langword")?.Value ?? see.Value;
        var name = member.Split('(')[0].Split('.')[^1].Split('`')[0];
        return member[0] is 'F' or 'P' ? JsonNamingPolicy.CamelCase.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
