namespace MLNetRecExt;

/// <summary>A feature by which a model knows an item. See <see cref="RecommenderModel.ItemFeatures(int)"/>.</summary>
/// <param name="Name">Name of the feature.</param>
/// <param name="Category">The item's category; null for a number, or its place from 0 where the feature holds several numbers.</param>
/// <param name="Weight">What it weighs in the item's vector: a category that few items have weighs more; of a number it is how far it lies
/// from the mean, and may be negative.</param>
public readonly record struct ItemFeature(string Name, string? Category, float Weight);
