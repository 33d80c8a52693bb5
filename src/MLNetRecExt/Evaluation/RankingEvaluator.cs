namespace MLNetRecExt;

/// <summary>
/// Ranks the full catalogue for every user with a held-out item, blocks of users at a time, and measures each list.
/// Memory: a number per user and metric, and the lists of one block; never users × items.
/// </summary>
internal sealed class RankingEvaluator
{
    /// <summary>The length of the lists that <see cref="Ndcg"/> judges.</summary>
    public const int NdcgCutoff = 20;

    private const int UsersPerBlock = 4096;
    private const int UsersPerTask = 64;
    private const int FoldingPairsPerUser = 20;

    private delegate double Measure(in UserList list);

    private delegate double MeasureAt(in UserList list, int cutoff);

    private readonly RecommenderModel _model;
    private readonly Interactions _heldOut;
    private readonly RankingEvaluationOptions _options;
    private readonly InteractionRows _relevant;
    private readonly int[] _catalogue;
    private readonly int _trainingUsers;
    private readonly List<Measure> _measures = [];
    private readonly int _longest;
    private readonly int[] _users;
    private readonly UserSample _sample;
    private readonly int[][] _exposure;
    private readonly byte[]? _ranks;
    private int _coldUsers;

    private RankingEvaluator(RecommenderModel model, Interactions heldOut, RankingEvaluationOptions options, bool ndcgOnly)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(heldOut);
        options.Validate();
        options.CheckSuits(model);
        model.Users.CheckMeansTheSame(heldOut.Users, "user", nameof(heldOut));
        model.Items.CheckMeansTheSame(heldOut.Items, "item", nameof(heldOut));
        if (options.FoldIn is { } foldIn)
        {
            heldOut.Users.CheckMeansTheSame(foldIn.Users, "user", nameof(options.FoldIn));
            model.Items.CheckMeansTheSame(foldIn.Items, "item", nameof(options.FoldIn));
        }

