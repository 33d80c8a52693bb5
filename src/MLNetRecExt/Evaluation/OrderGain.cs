namespace MLNetRecExt;

/// <summary>How much better lists are because histories have the order that they have.</summary>
/// <param name="Gain">NDCG@20 with the histories as they are less that with each user's history shuffled.</param>
/// <param name="StandardError">Of <paramref name="Gain"/>, with users and items both drawn by chance.</param>
public sealed record OrderGain(double Gain, double StandardError)
{
    private const double NormalQuantile = 1.96;

    /// <summary>Lower end of the 95 % interval of <see cref="Gain"/>.</summary>
    public double Low => Gain - NormalQuantile * StandardError;

    /// <summary>Upper end of the interval.</summary>
    public double High => Gain + NormalQuantile * StandardError;

    /// <summary>Whether the order says something: the whole interval lies above 0.</summary>
    public bool Matters => Low > 0;

    /// <summary>One line: <c>order of histories, NDCG@20: +0.0123 (0.0101…0.0145)</c>.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"order of histories, NDCG@20: {Gain:+0.0000;-0.0000} ({Low:0.0000}…{High:0.0000})");
}
