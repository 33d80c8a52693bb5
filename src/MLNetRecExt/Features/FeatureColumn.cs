namespace MLNetRecExt;

/// <summary>One column of <see cref="SideFeatures"/>: categories, or numbers.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">What the column holds.</param>
/// <param name="Categories">Different categories, in order of first occurrence; null for numbers.</param>
/// <param name="Codes">By row, the places of its categories in <paramref name="Categories"/>, missing ones left out; empty for
/// numbers.</param>
/// <param name="Size">Numbers per row; 0 for categories.</param>
/// <param name="Numbers">By row, its numbers, NaN where missing; empty for categories.</param>
internal sealed record FeatureColumn(string Name, FeatureType Type, string[]? Categories, int[][] Codes, int Size, float[][] Numbers);
