namespace MLNetRecExt;

/// <summary>Which items a <see cref="SoftmaxDnnTrainer"/> pushes away from a query whose labels it pulls.</summary>
public enum NegativeSampling
{
    /// <summary><see cref="Full"/> up to 10,000 items, <see cref="Mixed"/> above. The choice is logged.</summary>
    Auto,

    /// <summary>Every item: the exact softmax.</summary>
    Full,

    /// <summary>Items drawn evenly.</summary>
    Uniform,

    /// <summary>Items drawn in proportion to popularity^β.</summary>
    Popularity,

    /// <summary>One label of every other example in the batch.</summary>
    InBatch,

    /// <summary><see cref="InBatch"/> and <see cref="Popularity"/> together.</summary>
    Mixed,

    /// <summary>No item: only "nothing", whose score is 0, competes with the labels. For demonstration: such a model folds.</summary>
    None,
}
