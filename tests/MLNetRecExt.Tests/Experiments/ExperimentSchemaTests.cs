using System.Text.Json;
using Json.Schema;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>The JSON schema of <c>recommender.json</c>, by which editors complete and check.</summary>
/// <remarks>With MLNETRECEXT_WRITE_FORMATS set, the file is written anew: set it once after options, ranges or their documentation have
/// changed.</remarks>
public class ExperimentSchemaTests
{
    private static readonly string Path = Readmes.PathOf("src/MLNetRecExt/Experiments/recommender.schema.json");

    private static readonly Lazy<JsonSchema> Schema = new(() => JsonSchema.FromText(ExperimentSchema.Make()));

    [Fact]
    public void JsonSchema_IsWhatTypesDocumentationAndRangesSay()
    {
        var made = ExperimentSchema.Make();
        if (Environment.GetEnvironmentVariable("MLNETRECEXT_WRITE_FORMATS") is not null)
            File.WriteAllText(Path, made);

        Assert.True(made == File.ReadAllText(Path).ReplaceLineEndings("\n"),
            "Options, ranges or documentation have changed: run this test with MLNETRECEXT_WRITE_FORMATS=1 and commit recommender.schema.json.");
        Assert.Equal(made, ExperimentConfiguration.JsonSchema.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void JsonSchema_ConfigurationsThatAreRead_AreValid()
    {
        Assert.True(IsValid(ExperimentConfigurationTests.Whole));
        Assert.All(Readmes.Blocks("src/MLNetRecExt/README.md").Where(block => block.Text.StartsWith('{')), block => Assert.True(IsValid(block.Text)));
        Assert.All(ReadmeCommandTests.Configurations, path => Assert.True(IsValid(File.ReadAllText(path)), path));
        Assert.True(IsValid(Of("\"ease\": { \"trainer\": \"wals\", \"approximationRank\": 8 }")));
        Assert.True(IsValid(Of("\"wals\": { \"approximationRank\": null, \"solver\": \"Cholesky\", \"regularization\": [0.1, 1] }")));
    }

    /// <summary>What the library writes of every trainer with an option changed is valid, too.</summary>
    [Fact]
    public void JsonSchema_EveryTrainerAsSaved_IsValid()
    {
        using var files = new TemporaryFiles();
        foreach (var (name, trainer) in ExperimentTrainer.Known().Where(known => ExperimentSchema.NeedsNothing(known.Trainer)))
        {
            var options = (RecommenderTrainerOptions)Activator.CreateInstance(ExperimentTrainer.ArgumentsOf(trainer)![1])!;
            var kept = TrainerConfiguration.Settable(options.GetType()).ToDictionary(field => field.Name, _ => (TuneRangeAttribute?)null);
            new ExperimentConfiguration
            {
                Data = new() { File = "a.csv" },
                Trainers = new Dictionary<string, TrainerConfiguration> { [name] = new(options, kept) },
            }.Save(files.PathOf("one.json"));

            Assert.True(IsValid(File.ReadAllText(files.PathOf("one.json"))), name);
        }
    }

    [Theory]
    [InlineData("\"metric\"", "\"metrik\"")]
    [InlineData("\"user\"", "\"usr\"")]
    [InlineData("\"minutes\": 10", "\"minutes\": 0")]
    [InlineData("\"trials\"", "\"trails\"")]
    [InlineData("\"approximationRank\"", "\"aproximationRank\"")]
    [InlineData("[32, 128]", "[0, 128]")]
    [InlineData("[32, 128]", "[32]")]
    [InlineData("\"linear\"", "\"square\"")]
    [InlineData("\"softmax-dnn\"", "\"softmax-dn\"")]
    [InlineData("\"popularity\"", "\"popularty\"")]
    [InlineData("0.5", "1.5")]
    [InlineData("\"nextItem\"", "\"next\"")]
    [InlineData("\"seeds\": 3", "\"seeds\": 300")]
    [InlineData("leave-last:1", "leave-first:1")]
    [InlineData("NDCG@12", "NDCG")]
    [InlineData("\"to\": ", "\"too\": ")]
    public void JsonSchema_Mistake_IsInvalid(string right, string wrong)
    {
        Assert.Contains(right, ExperimentConfigurationTests.Whole);

        Assert.False(IsValid(ExperimentConfigurationTests.Whole.Replace(right, wrong)));
    }

    /// <summary>Every option and every property says what it is for.</summary>
    [Fact]
    public void JsonSchema_EveryProperty_IsDescribed()
    {
        using var schema = JsonDocument.Parse(ExperimentConfiguration.JsonSchema);

        Check(schema.RootElement);
        foreach (var definition in schema.RootElement.GetProperty("definitions").EnumerateObject())
            Check(definition.Value);

        static void Check(JsonElement type)
        {
            foreach (var property in type.GetProperty("properties").EnumerateObject())
                Assert.True(property.Value.GetProperty("description").GetString()!.Length > 10, property.Name);
        }
    }

    private static string Of(string trainer) => $$"""{ "data": { "file": "a.csv" }, "trainers": { {{trainer}} } }""";

    private static bool IsValid(string configuration)
    {
        using var json = JsonDocument.Parse(configuration);
        return Schema.Value.Evaluate(json.RootElement).IsValid;
    }
}
