namespace MLNetRecExt;

/// <summary>What the tuner judges a trial by, on the validation part.</summary>
public enum TuneMetric
{
    /// <summary>NDCG@20, to be high: for top lists. The default.</summary>
    Ndcg,

    /// <summary>RMSE over all pairs (AllPairsRMSE of <see cref="RatingReport"/>), to be low: for predicted labels.</summary>
    Rmse,
}
