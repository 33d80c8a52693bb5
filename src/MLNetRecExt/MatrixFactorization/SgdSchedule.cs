namespace MLNetRecExt;

/// <summary>How <see cref="SgdMatrixFactorizationTrainer"/> lowers its learning rate.</summary>
public enum SgdSchedule
{
    /// <summary>Each user's and item's rate is η / √(1 + the sum of its own squared gradients): what is seen often moves less, and so does
    /// what has large labels.</summary>
    PerRow,

    /// <summary>All rates are η / (1 + decay · iterations done): reaches a lower error, if η fits the labels. The default.</summary>
    Decay,
}
