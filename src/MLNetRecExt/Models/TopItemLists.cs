namespace MLNetRecExt;

/// <summary>The answer to a batch of queries: for each a list of at most k items, best first.</summary>
public sealed class TopItemLists
{
    private readonly int[] _items;
    private readonly float[] _scores;

    internal TopItemLists(int listCount, int maxLength)
    {
        if ((long)listCount * maxLength > Array.MaxLength)
            throw new ArgumentException($"{listCount} lists of {maxLength} items do not fit one answer ({Array.MaxLength} places): ask for fewer at a time.");
        MaxLength = maxLength;
        Lengths = new int[listCount];
        Reasons = new RecommendationReason[listCount];
        _items = new int[listCount * maxLength];
        _scores = new float[listCount * maxLength];
    }

    internal int[] Lengths { get; }

    internal RecommendationReason[] Reasons { get; }

    /// <summary>Number of lists: one per query, in their order.</summary>
    public int Count => Lengths.Length;

    /// <summary>The k asked for, or the number of items if that is less. A list is shorter only when fewer candidates exist.</summary>
    public int MaxLength { get; }

    /// <summary>Item indices of list <paramref name="list"/>, best first; equal scores by lower index, unless the model re-ranks.</summary>
    public ReadOnlySpan<int> Items(int list) => _items.AsSpan(list * MaxLength, Lengths[list]);

    /// <summary>Scores of list <paramref name="list"/>, descending, unless the model re-ranks.</summary>
    public ReadOnlySpan<float> Scores(int list) => _scores.AsSpan(list * MaxLength, Lengths[list]);

    /// <summary>Where list <paramref name="list"/> comes from.</summary>
    public RecommendationReason Reason(int list) => Reasons[list];

    /// <summary>All places of list <paramref name="list"/>, to be filled.</summary>
    internal ArraySegment<int> ItemPlaces(int list) => new(_items, list * MaxLength, MaxLength);

    /// <inheritdoc cref="ItemPlaces"/>
    internal ArraySegment<float> ScorePlaces(int list) => new(_scores, list * MaxLength, MaxLength);

    /// <summary>Makes a list that of another answer.</summary>
    internal void Copy(int list, TopItemLists other, int otherList)
    {
        other.Items(otherList).CopyTo(ItemPlaces(list));
        other.Scores(otherList).CopyTo(ScorePlaces(list));
        Lengths[list] = other.Lengths[otherList];
    }

    internal ItemScore[] ToArray(int list)
    {
        var items = Items(list);
        var scores = Scores(list);
        var result = new ItemScore[items.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = new ItemScore(items[i], scores[i]);
        return result;
    }
}
