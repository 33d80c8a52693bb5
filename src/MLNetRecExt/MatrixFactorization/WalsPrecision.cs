namespace MLNetRecExt;

/// <summary>In which form <see cref="WalsTrainer"/> reads the other side's embeddings.</summary>
public enum WalsPrecision
{
    /// <summary>As they are, in 32 bits. The default.</summary>
    Single,

    /// <summary>From a copy in 16 bits, of which 8 are the number's digits: half of what memory has to deliver.</summary>
    BFloat16,
}
