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

    /// <summary>An item's score is Σ weight · (s − l) / d over the sources that propose it: s is the source's score of the item, l the lowest
    /// score among its proposals to this query, d their standard deviation. It mixes scores of different units, and lets a source count
    /// more where it is surer; <see cref="BlendTrainer"/> finds the weights.</summary>
    /// <remarks>A source whose proposals all score the same adds next to nothing but that it proposes them.</remarks>
    StandardizedScore,
}
