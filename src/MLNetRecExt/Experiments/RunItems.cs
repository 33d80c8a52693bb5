using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace MLNetRecExt;

/// <summary>What a record says of the data and of a model besides metrics: popularity, activity, users to look at, and the map.</summary>
internal sealed class RunItems
{
    private const int Deciles = 10, TimelineSpans = 48, MappedItems = 1000, ShownHistory = 12, ShownList = 10;
    private const int TimedUsers = 20_000, DescribedUsers = 2000;

    private readonly ExperimentParts _parts;
    private readonly ExperimentOptions _options;
    private readonly int[] _counts;
    private readonly int[] _byPopularity;
    private readonly int[] _decileOf;

    public RunItems(ExperimentParts parts, ExperimentOptions options)
    {
        (_parts, _options) = (parts, options);
        var items = Math.Max(parts.Fit.Items.Count, parts.Test.Items.Count);
        _counts = new int[items];
        parts.Fit.ByUser.CountColumns(parts.Fit.Items.Count).CopyTo(_counts, 0);
        _byPopularity = [.. Enumerable.Range(0, items).OrderByDescending(item => _counts[item])];
        _decileOf = new int[items];
        for (int place = 0; place < items; place++)
            _decileOf[_byPopularity[place]] = (int)((long)place * Deciles / items);
        Groups = options.ItemGroups is null ? null : GroupIndices(options.ItemGroups);
    }

    /// <summary>By item index a number for its group; null where no groups are known.</summary>
    public int[]? Groups { get; }

    public RunData Describe(Interactions data, ReadOnlySpan<int> judged, int validation)
    {
        var rows = _parts.Fit.ByUser;
        var split = new InteractionSplit(_parts.Fit, _parts.Test);
        return new()
        {
            Users = data.Users.Count,
            Items = data.Items.Count,
            TrainInteractions = _parts.Fit.Count,
            ValidationInteractions = validation,
            TestInteractions = _parts.Test.Count,
            TestUsers = judged.Length,
            ColdUsers = split.ColdUsers,
            ColdItems = split.ColdItems,
            Rows = data.Counts,
            EarliestTimestamp = rows.Times?.Earliest,
            LatestTimestamp = rows.Times?.Latest,
            Timeline = Timeline(rows),
            PopularityShares = PopularityShares(),
            TestPopularity = Shares(_parts.Test.ByUser.IndexArray.AsSpan(0, _parts.Test.Count)),
            Activity = [.. judged.ToArray().Select(user => user < rows.RowCount ? rows.Length(user) : 0)],
            UsersChecksum = Checksum(judged),
        };
    }

    /// <summary>By decile of popularity, the share of the places in the lists of some users, and the share of their held-out pairs that
    /// the lists have.</summary>
    public (double[] Places, double[] Recall) ByPopularity(RecommenderModel model, ReadOnlySpan<int> users, int length)
    {
        var sample = Sample(users, DescribedUsers);
        var places = new List<int>();
        var (hits, all) = (new double[Deciles], new double[Deciles]);
        foreach (var (user, list) in sample.Zip(Lists(model, sample, length)))
        {
            places.AddRange(list);
            foreach (var item in _parts.Test.ByUser.Indices(user))
            {
                all[_decileOf[item]]++;
                hits[_decileOf[item]] += list.Contains(item) ? 1 : 0;
            }
        }
        return (Shares([.. places]), [.. hits.Zip(all, (hit, of) => of == 0 ? double.NaN : hit / of)]);
    }

    /// <summary>The most popular items in two dimensions.</summary>
    public RunMap Map(FactorModel model)
    {
        var items = _byPopularity.Where(item => item < model.Items.Count && model.IsKnownItem(item)).Take(MappedItems).ToArray();
        var (x, y) = EmbeddingPlane.Project(Array.ConvertAll(items, item => model.ItemFactors(item).ToArray()), _options.Seed);
        return new([.. items.Select(Title)], Groups is null ? [] : [.. items.Select(GroupName)], x, y);
    }

    /// <summary>Users drawn from those judged, with what each trainer's list has for them.</summary>
    public IReadOnlyList<RunUser> Sample(IReadOnlyList<RunTrainer> trainers, ReadOnlySpan<int> judged)
    {
        var users = Sample(judged, _options.SampledUsers);
        var lists = trainers.Select(trainer => Lists(trainer.Model!, users, ShownList).ToArray()).ToArray();
        return
        [
            .. users.Select((user, place) => new RunUser(
                _parts.Test.Users.GetText(user),
                [.. History(user).Take(ShownHistory).Select(Title)],
                History(user).Length,
                [.. _parts.Test.ByUser.Indices(user).ToArray().Select(Title)],
                trainers.Index().ToDictionary(
                    trainer => trainer.Item.Name,
                    trainer => (IReadOnlyList<RunItem>)
                    [
                        .. lists[trainer.Index][place].Select(
                            item => new RunItem(Title(item), _parts.Test.ByUser.Indices(user).Contains(item))),
                    ]))),
        ];
    }

