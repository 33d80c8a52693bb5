using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLNetRecExt.Tool;

/// <summary>What a verb answers.</summary>
/// <param name="View">For people.</param>
/// <param name="Json">The same for programs.</param>
/// <param name="ExitCode">How it ended.</param>
internal sealed record Answer(IRenderable View, object Json, int ExitCode = ExitCodes.Success)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>An answer in words.</summary>
    public Answer(string text, object json, int exitCode = ExitCodes.Success)
        : this(new Text(text), json, exitCode)
    {
    }

    public string ToJson() => JsonSerializer.Serialize(Json, Options);
}
