namespace MLNetRecExt;

/// <summary>How much one feature of an item adds to its score.</summary>
/// <param name="Feature">Name of the feature.</param>
/// <param name="Value">The category; of numbers the place in their vector, from 0.</param>
/// <param name="Contribution">Its part of the score; may be negative.</param>
public readonly record struct FeatureContribution(string Feature, string Value, float Contribution);
