using Microsoft.Extensions.VectorData;

namespace MLNetRecExt.Vectors.Tests;

/// <summary>A record of a vector store.</summary>
public sealed class Film
{
    [VectorStoreKey]
    public string Id { get; set; } = "";

    [VectorStoreVector(9)]
    public ReadOnlyMemory<float> Vector { get; set; }
}
