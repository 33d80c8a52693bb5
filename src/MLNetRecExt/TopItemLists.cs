namespace MLNetRecExt;

/// <summary>The answer to a batch of queries: for each a list of at most k items, best first.</summary>
public sealed class TopItemLists
{
    internal TopItemLists(int listCount, int maxLength)
    {
        MaxLength = maxLength;
        Lengths = new int[listCount];
        Reasons = new RecommendationReason[listCount];
        ItemArray = new int[(long)listCount * maxLength];
        ScoreArray = new float[(long)listCount * maxLength];
    }

    internal int[] Lengths { get; }
    internal RecommendationReason[] Reasons { get; }
    internal int[] ItemArray { get; }
    internal float[] ScoreArray { get; }

    /// <summary>Number of lists: one per query, in their order.</summary>
    public int Count => Lengths.Length;

    /// <summary>The k asked for. A list is shorter only when fewer candidates exist.</summary>
    public int MaxLength { get; }

    /// <summary>Item indices of list <paramref name="list"/>, best first; equal scores by lower index.</summary>
    public ReadOnlySpan<int> Items(int list) => ItemArray.AsSpan(list * MaxLength, Lengths[list]);

    /// <summary>Scores of list <paramref name="list"/>, descending.</summary>
    public ReadOnlySpan<float> Scores(int list) => ScoreArray.AsSpan(list * MaxLength, Lengths[list]);

    /// <summary>Where list <paramref name="list"/> comes from.</summary>
    public RecommendationReason Reason(int list) => Reasons[list];
}
