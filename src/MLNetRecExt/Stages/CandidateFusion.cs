namespace MLNetRecExt;

/// <summary>How the proposals of several sources become one list.</summary>
public enum CandidateFusion
{
    /// <summary>Reciprocal-rank fusion: an item's score is Σ weight / (60 + rank) over the sources that propose it, ranks from 1.</summary>
    /// <remarks>Cormack, Clarke, Büttcher: Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods, SIGIR
    /// 2009.</remarks>
    ReciprocalRank,

    /// <summary>Sources take turns in proportion to their weights, each with its best item that nobody has brought yet; the score is 1 /
    /// place.</summary>
    Interleaved,
}
