namespace MLNetRecExt;

/// <summary>
/// What somebody has taken, as a model sees it: the items of training joined with those that a query brings, by ascending index, each once.
/// </summary>
/// <remarks>
/// An entry of the query replaces that of training on the same item; of several entries of the query on one item the last counts. Items of
/// the query that the model does not know are left out, and so is what is later than the query. For a known user without new interactions
/// these are the training rows themselves, and nothing is copied where arrays hold them. Weights are those that <see cref="RecommenderModel.Recency"/> makes of
/// them.
/// </remarks>
public readonly struct TakenItems
{
    /// <summary>The time of what the query brings without a timestamp.</summary>
    private const long Now = long.MaxValue;

    // Empty: all are 1.
    private readonly ArraySegment<float> _labels, _weights;

    // By entry; empty without timestamps.
    private readonly ArraySegment<long> _timestamps;

    // By entry its place: those of training in their order, then those of the query in theirs. Null: the entry itself.
    private readonly int[]? _places;

    /// <summary>Joins what training and the query say.</summary>
    /// <param name="model">The model that is asked.</param>
    /// <param name="query">Who asks.</param>
    public TakenItems(RecommenderModel model, RecommenderQuery query)
    {
        ArgumentNullException.ThrowIfNull(model);
        this = Of(model, query);
        if (model.Recency.IsOn)
            this = new(this, model.Recency.HalfLife > 0 ? WeighedByOrder(model.Recency.HalfLife) : WeighedByTime(model, query));
    }

    /// <summary>What training says alone.</summary>
    internal TakenItems(InteractionRows rows, int user) => (ItemSegment, _labels, _weights, _timestamps) = rows.Segments(user);

    private TakenItems(TakenItems taken, float[] weights)
    {
        this = taken;
        _weights = weights;
    }

    private TakenItems(TakenItems trained, RecommenderQuery query, List<int> added)
    {
        var old = trained.Items;
        var history = query.History.Span;
        var most = old.Length + added.Count;
        var (items, labels, weights, times, places) = (new int[most], new float[most], new float[most], new long[most], new int[most]);
        var count = 0;
        for (int o = 0, a = 0; o < old.Length || a < added.Count;)
        {
            var item = a < added.Count ? history[added[a]].Item : int.MaxValue;
            if (o < old.Length && old[o] < item)
            {
                (items[count], labels[count], weights[count], places[count]) = (old[o], trained.Label(o), trained.Weight(o), o);
                times[count] = trained.Time(o);
                // What is later is written over.
                count += trained.Time(o++) > query.Timestamp ? 0 : 1;
                continue;
            }
            if (o < old.Length && old[o] == item)
                o++;
            var entry = history[added[a]];
            (items[count], labels[count], weights[count], places[count]) = (item, entry.Label, entry.Weight, old.Length + added[a]);
            times[count++] = entry.Timestamp ?? Now;
            a++;
        }
        ItemSegment = new(items, 0, count);
        _labels = new(labels, 0, count);
        _weights = new(weights, 0, count);
        _timestamps = new(times, 0, count);
        _places = places;
    }

    /// <summary>Joins what training and the query say, whatever the age of entries.</summary>
    internal static TakenItems Of(RecommenderModel model, RecommenderQuery query)
    {
        var trained = model.IsKnownUser(query.User) ? new TakenItems(model.History, query.User) : default;
        return query.ChangesHistory ? new TakenItems(trained, query, KnownPlaces(model, query)) : trained;
    }

    /// <summary>The items taken: 0-based indices, ascending. Their positions here are the entries that the other members ask for.</summary>
    public ReadOnlySpan<int> Items => ItemSegment;

    /// <summary>Number of items.</summary>
    public int Count => ItemSegment.Count;

    internal ArraySegment<int> ItemSegment { get; }

    /// <summary>By entry its label; empty when all are 1.</summary>
    internal ReadOnlySpan<float> Labels => _labels;

    /// <summary>By entry its weight; empty when all are 1.</summary>
    internal ReadOnlySpan<float> Weights => _weights;

    /// <summary>The label of an entry.</summary>
    /// <param name="entry">0…Count−1.</param>
    public float Label(int entry) => _labels.Count == 0 ? 1 : _labels[entry];

    /// <summary>The weight of an entry.</summary>
    /// <param name="entry">0…Count−1.</param>
    public float Weight(int entry) => _weights.Count == 0 ? 1 : _weights[entry];

    /// <summary>Label times weight of an entry.</summary>
    /// <param name="entry">0…Count−1.</param>
    public float Value(int entry) => Label(entry) * Weight(entry);

    /// <summary>The mean of the labels, weights left aside; NaN when nothing is taken.</summary>
    public float MeanLabel()
    {
        double sum = 0;
        for (int e = 0; e < Count; e++)
            sum += Label(e);
        return (float)(sum / Count);
    }

    /// <summary>
    /// The entries in order of time: by timestamp, equal or missing ones of training by item; then those that the query brings without one,
    /// in its order.
    /// </summary>
    public int[] InTime()
    {
        var order = new int[Count];
        for (int entry = 0; entry < order.Length; entry++)
            order[entry] = entry;
        if (_timestamps.Count == 0)
            return order;
        var (places, timestamps) = (_places, _timestamps);
        Array.Sort(order, (a, b) => timestamps[a] != timestamps[b] ? timestamps[a].CompareTo(timestamps[b]) : Place(a).CompareTo(Place(b)));
        return order;

        int Place(int entry) => places is null ? entry : places[entry];
    }

    /// <summary>When an entry was taken; before all others where nobody knows.</summary>
    private long Time(int entry) => _timestamps.Count == 0 ? long.MinValue : _timestamps[entry];

    /// <summary>Each weight times 2^(−r / half-life), r being how many entries are more recent.</summary>
    private float[] WeighedByOrder(float halfLife)
    {
        var weights = new float[Count];
        var order = InTime();
        for (int place = 0; place < order.Length; place++)
            weights[order[place]] = Weight(order[place]) * (float)Math.Pow(2, (place + 1 - order.Length) / (double)halfLife);
        return weights;
    }

    /// <summary>Each weight times 2^(−age / half-life), age being how much older an entry is than the newest.</summary>
    private float[] WeighedByTime(RecommenderModel model, RecommenderQuery query)
    {
        var newest = long.MinValue;
        foreach (var time in _timestamps.AsSpan())
            newest = time == Now ? newest : Math.Max(newest, time);
        if (_timestamps.AsSpan().Contains(Now))
            newest = query.Timestamp ?? Math.Max(newest, model.History.Times!.Value.Latest);
        var halfLife = model.Recency.HalfLifeIn(model.History);
        var weights = new float[Count];
        for (int entry = 0; entry < weights.Length; entry++)
            weights[entry] = Weight(entry) * Recency.Decay(Math.Min(_timestamps[entry], newest), newest, halfLife);
        return weights;
    }

    /// <summary>The places in a history that count: of each known item the last that is not later than the query, by ascending
    /// item.</summary>
    private static List<int> KnownPlaces(RecommenderModel model, RecommenderQuery query)
    {
        var history = query.History.Span;
        var places = new List<(int Item, int Place)>(history.Length);
        for (int place = 0; place < history.Length; place++)
            if (model.IsKnownItem(history[place].Item) && !query.IsTooEarlyFor(history[place]))
                places.Add((history[place].Item, place));
        places.Sort();
        var last = new List<int>(places.Count);
        for (int n = 0; n < places.Count; n++)
            if (n + 1 == places.Count || places[n].Item != places[n + 1].Item)
                last.Add(places[n].Place);
        return last;
    }
}
