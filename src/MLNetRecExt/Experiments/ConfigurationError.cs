using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace MLNetRecExt;

/// <summary>Says in one line what is wrong with a configuration: file, line, what was found, and the nearest name.</summary>
internal static partial class ConfigurationError
{
    public static string Describe(string path, JsonException error)
    {
        var line = error.LineNumber is { } number ? (number + 1).ToString(CultureInfo.InvariantCulture) : "1";
        return $"{path}({line}): {What(error)}";
    }

    private static string What(JsonException error)
    {
        if (Unmapped().Match(error.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups["name"].Value;
            string[] known = [.. Known(unknown.Groups["type"].Value)];
            return $"There is no '{name}'{Place(error.Path, name)}{Spelling.Suggest(name, known)}. There are {string.Join(", ", known)}.";
        }
        var message = Position().Replace(error.Message.ReplaceLineEndings(" "), "").Trim();
        return Mismatch().IsMatch(message) ? $"'{error.Path?.TrimStart('$', '.')}' has a value of another kind than is needed." : message;
    }

    private static string Place(string? path, string name)
    {
        var above = path?.TrimStart('$', '.') ?? "";
        above = above.EndsWith(name, StringComparison.Ordinal) ? above[..^name.Length].TrimEnd('.') : above;
        return above.Length == 0 ? "" : $" in {above}";
    }

    /// <summary>The names that an object of a type may have.</summary>
    private static IEnumerable<string> Known(string type)
    {
        var found = typeof(ConfigurationError).Assembly.GetType(type) ?? typeof(ExperimentConfiguration);
        var resolver = new DefaultJsonTypeInfoResolver();
        return resolver.GetTypeInfo(found, ExperimentConfiguration.Json).Properties.Select(property => property.Name);
    }

    [GeneratedRegex("JSON property '(?<name>[^']*)' could not be mapped to any .NET member contained in type '(?<type>[^']*)'")]
    private static partial Regex Unmapped();

    [GeneratedRegex(@" Path: .*$")]
    private static partial Regex Position();

    [GeneratedRegex("could not be converted to")]
    private static partial Regex Mismatch();
}
