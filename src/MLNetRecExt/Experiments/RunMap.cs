namespace MLNetRecExt;

/// <summary>Item embeddings in two dimensions: their first two principal components, of the most popular items.</summary>
/// <param name="Items">Titles of the items, or ids.</param>
/// <param name="Groups">The group of each; empty where none are known.</param>
/// <param name="X">First component.</param>
/// <param name="Y">Second component.</param>
public sealed record RunMap(
    IReadOnlyList<string> Items, IReadOnlyList<string> Groups, IReadOnlyList<float> X, IReadOnlyList<float> Y);
