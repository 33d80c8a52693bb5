namespace MLNetRecExt;

/// <summary>
/// What recommendations are asked for: a known user, a history of somebody unknown, or a known user with new interactions.
/// </summary>
public readonly struct RecommenderQuery
{
    private readonly int _userPlusOne;

    private RecommenderQuery(int user, ReadOnlyMemory<ItemFeedback> history, FeatureValues? features = null, long? timestamp = null)
    {
        _userPlusOne = user + 1;
        History = history;
        Features = features;
        Timestamp = timestamp;
    }

    /// <summary>0-based user index, or −1 for nobody known.</summary>
    public int User => _userPlusOne - 1;

    /// <summary>The history that comes with the query: everything for an unknown user, what is new for a known one.</summary>
    public ReadOnlyMemory<ItemFeedback> History { get; }

    /// <summary>Side features that come with the query, or null: a known user's are then those of training.</summary>
    public FeatureValues? Features { get; }

    /// <summary>The same query with side features, for a model that was trained with such. They count instead of all that training
    /// knew.</summary>
    /// <param name="features">The features.</param>
    public RecommenderQuery WithFeatures(FeatureValues features) => new(User, History, features, Timestamp);

    /// <summary>The time that the query is asked at, in the unit of the training's timestamps; null: after all that is known.</summary>
    public long? Timestamp { get; }

    /// <summary>The same query, asked at a time: what was taken later does not count, whether training saw it or the query brings it; nor
    /// is it left out as seen. An entry of the query without a timestamp is of that time.</summary>
    /// <remarks>
    /// <para>The model stays as it was trained. Embeddings of known users are computed anew, as for a history, from what counts; so
    /// <see cref="RecommenderModel.CanFoldIn"/> is needed. Where the data had no timestamps, entries of training always count.</para>
    /// <para>Half-lives count age from the newest entry that counts, not from this time: who takes nothing for a year gets the same list
    /// a year later. The time shows where it is that of new entries, as ages of the old ones are then counted from it.</para>
    /// </remarks>
    /// <param name="timestamp">As the timestamps of training: of a column of dates the ticks.</param>
    public RecommenderQuery At(long timestamp) => new(User, History, Features, timestamp);

    /// <summary>
    /// Somebody of whom nothing is known: an empty answer, or what <see cref="TopItemsOptions.Fallback"/> gives. Side features can be
    /// added.
    /// </summary>
    public static RecommenderQuery Nobody => default;

    /// <summary>A known user.</summary>
    /// <param name="user">0-based user index.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="user"/> is negative: no such id was found. Ask for
    /// <see cref="Nobody"/> where that may be.</exception>
    public static RecommenderQuery ForUser(int user) => ForUser(user, default);

    /// <summary>A known user with interactions that came after training; they replace the trained ones on the same item.</summary>
    /// <param name="user">0-based user index.</param>
    /// <param name="newInteractions">What is new. Items beyond those that the model knows are passed over.</param>
    /// <exception cref="ArgumentOutOfRangeException">The user or an item is negative: no such id was found.</exception>
    /// <exception cref="ArgumentException">A label or weight is not finite, or a weight is negative.</exception>
    public static RecommenderQuery ForUser(int user, ReadOnlyMemory<ItemFeedback> newInteractions)
    {
        UnknownIndex.ThrowIfNegative(user, "User", nameof(user));
        Check(newInteractions.Span, nameof(newInteractions));
        return new(user, newInteractions);
    }

    /// <summary>Somebody who was not in training, by what they took.</summary>
    /// <param name="history">What they took. Items beyond those that the model knows are passed over; of several entries on one item the
    /// last counts.</param>
    /// <exception cref="ArgumentOutOfRangeException">An item is negative: no such id was found.</exception>
    /// <exception cref="ArgumentException">A label or weight is not finite, or a weight is negative.</exception>
    public static RecommenderQuery ForHistory(ReadOnlyMemory<ItemFeedback> history)
    {
        Check(history.Span, nameof(history));
        return new(-1, history);
    }

    /// <summary>Somebody who was not in training, by the items they took, each with label 1.</summary>
    /// <param name="items">0-based item indices. Those beyond the items that the model knows are passed over.</param>
    /// <exception cref="ArgumentOutOfRangeException">An item is negative: no such id was found.</exception>
    public static RecommenderQuery ForHistory(params ReadOnlySpan<int> items)
    {
        var history = new ItemFeedback[items.Length];
        for (int i = 0; i < items.Length; i++)
            history[i] = new ItemFeedback(items[i]);
        return ForHistory(history);
    }

    /// <summary>For those who asked on purpose: a user or −1, with a history that is known to be sound.</summary>
    internal static RecommenderQuery ForUserOrNobody(int user, ReadOnlyMemory<ItemFeedback> history = default) => new(user, history);

    /// <summary>Whether all that counts is what training knows of the user.</summary>
    internal bool IsOfTraining => !ChangesHistory && Features is null;

    /// <summary>Whether what counts as taken may be other than what the user took in training.</summary>
    internal bool ChangesHistory => !History.IsEmpty || Timestamp is not null;

    /// <summary>For a query whose scores would not be finite.</summary>
    internal ArgumentException TooLarge()
    {
        float label = 0, weight = 0;
        foreach (var entry in History.Span)
            (label, weight) = (float.MaxMagnitude(label, entry.Label), Math.Max(weight, entry.Weight));
        return new(
            FormattableString.Invariant($"Scores for this query pass {float.MaxValue:G2}, the most that single precision holds. ")
            + (History.IsEmpty ? "" : FormattableString.Invariant($"The largest label of its history is {label:G3}, the largest weight {weight:G3}. "))
            + $"Scale {(History.IsEmpty ? "its features" : Features is null ? "them" : "them, or its features,")} as in training, or leave out what is too large.");
    }

    /// <summary>The same query without its history and time.</summary>
    internal RecommenderQuery WithoutHistory() => new(User, default, Features);

    /// <summary>Whether an entry of the history is later than the query.</summary>
    internal bool IsTooEarlyFor(ItemFeedback entry) => entry.Timestamp > Timestamp;

    /// <summary>The same query with other side features, or none.</summary>
    internal RecommenderQuery WithOnly(FeatureValues? features) => new(User, History, features, Timestamp);

    private static void Check(ReadOnlySpan<ItemFeedback> history, string parameter)
    {
        foreach (var entry in history)
        {
            UnknownIndex.ThrowIfNegative(entry.Item, "Item", parameter);
            if (!float.IsFinite(entry.Label) || !float.IsFinite(entry.Weight) || entry.Weight < 0)
                throw new ArgumentException(
                    $"The history holds {entry}; label and weight must be finite, the weight not negative. Leave the entry out.",
                    parameter);
        }
    }
}
