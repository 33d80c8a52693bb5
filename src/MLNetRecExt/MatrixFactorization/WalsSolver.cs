namespace MLNetRecExt;

/// <summary>How <see cref="WalsTrainer"/> solves the least-squares problem of one user or item.</summary>
public enum WalsSolver
{
    /// <summary>Three conjugate-gradient steps from the last iteration's factors. The default: most progress per second.</summary>
    ConjugateGradient,

    /// <summary>Exactly, by Cholesky factorisation: the loss never rises.</summary>
    Cholesky,
}
