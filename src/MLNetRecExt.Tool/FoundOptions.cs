using System.Text.Json;

namespace MLNetRecExt.Tool;

/// <summary>Options that a search has found, from its record.</summary>
internal static class FoundOptions
{
    /// <summary>Gives options the values with which a trainer was trained, but for those that follow from the data.</summary>
    public static void Take(RecommenderTrainerOptions options, RunTrainer found)
    {
        foreach (var field in TrainerConfiguration.Settable(options.GetType()))
        {
            if (!found.Options.TryGetValue(field.Name, out var text) || found.FromData.Contains(field.Name))
                continue;
            var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            // Choices are names; truth values are written with a capital.
            var json = type.IsEnum ? $"\"{text}\"" : text.ToLowerInvariant();
            using var value = JsonDocument.Parse(json);
            field.SetValue(options, TrainerConfiguration.Read(field, value.RootElement));
        }
        options.Validate();
    }
}
