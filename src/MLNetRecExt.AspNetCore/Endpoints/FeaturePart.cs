namespace MLNetRecExt.AspNetCore;

/// <summary>What a feature of the item adds to a score.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Category">Its category, or its place among the numbers of the feature.</param>
/// <param name="Value">What it adds; may be negative.</param>
internal sealed record FeaturePart(string? Feature, string? Category, float Value);
