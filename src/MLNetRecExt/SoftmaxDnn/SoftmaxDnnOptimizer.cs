namespace MLNetRecExt;

/// <summary>How a <see cref="SoftmaxDnnTrainer"/> turns gradients into steps.</summary>
/// <remarks>
/// Both divide by the root of squared gradients, of which a row has the mean and not each weight its own: a row is an embedding, or the
/// weights by which one input
/// enters a layer. PyTorch-BigGraph (Lerer et al. 2019) and FBGEMM do so for embeddings. In training a weight takes 8 bytes with Adam,
/// instead of 12, and 4 with Adagrad.
/// </remarks>
public enum SoftmaxDnnOptimizer
{
    /// <summary>Adam (Kingma, Ba 2015), lazy: what is kept of an embedding's gradients changes only when it has one.</summary>
    Adam,

    /// <summary>Adagrad (Duchi, Hazan, Singer 2011).</summary>
    Adagrad,
}
