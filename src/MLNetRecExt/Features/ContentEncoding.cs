namespace MLNetRecExt;

/// <summary>How <see cref="ContentEncoder"/> encodes one feature.</summary>
/// <param name="Type">What its column holds.</param>
/// <param name="First">Its first place in a vector.</param>
/// <param name="Weights">By category its weight; empty for numbers.</param>
/// <param name="Scales">By number how it is standardised; empty for categories.</param>
internal sealed record ContentEncoding(FeatureType Type, int First, float[] Weights, Standardization[] Scales)
{
    /// <summary>Places of a vector that it takes.</summary>
    public int Places => Weights.Length + Scales.Length;
}