        _model = model;
        _heldOut = heldOut;
        _options = options;
        _longest = options.Cutoffs.Max();
        _catalogue = [.. (options.CandidateItems?.Distinct().Order() ?? Enumerable.Range(0, model.Items.Count)).Where(model.IsKnownItem)];
        _trainingUsers = Enumerable.Range(0, model.Users.Count).Count(model.IsKnownUser);
        _relevant = heldOut.Relevant(options.RelevanceThreshold).ByUser;
        var judged = options.PairErrors ? heldOut.ByUser : _relevant;
        _users = [.. Enumerable.Range(0, judged.RowCount).Where(user => judged.Length(user) > 0)];
        _ranks = ndcgOnly ? new byte[_relevant.EntryCount] : null;
        _exposure = [.. options.Cutoffs.Select(_ => new int[model.Items.Count])];
        _sample = new UserSample([.. Metrics(ndcgOnly)], _measures.Count + (options.PairErrors ? PairErrors.Columns : 0), _users.Length);
    }

    private bool MeasuresFolding => _options.Relatedness is not null || _options.ItemGroups is not null;

    /// <summary>Every metric, with intervals.</summary>
    public static RankingReport Evaluate(RecommenderModel model, Interactions heldOut, RankingEvaluationOptions? options)
    {
        options ??= new RankingEvaluationOptions();
        return new RankingEvaluator(model, heldOut, options, ndcgOnly: false).Report();
    }

    /// <summary>NDCG@20 alone: what early stopping and tuning watch. NaN when no user has a held-out item.</summary>
    public static ValidationMetric Ndcg(
        RecommenderModel model, Interactions heldOut, int? threads = null, CancellationToken cancellationToken = default,
        Interactions? foldIn = null)
    {
        var options = new RankingEvaluationOptions
        {
            Cutoffs = [NdcgCutoff],
            FoldIn = foldIn,
            BootstrapSamples = 0,
            NumberOfThreads = threads,
            CancellationToken = cancellationToken,
        };
        var evaluator = new RankingEvaluator(model, heldOut, options, ndcgOnly: true);
        evaluator.MeasureUsers();
        return new(evaluator._sample.Estimate(0, options.Seed, options.Threads, cancellationToken)[0].Mean, evaluator._ranks);
    }

    private RankingReport Report()
    {
        if (_users.Length == 0)
            throw new ArgumentException(
                _heldOut.Count == 0
                    ? "The held-out part has no interaction."
                    : $"None of the {_heldOut.Count} held-out interactions has a label of at least "
                        + $"RelevanceThreshold = {_options.RelevanceThreshold}: lower the threshold, or set it to null.",
                "heldOut");
        MeasureUsers();
        List<MetricEstimate> estimates =
            [.. _sample.Estimate(_options.BootstrapSamples, _options.Seed, _options.Threads, _options.CancellationToken)];
        for (int c = 0; c < _exposure.Length; c++)
        {
            var exposure = Array.ConvertAll(_catalogue, item => _exposure[c][item]);
            Add("ItemCoverage", RankingMeasures.ItemCoverage(exposure));
            Add("Gini", RankingMeasures.Gini(exposure));

            void Add(string name, double value) =>
                estimates.Add(new($"{name}@{_options.Cutoffs[c]}", value, double.NaN, double.NaN, _users.Length));
        }

        int judged = 0, withoutHeldOut = 0, coldPairs = 0, seenPairs = 0;
        var coldItems = new HashSet<int>();
        for (int user = 0; user < Math.Max(_heldOut.Users.Count, _model.Users.Count); user++)
        {
            var relevant = user < _relevant.RowCount ? _relevant.Indices(user) : default;
            if (!relevant.IsEmpty)
                judged++;
            else if (_model.IsKnownUser(user) || FoldInLength(user) > 0
                || (user < _heldOut.ByUser.RowCount && _heldOut.ByUser.Length(user) > 0))
                withoutHeldOut++;
            var trained = _model.IsKnownUser(user) ? _model.History.Indices(user) : default;
            foreach (var item in relevant)
            {
                if (!_model.IsKnownItem(item))
                {
                    coldPairs++;
                    coldItems.Add(item);
                }
                else if (trained.BinarySearch(item) >= 0)
                    seenPairs++;
            }
        }
        return new RankingReport(_heldOut.Users, _users, _sample, estimates)
        {
            Cutoffs = [.. _options.Cutoffs],
            EvaluatedUsers = judged,
            UsersWithoutHeldOut = withoutHeldOut,
            ColdUsers = _coldUsers,
            HeldOutPairs = _relevant.EntryCount,
            ColdItems = coldItems.Count,
            ColdPairs = coldPairs,
            SeenPairs = seenPairs,
        };
    }

    /// <summary>The metrics, with a column each that <see cref="_measures"/> fills; behind these the columns of the pair errors.</summary>
    private List<UserSample.Metric> Metrics(bool ndcgOnly)
    {
        var metrics = new List<UserSample.Metric>();
        foreach (var cutoff in _options.Cutoffs)
            foreach (var (name, measure, lowerIsBetter) in MeasuresAtCutoffs(ndcgOnly))
                Add($"{name}@{cutoff}", (in UserList list) => measure(list, cutoff), lowerIsBetter);
        if (MeasuresFolding)
            Add("Folding", (in UserList list) => Folding(list, list.RandomItems, list.RandomScores), lowerIsBetter: true);
        if (_options.PairErrors)
            metrics.AddRange(PairErrors.Metrics(_measures.Count));
        return metrics;

        void Add(string name, Measure measure, bool lowerIsBetter)
        {
            metrics.Add(new(name, _measures.Count, LowerIsBetter: lowerIsBetter));
            _measures.Add(measure);
        }
    }

    private void MeasureUsers()
    {
        var topItems = new TopItemsOptions
        {
            Filter = _options.CandidateItems is { } only ? ItemFilter.Only(only) : null,
            NumberOfThreads = _options.NumberOfThreads,
            CancellationToken = _options.CancellationToken,
        };
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads, CancellationToken = _options.CancellationToken };
        for (int first = 0; first < _users.Length; first += UsersPerBlock)
        {
            var size = Math.Min(UsersPerBlock, _users.Length - first);
            var queries = new RecommenderQuery[size];
            for (int i = 0; i < size; i++)
                queries[i] = Query(_users[first + i]);
            var lists = _model.TopItems(queries, _longest, topItems);
            Parallel.For(0, (size + UsersPerTask - 1) / UsersPerTask, parallel, task =>
            {
                var start = task * UsersPerTask;
                var asked = new ArraySegment<RecommenderQuery>(queries, start, Math.Min(UsersPerTask, size - start));
                var users = new ArraySegment<int>(_users, first + start, asked.Count);
                int[][] random = MeasuresFolding ? [.. users.Select(RandomItems)] : [];
                var ofRandom = MeasuresFolding ? _model.ScorePairs(asked, random) : [];
                var ofPairs = _options.PairErrors
                    ? _model.ScorePairs(asked, [.. users.Select(user => _heldOut.ByUser.Indices(user).ToArray())])
                    : [];
                for (int i = 0; i < asked.Count; i++)
                {
                    var row = _sample[first + start + i];
                    MeasureUser(row, new UserList
                    {
                        User = users[i],
                        Items = lists.Items(start + i),
                        Scores = lists.Scores(start + i),
                        Own = TakenItems.Of(_model, asked[i]).Items,
                        RandomItems = MeasuresFolding ? random[i] : [],
                        RandomScores = MeasuresFolding ? ofRandom[i] : [],
                    });
                    if (_options.PairErrors)
                        PairErrors.Measure(row[_measures.Count..], _model, _heldOut.ByUser, users[i], ofPairs[i]);
                }
            });
            for (int i = 0; i < size; i++)
            {
                var items = lists.Items(i);
                if (_relevant.Length(_users[first + i]) == 0)
                    continue;
                if (lists.Reason(i) == RecommendationReason.Unknown)
                    _coldUsers++;
                for (int c = 0; c < _exposure.Length; c++)
                    foreach (var item in items[..Math.Min(items.Length, _options.Cutoffs[c])])
                        _exposure[c][item]++;
            }
            _options.Progress?.Report((double)(first + size) / _users.Length);
        }
    }

    /// <summary>Writes what is measured of a user's list.</summary>
    private void MeasureUser(Span<double> row, UserList list)
    {
        var relevant = _relevant.Indices(list.User);
        if (relevant.IsEmpty)
        {
            row[.._measures.Count].Fill(double.NaN);
            return;
        }
        var hits = new bool[list.Items.Length];
        for (int rank = 0; rank < hits.Length; rank++)
        {
            var entry = relevant.BinarySearch(list.Items[rank]);
            hits[rank] = entry >= 0;
            if (hits[rank] && _ranks is not null)
                _ranks[_relevant.Offsets[list.User] + entry] = (byte)(rank + 1);
        }
        list.Hits = hits;
        list.HeldOut = relevant.Length;
        list.OwnGroups = GroupsOf(list.Own);
        for (int column = 0; column < _measures.Count; column++)
            row[column] = _measures[column](list);
    }

    private IEnumerable<(string Name, MeasureAt Of, bool LowerIsBetter)> MeasuresAtCutoffs(bool ndcgOnly)
    {
        yield return ("NDCG", (in UserList l, int k) => RankingMeasures.Ndcg(l.Hits, l.HeldOut, k), false);
        if (ndcgOnly)
            yield break;
        yield return ("Recall", (in UserList l, int k) => RankingMeasures.Recall(l.Hits, l.HeldOut, k), false);
        yield return ("CappedRecall", (in UserList l, int k) => RankingMeasures.CappedRecall(l.Hits, l.HeldOut, k), false);
        yield return ("Precision", (in UserList l, int k) => RankingMeasures.Precision(l.Hits, k), false);
        yield return ("HitRate", (in UserList l, int k) => RankingMeasures.HitRate(l.Hits, k), false);
        yield return ("MAP", (in UserList l, int k) => RankingMeasures.AveragePrecision(l.Hits, l.HeldOut, k), false);
        yield return ("MRR", (in UserList l, int k) => RankingMeasures.ReciprocalRank(l.Hits, k), false);
        var popularity = _model.ItemCountArray;
        yield return ("PopularityLift", (in UserList l, int k) => RankingMeasures.PopularityLift(l.Items, l.Own, popularity, k), false);
        yield return ("Novelty", (in UserList l, int k) => RankingMeasures.Novelty(l.Items, popularity, _trainingUsers, k), false);
        if (ItemVectors() is { } vectors)
            yield return ("IntraListDiversity", (in UserList l, int k) => RankingMeasures.IntraListDiversity(l.Items, vectors, k), false);
        if (_options.ItemGroups is { } groups)
            yield return ("GroupPurity", (in UserList l, int k) => RankingMeasures.GroupPurity(l.Items, l.OwnGroups!, groups, k), false);
        if (MeasuresFolding)
            yield return ("Folding", (in UserList l, int k) => Folding(l, l.Items[..Math.Min(k, l.Items.Length)], l.Scores), true);
    }

    private Func<int, ReadOnlySpan<float>>? ItemVectors()
    {
        if (_options.ItemFeatures is { } features)
            return item => features[item];
        return _model is FactorModel factors ? factors.ItemFactors : null;
    }

    /// <summary>F = mean of max(0, s_ui − r_ui) over the given items; pairs without a score or relatedness are left out.</summary>
    private double Folding(in UserList list, ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < items.Length; i++)
        {
            var excess = scores[i] - Relatedness(list, items[i]);
            if (double.IsNaN(excess))
                continue;
            sum += Math.Max(0, excess);
            pairs++;
        }
        return sum / pairs;
    }

    private int[] RandomItems(int user)
    {
        if (_catalogue.Length == 0)
            return [];
        var random = new SeededRandom(_options.Seed, user);
        var items = new int[FoldingPairsPerUser];
        for (int i = 0; i < items.Length; i++)
            items[i] = _catalogue[random.Next(_catalogue.Length)];
        return items;
    }

    private double Relatedness(in UserList list, int item)
    {
        if (_options.Relatedness is { } relatedness)
            return relatedness(list.User, item);
        var group = _options.ItemGroups![item];
        return group < 0 || list.OwnGroups!.Count == 0 ? double.NaN : list.OwnGroups.Contains(group) ? 1 : 0;
    }

    private RecommenderQuery Query(int user)
    {
        var known = user < _model.Users.Count ? user : -1;
        if (FoldInLength(user) == 0)
            return RecommenderQuery.ForUserOrNobody(known);
        var rows = _options.FoldIn!.ByUser;
        var items = rows.Indices(user);
        var labels = rows.Labels(user);
        var weights = rows.Weights(user);
        var times = rows.Timestamps(user);
        var history = new List<ItemFeedback>(items.Length);
        foreach (var e in new TakenItems(rows, user).InTime())
            if (_model.IsKnownItem(items[e]))
                history.Add(new ItemFeedback(
                    items[e], labels.IsEmpty ? 1 : labels[e], weights.IsEmpty ? 1 : weights[e], times.IsEmpty ? null : times[e]));
        return RecommenderQuery.ForUserOrNobody(known, history.ToArray());
    }

    private int FoldInLength(int user) =>
        _options.FoldIn is { } foldIn && user < foldIn.ByUser.RowCount ? foldIn.ByUser.Length(user) : 0;

    private HashSet<int>? GroupsOf(ReadOnlySpan<int> items)
    {
        if (_options.ItemGroups is not { } groups)
            return null;
        var own = new HashSet<int>();
        foreach (var item in items)
            if (groups[item] >= 0)
                own.Add(groups[item]);
        return own;
    }

    /// <summary>One user's list and what it is measured against.</summary>
    private ref struct UserList
    {
        public required int User { get; init; }
        public required ReadOnlySpan<int> Items { get; init; }
        public required ReadOnlySpan<float> Scores { get; init; }
        public required ReadOnlySpan<int> Own { get; init; }

        /// <summary>Random items of the catalogue and their scores, which show folding.</summary>
        public required ReadOnlySpan<int> RandomItems { get; init; }
        public required ReadOnlySpan<float> RandomScores { get; init; }

        public ReadOnlySpan<bool> Hits { get; set; }
        public int HeldOut { get; set; }
        public HashSet<int>? OwnGroups { get; set; }
    }
}
