namespace Compare;

/// <summary>An option of a trainer, and whether its value is the default.</summary>
internal sealed record Setting(string Name, object? Value, bool IsDefault);
