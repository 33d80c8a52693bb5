namespace MLNetRecExt;

/// <summary>
/// What recommendations are asked for: a known user, a history of somebody unknown, or a known user with new interactions.
/// </summary>
public readonly struct RecommenderQuery
{
    private readonly int _userPlusOne;

    private RecommenderQuery(int user, ReadOnlyMemory<ItemFeedback> history, FeatureValues? features = null)
    {
        _userPlusOne = user + 1;
        History = history;
        Features = features;
    }

    /// <summary>0-based user index, or −1 for nobody known.</summary>
    public int User => _userPlusOne - 1;

    /// <summary>The history that comes with the query: everything for an unknown user, the news for a known one.</summary>
    public ReadOnlyMemory<ItemFeedback> History { get; }

    /// <summary>Side features that come with the query, or null: a known user's are then those of training.</summary>
    public FeatureValues? Features { get; }

    /// <summary>The same query with side features, for a model that was trained with such. They count instead of all that training knew.</summary>
    public RecommenderQuery WithFeatures(FeatureValues features) => new(User, History, features);

    /// <summary>A known user; −1 asks for nobody and gets an empty answer.</summary>
    public static RecommenderQuery ForUser(int user) => new(user, default);

    /// <summary>A known user with interactions that came after training; they replace the trained ones on the same item.</summary>
    public static RecommenderQuery ForUser(int user, ReadOnlyMemory<ItemFeedback> newInteractions) => new(user, newInteractions);

    /// <summary>Somebody who was not in training, by what they took.</summary>
    public static RecommenderQuery ForHistory(ReadOnlyMemory<ItemFeedback> history) => new(-1, history);

    /// <summary>Somebody who was not in training, by the items they took, each with label 1.</summary>
    public static RecommenderQuery ForHistory(params ReadOnlySpan<int> items)
    {
        var history = new ItemFeedback[items.Length];
        for (int i = 0; i < items.Length; i++)
            history[i] = new ItemFeedback(items[i]);
        return new(-1, history);
    }
}
