namespace MLNetRecExt;

/// <summary>What a <see cref="SoftmaxDnnTrainer"/> predicts from a history.</summary>
public enum SoftmaxDnnTarget
{
    /// <summary>A random share of the user's items, from the others.</summary>
    MultiHot,

    /// <summary>One item, from those before it. Needs timestamps.</summary>
    NextItem,
}
