using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Rows for a ranker: a candidate of a query each, with what the sources say about it. Columns as in
/// <see cref="RecommenderStagesCatalog.RankingTable"/>.</summary>
internal sealed class CandidateTable : RowsView
{
    internal enum Of { GroupId, User, Item, SourceScores, SourceRanks, ItemPopularity, UserActivity, Label }

    private readonly RecommenderModel _model;
    private readonly int _sourceCount;
    private readonly Array _userIds, _itemIds;
    private readonly int[] _groups, _users, _items;
    private readonly float[] _scores, _ranks, _activities, _labels;

    private CandidateTable(RecommenderModel model, int sourceCount, DataViewSchema schema, int[] groups, int[] users, int[] items, float[] scores, float[] ranks, float[] activities, float[] labels)
        : base(schema, items.Length)
    {
        (_model, _sourceCount) = (model, sourceCount);
        (_groups, _users, _items, _scores, _ranks, _activities, _labels) = (groups, users, items, scores, ranks, activities, labels);
        (_userIds, _itemIds) = (model.Users.ValuesAs(model.Users.Type.RawType), model.Items.ValuesAs(model.Items.Type.RawType));
    }

    public static DataViewSchema SchemaOf(RecommenderModel model)
    {
        var builder = new DataViewSchema.Builder();
        var sources = SourcesOf(model, 1).Count;
        foreach (var column in Enum.GetValues<Of>())
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            DataViewType type = column switch
            {
                Of.GroupId => new KeyDataViewType(typeof(uint), int.MaxValue),
                Of.User => Ids(model.Users),
                Of.Item => Ids(model.Items),
                Of.SourceScores or Of.SourceRanks => new VectorDataViewType(NumberDataViewType.Single, sources),
                _ => NumberDataViewType.Single,
            };
            builder.AddColumn(column.ToString(), type, annotations.ToAnnotations());

            DataViewType Ids(IdMap ids)
            {
                if (ids.IsKey)
                    ids.AddKeyValues(annotations);
                return ids.Type;
            }
        }
        return builder.ToSchema();
    }

    /// <summary>What a ranker learns from: for each user of <paramref name="labels"/> the candidates, labelled by whether they were taken;
    /// null when none of any user was.</summary>
    /// <param name="candidates">A model trained without <paramref name="labels"/>.</param>
    /// <param name="labels">What users took afterwards.</param>
    /// <param name="count">Rows per user at most, at least 1.</param>
    /// <param name="options">Filters, threads, cancellation.</param>
    public static CandidateTable? ToLearnFrom(RecommenderModel candidates, Interactions labels, int count, TopItemsOptions options)
    {
        candidates.Users.CheckMeansTheSame(labels.Users, "user", nameof(labels));
        candidates.Items.CheckMeansTheSame(labels.Items, "item", nameof(labels));
        int[] users = [.. Enumerable.Range(0, Math.Min(candidates.Users.Count, labels.ByUser.RowCount))
            .Where(user => labels.ByUser.Length(user) > 0 && candidates.IsKnownUser(user))];
        var queries = Array.ConvertAll(users, RecommenderQuery.ForUser);
        var proposals = Propose(candidates, queries, count, options);
        var lists = TopItems(candidates, queries, proposals, count, options);
        bool[] isUseful = [.. users.Select((user, list) => lists.ItemPlaces(list)[..lists.Lengths[list]].Any(item => IsTaken(user, item)))];
        return !isUseful.Contains(true) ? null : Create(candidates, SchemaOf(candidates), queries,
            query => lists.ItemPlaces(query).AsMemory(0, isUseful[query] ? lists.Lengths[query] : 0), proposals,
            (query, item) => IsTaken(users[query], item) ? 1 : 0);

        bool IsTaken(int user, int item) => labels.ByUser.Indices(user).BinarySearch(item) >= 0;
    }

    /// <summary>The rows of some items for each query, in the order given.</summary>
    /// <param name="model">Where candidates come from; its sources are asked for scores.</param>
    /// <param name="schema">As <see cref="SchemaOf"/> makes it.</param>
    /// <param name="queries">Who asks: a group each.</param>
    /// <param name="candidates">The items of each group.</param>
    /// <param name="proposals">What the sources propose to each query.</param>
    /// <param name="labels">By query, the label of an item; null: 0.</param>
    public static CandidateTable Create(RecommenderModel model, DataViewSchema schema, IReadOnlyList<RecommenderQuery> queries, Func<int, ReadOnlyMemory<int>> candidates,
        TopItemLists[] proposals, Func<int, int, float>? labels = null)
    {
        var sources = SourcesOf(model, 1);
        var total = 0;
        for (int query = 0; query < queries.Count; query++)
            total = checked(total + candidates(query).Length);
        var (groups, users, items) = (new int[total], new int[total], new int[total]);
        var (scores, ranks) = (new float[checked(total * sources.Count)], new float[total * sources.Count]);
        var (activities, labelled) = (new float[total], new float[total]);
        var all = new float[model.Items.Count];
        var rankOf = new float[model.Items.Count];
        for (int query = 0, start = 0; query < queries.Count; query++)
        {
            var wanted = candidates(query).Span;
            if (wanted.IsEmpty)
                continue;
            var activity = (model.IsKnownUser(queries[query].User) ? model.History.Length(queries[query].User) : 0) + queries[query].History.Length;
            for (int i = 0; i < wanted.Length; i++)
            {
                (groups[start + i], users[start + i], items[start + i]) = (query, queries[query].User, wanted[i]);
                activities[start + i] = activity;
                labelled[start + i] = labels?.Invoke(query, wanted[i]) ?? 0;
            }
            for (int source = 0; source < sources.Count; source++)
            {
                sources[source].Model.ScoreItems(FusedModel.Asked(sources[source].Model, queries[query]), all);
                var proposed = proposals[source].Items(query);
                for (int place = 0; place < proposed.Length; place++)
                    rankOf[proposed[place]] = 1f / (FusedModel.RankOffset + place + 1);
                for (int i = 0; i < wanted.Length; i++)
                {
                    scores[(start + i) * sources.Count + source] = all[wanted[i]];
                    ranks[(start + i) * sources.Count + source] = rankOf[wanted[i]];
                }
                foreach (var item in proposed)
                    rankOf[item] = 0;
            }
            start += wanted.Length;
        }
        return new CandidateTable(model, sources.Count, schema, groups, users, items, scores, ranks, activities, labelled);
    }

    /// <summary>What each source of a model proposes to each query.</summary>
    /// <param name="model">The model, which may be its only source.</param>
    /// <param name="queries">Who asks.</param>
    /// <param name="count">How many items it proposes then.</param>
    /// <param name="options">Filters, threads, cancellation.</param>
    public static TopItemLists[] Propose(RecommenderModel model, IReadOnlyList<RecommenderQuery> queries, int count, TopItemsOptions options) =>
        [.. SourcesOf(model, count).Select(source => FusedModel.Propose(source, queries, options))];

    /// <summary>A model's best items for each query, by what its sources have proposed.</summary>
    public static TopItemLists TopItems(RecommenderModel model, IReadOnlyList<RecommenderQuery> queries, TopItemLists[] proposals, int count, TopItemsOptions options) => model switch
    {
        FusedModel fused => fused.TopItems(queries, proposals, count, options),
        _ => options.ExcludeSeen ? proposals[0] : model.TopItems(queries, count, options),
    };

    protected override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column, Func<int> row)
    {
        return (Of)column.Index switch
        {
            Of.GroupId => Cast((ref uint value) => value = (uint)_groups[row()] + 1),
            Of.User => Id(_userIds, _users),
            Of.Item => Id(_itemIds, _items),
            Of.SourceScores => Cast((ref VBuffer<float> value) => Copy(_scores, ref value)),
            Of.SourceRanks => Cast((ref VBuffer<float> value) => Copy(_ranks, ref value)),
            Of.ItemPopularity => Cast((ref float value) => value = _model.PopularityScore(_items[row()])),
            Of.UserActivity => Cast((ref float value) => value = _activities[row()]),
            _ => Cast((ref float value) => value = _labels[row()]),
        };

        ValueGetter<TValue> Id(Array ids, int[] indices)
        {
            var values = (TValue[])ids;
            return (ref TValue value) => value = indices[row()] is var index && index >= 0 ? values[index] : default!;
        }

        void Copy(float[] from, ref VBuffer<float> value)
        {
            var editor = VBufferEditor.Create(ref value, _sourceCount);
            from.AsSpan(row() * _sourceCount, _sourceCount).CopyTo(editor.Values);
            value = editor.Commit();
        }

        static ValueGetter<TValue> Cast<T>(ValueGetter<T> getter) => (ValueGetter<TValue>)(Delegate)getter;
    }

    private static IReadOnlyList<CandidateSource> SourcesOf(RecommenderModel model, int count) =>
        model is FusedModel fused ? fused.Sources : [new CandidateSource(model, count)];
}