    /// <summary>Lists for known users, a thousand at a time for at least a quarter of a second.</summary>
    public double ListsPerSecond(RecommenderModel model, int threads)
    {
        var blocks = Enumerable.Range(0, model.Users.Count).Where(model.IsKnownUser).Take(TimedUsers).Chunk(1000).ToArray();
        if (blocks.Length == 0)
            return 0;
        const int length = 20;
        var options = new TopItemsOptions { NumberOfThreads = threads, CancellationToken = _options.CancellationToken };
        model.TopItems(blocks[0], length, options);
        long lists = 0;
        var next = 0;
        var watch = Stopwatch.StartNew();
        do
        {
            lists += model.TopItems(blocks[next++ % blocks.Length], length, options).Count;
        }
        while (watch.Elapsed.TotalSeconds < 0.25);
        return lists / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Bytes of the model's file.</summary>
    public long FileSize(RecommenderModel model)
    {
        using var stream = new CountedBytes();
        model.Save(stream, new() { Times = false });
        return stream.Length;
    }

    private IEnumerable<int[]> Lists(RecommenderModel model, ReadOnlySpan<int> users, int length)
    {
        var options = new TopItemsOptions
        {
            NumberOfThreads = _options.NumberOfThreads,
            Filter = _parts.ColdItems is null ? null : ItemFilter.Only(_parts.ColdItems),
            CancellationToken = _options.CancellationToken,
        };
        RecommenderQuery[] queries = [.. users.ToArray().Select(Query)];
        var lists = model.TopItems(queries, length, options);
        return Enumerable.Range(0, lists.Count).Select(list => lists.Items(list).ToArray());
    }

    /// <summary>Users drawn from some, all where they are no more than that.</summary>
    private int[] Sample(ReadOnlySpan<int> users, int most)
    {
        var drawn = users.ToArray();
        new Random(_options.Seed).Shuffle(drawn);
        return drawn[..Math.Min(drawn.Length, most)];
    }

    private RecommenderQuery Query(int user)
    {
        if (_parts.FoldIn is not { } foldIn || user >= foldIn.ByUser.RowCount || foldIn.ByUser.Length(user) == 0)
            return RecommenderQuery.ForUser(user);
        return RecommenderQuery.ForHistory(Array.ConvertAll(foldIn.ByUser.Indices(user).ToArray(), item => new ItemFeedback(item)));
    }

    private int[] History(int user)
    {
        var rows = (_parts.FoldIn is { } foldIn && user < foldIn.ByUser.RowCount && foldIn.ByUser.Length(user) > 0 ? foldIn : _parts.Fit).ByUser;
        if (user >= rows.RowCount)
            return [];
        var items = rows.Indices(user).ToArray();
        if (rows.HasTimestamps)
            Array.Sort(rows.Timestamps(user).ToArray(), items);
        else
            return items;
        Array.Reverse(items);
        return items;
    }

    private int[] Timeline(InteractionRows rows)
    {
        if (rows.Times is not { } times || times.Earliest == times.Latest)
            return [];
        var counts = new int[TimelineSpans];
        var span = ((double)times.Latest - times.Earliest) / TimelineSpans;
        foreach (var time in rows.TimestampArray.AsSpan(0, rows.EntryCount))
            counts[Math.Min(TimelineSpans - 1, (int)(((double)time - times.Earliest) / span))]++;
        return counts;
    }

    private double[] PopularityShares()
    {
        double all = _counts.Sum(count => (long)count), sum = 0;
        var shares = new double[100];
        for (int percent = 1, place = 0; percent <= shares.Length; percent++)
        {
            for (var end = (long)_byPopularity.Length * percent / shares.Length; place < end; place++)
                sum += _counts[_byPopularity[place]];
            shares[percent - 1] = sum / all;
        }
        return shares;
    }

    private double[] Shares(ReadOnlySpan<int> items)
    {
        var shares = new double[Deciles];
        foreach (var item in items)
            shares[_decileOf[item]] += 1.0 / items.Length;
        return shares;
    }

    private string Checksum(ReadOnlySpan<int> users)
    {
        var hash = new XxHash3();
        foreach (var user in users)
            hash.Append(Encoding.UTF8.GetBytes(_parts.Test.Users.GetText(user) + "\n"));
        return hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture);
    }

    private string Title(int item) => _parts.Test.Items.GetText(item) is var id && _options.ItemTitles?.TryGetValue(id, out var title) == true
        ? title : id;

    private string GroupName(int item) => _options.ItemGroups!.GetValueOrDefault(_parts.Test.Items.GetText(item), "");

    private int[] GroupIndices(IReadOnlyDictionary<string, string> groups)
    {
        var names = groups.Values.Distinct().Order(StringComparer.Ordinal).ToArray();
        var ids = _parts.Test.Items;
        return [.. Enumerable.Range(0, _counts.Length).Select(item => groups.TryGetValue(ids.GetText(item), out var group)
            ? Array.BinarySearch(names, group, StringComparer.Ordinal) : -1)];
    }
}
