namespace MLNetRecExt;

/// <summary>What <see cref="WalsTrainer"/> predicts for an observed pair. An unobserved pair's target is 0.</summary>
public enum WalsTarget
{
    /// <summary>The label; 1 without a label column. For predicting ratings.</summary>
    Label,

    /// <summary>1, whatever the label: it was taken. Labels then count only through <see cref="WalsTrainer.Options.ConfidenceScale"/>. The
    /// default.</summary>
    One,
}
