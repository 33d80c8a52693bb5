using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>How <see cref="FeatureEncoder"/> encodes one feature.</summary>
/// <param name="Name">The feature's name.</param>
/// <param name="Type">What its column holds.</param>
/// <param name="First">Its first row in the embedding table.</param>
/// <param name="Categories">Its categories, or null for numbers.</param>
/// <param name="Means">By number, what is taken from it (<see cref="Standardization.Mean"/>).</param>
/// <param name="Scales">By number, what the rest is multiplied by (<see cref="Standardization.Factor"/>).</param>
internal sealed record FeatureEncoding(string Name, FeatureType Type, int First, string[]? Categories, float[] Means, float[] Scales)
{
    public Dictionary<string, int>? Codes { get; } = Categories?.Index().ToDictionary(entry => entry.Item, entry => entry.Index);

    /// <summary>The type of a column that holds such a value; of a key any count will do.</summary>
    public PrimitiveDataViewType ItemType => Type switch
    {
        { IsDates: true } => DateTimeDataViewType.Instance,
        { IsNumbers: true } => NumberDataViewType.Single,
        { IsKey: true } => new KeyDataViewType(typeof(uint), 1),
        { Kind: DataKind.Boolean } => BooleanDataViewType.Instance,
        _ => TextDataViewType.Instance,
    };

    /// <summary>Rows of the embedding table.</summary>
    public int TableRows => Categories?.Length ?? Means.Length;
}
