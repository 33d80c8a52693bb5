namespace MLNetRecExt;

/// <summary>How a <see cref="SoftmaxDnnTrainer"/> turns gradients into steps.</summary>
public enum SoftmaxDnnOptimizer
{
    /// <summary>Adam (Kingma, Ba 2015), lazy: moments of an embedding change only when it has a gradient.</summary>
    Adam,

    /// <summary>Adagrad (Duchi, Hazan, Singer 2011).</summary>
    Adagrad,
}
