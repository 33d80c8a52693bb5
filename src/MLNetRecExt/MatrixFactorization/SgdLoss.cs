namespace MLNetRecExt;

/// <summary>What <see cref="SgdMatrixFactorizationTrainer"/> minimises. Formulas stand there.</summary>
public enum SgdLoss
{
    /// <summary>The squared error of predicted labels: for ratings. The default.</summary>
    SquaredError,

    /// <summary>Every observed pair should score high, sampled unobserved ones low (logistic loss): for top lists. Labels are not looked
    /// at.</summary>
    Logistic,

    /// <summary>An observed item should score above a sampled unobserved one of the same user (BPR): for top lists. Labels are not looked
    /// at.</summary>
    PairwiseRanking,
}
