using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetRecExt.Tool;

/// <summary>What a verb answers.</summary>
/// <param name="Text">For people.</param>
/// <param name="Json">The same for programs.</param>
/// <param name="ExitCode">How it ended.</param>
internal sealed record Answer(string Text, object Json, int ExitCode = ExitCodes.Success)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public string ToJson() => JsonSerializer.Serialize(Json, Options);
}
