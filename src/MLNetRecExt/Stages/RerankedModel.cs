using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<RerankedModel>("Reranked")]

namespace MLNetRecExt;

/// <summary>Re-ranking: a list chosen from a model's best items under the rules of <see cref="RerankOptions"/>.</summary>
/// <remarks>
/// <para>Made by <see cref="RecommenderStagesCatalog.Rerank"/>. Place by place the list takes, of the candidates i that no rule forbids,
/// the one with the highest
/// <code>
/// (1 − λ_d − λ_c) · r_i · 2^(−age_i / half-life)  −  λ_d · max_j similarity(i, j)  −  λ_c · KL(p ‖ q̃)
/// </code></para>
/// <list type="bullet">
/// <item>r_i: the model's score, stretched so that the worst candidate of the query has 0 and the best 1.</item>
/// <item>j runs over the items taken before (maximal marginal relevance).</item>
/// <item>p: the mix of categories of the history, each item with a total of 1; q that of the list with i; q̃ = 0.99 q + 0.01 p. Without a
/// history whose categories are known the term is 0.</item>
/// <item>age_i: from its date to <see cref="RerankOptions.AsOf"/>, at least 0; an item without a date is as old as the oldest
/// candidate.</item>
/// </list>
/// <para>Equal values keep the model's order. A list is shorter than asked for where rules leave fewer candidates. <c>Scores</c> in a list
/// are the model's own, so they need not descend.
/// What an unknown user gets by <see cref="RecommendationFallback.Popularity"/> is not re-ranked.</para>
/// <para>Carbonell, Goldstein: The Use of MMR, Diversity-Based Reranking, SIGIR 1998. Steck: Calibrated Recommendations, RecSys
/// 2018.</para>
/// </remarks>
public sealed class RerankedModel : RecommenderModel, ISavedModel<RerankedModel>
{
    private const double Smoothing = 0.01;

    // What is made of the parts that are read: of features a place, a date and a row per item, and what a category takes on its way to one;
    // of excluded items sets and filters.
    private const int BytesPerItem = 48, BytesPerCategory = 80, BytesPerExcluded = 100;

    private readonly int[] _excluded;
    private readonly ItemFilter? _notExcluded;
    private readonly ConditionalWeakTable<ItemFilter, ItemFilter> _filters = [];
    private readonly string[] _categoryNames = [];
    private readonly SparseMatrix? _categories;
    private readonly float[] _dates = [];
    private readonly FactorModel? _similarityOf;
    private readonly Lazy<float[]> _lengths;
    private readonly double _asOf;

    internal RerankedModel(RecommenderModel candidates, RerankOptions options)
        : base(candidates.Users, candidates.Items, candidates.History)
    {
        options.Validate();
        Candidates = candidates;
        Options = options;
        _excluded = [.. (options.ExcludedItems ?? []).Where(item => (uint)item < (uint)candidates.Items.Count).Distinct().Order()];
        _notExcluded = _excluded.Length > 0 ? ItemFilter.Except(_excluded) : null;
        if (options.SimilarityOf is { } given)
            FusedModel.CheckSameIds(candidates, given, nameof(options));
        _similarityOf = options.SimilarityOf ?? EmbeddingsOf(candidates);
        _lengths = new(() => [.. Enumerable.Range(0, Items.Count).Select(item => PanelIndex.Length(_similarityOf!.ItemFactors(item)))]);
        if (options.ItemFeatures is { } features)
        {
            var rowOf = features.RowsOfItems(Items, nameof(options.ItemFeatures));
            if (options.CategoryColumnName is { } categories)
            {
                var column = features.Column(categories);
                _categoryNames = column.Categories ?? throw new ArgumentException($"Feature '{categories}' holds numbers; {nameof(options.CategoryColumnName)} needs categories.", nameof(options));
                _categories = CategoriesOf(column, rowOf);
            }
            if (options.DateColumnName is { } dates)
                _dates = features.Column(dates) is { Size: 1 } column
                    ? Array.ConvertAll(rowOf, row => row < 0 ? float.NaN : column.Numbers[row][0])
                    : throw new ArgumentException($"Feature '{dates}' is not one number; {nameof(options.DateColumnName)} needs a date or a number per item.", nameof(options));
        }
        if (options.Diversity > 0 && _similarityOf is null && _categories is null)
            throw new ArgumentException(
                $"{nameof(options.Diversity)} needs to know how similar items are, and {candidates.GetType().Name} has no embeddings: set {nameof(options.SimilarityOf)} to a model that has, such as Wals, "
                + $"or {nameof(options.CategoryColumnName)}.", nameof(options));
        _asOf = options.AsOf ?? _dates.Where(float.IsFinite).DefaultIfEmpty().Max();
    }

    /// <summary>Where candidates come from.</summary>
    public RecommenderModel Candidates { get; }

    /// <summary>The rules.</summary>
    public RerankOptions Options { get; }

    /// <inheritdoc/>
    public override bool CanFoldIn => Candidates.CanFoldIn;

    /// <inheritdoc/>
    public override bool CanCompareItems => Candidates.CanCompareItems;

    /// <inheritdoc/>
    public override bool CanCompareUsers => Candidates.CanCompareUsers;

    /// <inheritdoc/>
    public override bool CanExplain => Candidates.CanExplain;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ItemFeatureNames => Candidates.ItemFeatureNames;

    /// <summary>Whether the candidates' model can, and <see cref="RerankOptions.SimilarityOf"/>, and the rules have no
    /// <see cref="RerankOptions.ItemFeatures"/>: where they have, re-rank the candidates' model with its new items anew, by features of all
    /// items.</summary>
    public override bool CanAddItems =>
        Candidates.CanAddItems && Options.SimilarityOf?.CanAddItems != false && Options.ItemFeatures is null;

    /// <summary>Beside the items in order, the lengths of embeddings, what is not excluded, and the candidates of one query.</summary>
    internal override long CacheSize => base.CacheSize + 17L * Items.Count + 48L * Math.Min(Options.NumberOfCandidates, Items.Count);

    internal override FeatureEncoder Encoder => Candidates.Encoder;

    internal override bool Knows(FeatureValues features) => Candidates.Knows(features);

    /// <inheritdoc/>
    public override bool IsKnownUser(int user) => Candidates.IsKnownUser(user);

    /// <summary>Whether the candidates' model knows the item and it is not excluded.</summary>
    public override bool IsKnownItem(int item) => Candidates.IsKnownItem(item) && _excluded.AsSpan().BinarySearch(item) < 0;

    static RerankedModel ISavedModel<RerankedModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var options = new RerankOptions { NumberOfCandidates = reader.ReadInt32(), Diversity = reader.ReadSingle(), Calibration = reader.ReadSingle() };
        var most = reader.ReadInt32();
        var times = reader.ReadArray<double>(2);
        var excluded = reader.ReadArray<int>(null);
        reader.Reserve(BytesPerExcluded * (long)excluded.Length);
        options = options with
        {
            MaxPerCategory = most < 0 ? null : most,
            FreshnessHalfLife = double.IsNaN(times[0]) ? null : times[0],
            AsOf = double.IsNaN(times[1]) ? null : times[1],
            ExcludedItems = excluded.Length > 0 ? excluded : null,
        };
        List<FeatureColumn> columns = [];
        if (reader.ReadByte() == 1)
        {
            var names = reader.ReadText(reader.ReadInt32() is var count and >= 1 ? count : throw ModelReader.Damaged());
            var rows = reader.ReadSparseMatrix(items.Count, names.Length - 1);
            reader.Reserve(BytesPerItem * (long)items.Count + BytesPerCategory * (long)rows.EntryCount);
            columns.Add(new(names[^1], new FeatureType(DataKind.String, IsKey: false), names[..^1], [.. Enumerable.Range(0, items.Count).Select(item => rows.Indices(item).ToArray())], 0, []));
            options = options with { CategoryColumnName = names[^1] };
        }
        if (reader.ReadByte() == 1)
        {
            var name = reader.ReadText(1)[0];
            var dates = reader.ReadArray<float>(items.Count);
            reader.Reserve(BytesPerItem * (long)items.Count);
            var ofItems = Array.ConvertAll(dates, date => new[] { date });
            columns.Add(new(name, new FeatureType(DataKind.Single, IsKey: false), null, [], 1, ofItems));
            options = options with { DateColumnName = name };
        }
        if (columns.Count > 0)
            options = options with { ItemFeatures = new SideFeatures(items, [.. columns]) };
        if (reader.ReadByte() == 1)
            options = options with { SimilarityOf = ModelFile.ReadNested(reader, users, items, history) as FactorModel ?? throw ModelReader.Damaged() };
        return new RerankedModel(ModelFile.ReadNested(reader, users, items, history), options);
    }

    // State: candidates: int32, diversity, calibration: float32
    //        most per category: int32, −1 for none
    //        half-life, as of: array of two float64, NaN for none
    //        excluded items: array of int32, ascending
    //        categories: byte, 1 or 0; where there are some:
    //          their number + 1: int32; their names, then the column's: text; by item: sparse, each 1
    //        dates: byte, 1 or 0; where there are some, the column's name: text; by item: array of float32
    //        similarity of its own: byte, 1 or 0; where there is one, model: nested
    //        model: nested
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        writer.WriteInt32(Options.NumberOfCandidates);
        writer.WriteSingle(Options.Diversity);
        writer.WriteSingle(Options.Calibration);
        writer.WriteInt32(Options.MaxPerCategory ?? -1);
        writer.WriteArray<double>([Options.FreshnessHalfLife ?? double.NaN, Options.AsOf ?? double.NaN]);
        writer.WriteArray<int>(_excluded);
        writer.WriteByte(_categories is null ? (byte)0 : (byte)1);
        if (_categories is not null)
        {
            writer.WriteInt32(_categoryNames.Length + 1);
            writer.WriteText([.. _categoryNames, Options.CategoryColumnName!]);
            writer.WriteMatrix(_categories);
        }
        writer.WriteByte(Options.DateColumnName is null ? (byte)0 : (byte)1);
        if (Options.DateColumnName is { } dates)
        {
            writer.WriteText([dates]);
            writer.WriteArray<float>(_dates);
        }
        writer.WriteByte(Options.SimilarityOf is null ? (byte)0 : (byte)1);
        if (Options.SimilarityOf is not null)
            ModelFile.WriteNested(writer, Options.SimilarityOf, History);
        ModelFile.WriteNested(writer, Candidates, History);
    }

    /// <inheritdoc/>
    protected override RecommenderModel AddItems(NewItems added)
    {
        var similarity = Options.SimilarityOf is { } given ? (FactorModel)added.In(given) : null;
        return new RerankedModel(added.In(Candidates), Options with { SimilarityOf = similarity });
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept)
    {
        var similarity = Options.SimilarityOf is { } given ? (FactorModel)kept.In(given) : null;
        return new RerankedModel(kept.In(Candidates), Options with { SimilarityOf = similarity });
    }

    private protected override bool AsksOthers => true;

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => Candidates.Score(user, item);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores) => Candidates.ScoreItems(query, scores);

    internal override float[][] ScorePairs(IReadOnlyList<RecommenderQuery> queries, IReadOnlyList<int[]> items) =>
        Candidates.ScorePairs(queries, [.. items.Select(wanted => Array.ConvertAll(wanted, item => IsKnownItem(item) ? item : -1))]);

    /// <inheritdoc/>
    protected override IEnumerable<ItemFeature> FeaturesOf(int item) => Candidates.ItemFeatures(item);

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item) => Candidates.Explain(query, item);

    private protected override void RankSimilar(IReadOnlyList<int> items, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var found = Candidates.SimilarItems([.. block.Select(list => items[list])], lists.MaxLength, WithoutExcluded(candidates.Options));
        for (int i = 0; i < block.Count; i++)
            lists.Copy(block[i], found, i);
    }

    internal override void OfferSimilarUsers(int user, ref TopList list) => Candidates.OfferSimilarUsers(user, ref list);

    /// <summary>What the candidates' model is asked with, on one thread. A filter is joined with the excluded items once.</summary>
    private TopItemsOptions WithoutExcluded(TopItemsOptions options) => options with
    {
        NumberOfThreads = 1,
        Filter = _notExcluded is null || options.Filter is null
            ? _notExcluded ?? options.Filter
            : _filters.GetValue(options.Filter, filter => filter.And(_notExcluded)),
    };

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var count = Math.Max(Options.NumberOfCandidates, lists.MaxLength);
        var proposed = Candidates.TopItems([.. block.Select(list => queries[list])], count, WithoutExcluded(candidates.Options));
        for (int i = 0; i < block.Count; i++)
            lists.Lengths[block[i]] = Choose(queries[block[i]], proposed.Items(i), proposed.Scores(i), lists.ItemPlaces(block[i]), lists.ScorePlaces(block[i]));
    }

    private static FactorModel? EmbeddingsOf(RecommenderModel model) => model switch
    {
        FactorModel factors => factors,
        FusedModel fused => fused.Sources.Select(source => EmbeddingsOf(source.Model)).FirstOrDefault(found => found is not null),
        RankedModel ranked => EmbeddingsOf(ranked.Candidates),
        RerankedModel reranked => EmbeddingsOf(reranked.Candidates),
        _ => null,
    };

    /// <summary>Items × categories: 1 where an item has the category.</summary>
    private static SparseMatrix CategoriesOf(FeatureColumn column, int[] rowOf) =>
        new(column.Categories!.Length, Array.ConvertAll(rowOf, row => row < 0 ? [] : column.Codes[row].Select(code => (code, 1f))));

    private int Choose(RecommenderQuery query, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, Span<int> chosen, Span<float> chosenScores)
    {
        var relevance = Relevance(items, scores);
        var nearest = new float[items.Length];
        var isTaken = new bool[items.Length];
        var counts = new int[_categoryNames.Length];
        var mix = Options.Calibration > 0 ? MixOf(TakenItems.Of(this, query).Items) : null;
        var listed = new double[counts.Length];
        var lambda = 1.0 - Options.Diversity - Options.Calibration;
        var length = 0;
        for (; length < chosen.Length; length++)
        {
            var best = -1;
            var bestValue = double.NegativeInfinity;
            for (int i = 0; i < items.Length; i++)
            {
                if (isTaken[i] || IsFull(items[i], counts))
                    continue;
                var value = lambda * relevance[i] - Options.Diversity * nearest[i];
                if (mix is not null)
                    value -= Options.Calibration * Divergence(mix, listed, items[i]);
                if (value > bestValue)
                    (best, bestValue) = (i, value);
            }
            if (best < 0)
                break;
            var item = items[best];
            isTaken[best] = true;
            (chosen[length], chosenScores[length]) = (item, scores[best]);
            if (counts.Length > 0)
            {
                var categories = Categories(item);
                foreach (var category in categories)
                {
                    counts[category]++;
                    listed[category] += 1.0 / categories.Length;
                }
            }
            if (Options.Diversity > 0)
                for (int i = 0; i < items.Length; i++)
                    if (!isTaken[i])
                        nearest[i] = length == 0 ? Similarity(items[i], item) : Math.Max(nearest[i], Similarity(items[i], item));
        }
        return length;
    }

    private double[] Relevance(ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        var relevance = new double[items.Length];
        if (items.IsEmpty)
            return relevance;
        double low = scores[0], high = scores[0];
        foreach (var score in scores)
            (low, high) = (Math.Min(low, score), Math.Max(high, score));
        for (int i = 0; i < relevance.Length; i++)
            relevance[i] = high > low ? (scores[i] - low) / (high - low) : 1;
        if (Options.FreshnessHalfLife is not { } halfLife)
            return relevance;
        var oldest = _asOf;
        foreach (var item in items)
            if (_dates[item] is var date && date < oldest)
                oldest = date;
        for (int i = 0; i < relevance.Length; i++)
        {
            var date = _dates[items[i]];
            relevance[i] *= Math.Pow(2, -Math.Max(0, _asOf - (float.IsNaN(date) ? oldest : date)) / halfLife);
        }
        return relevance;
    }

    private bool IsFull(int item, int[] counts)
    {
        if (Options.MaxPerCategory is { } most)
            foreach (var category in Categories(item))
                if (counts[category] >= most)
                    return true;
        return false;
    }

    private ReadOnlySpan<int> Categories(int item) => _categories!.Indices(item);

    /// <summary>The cosine of two items' embeddings; without any, the share of categories that they have in common: |A ∩ B| / |A ∪ B|, 0
    /// without any.</summary>
    private float Similarity(int item, int other)
    {
        if (_similarityOf is null)
        {
            var a = Categories(item);
            var b = Categories(other);
            var common = 0;
            foreach (var category in a)
                if (b.BinarySearch(category) >= 0)
                    common++;
            return common == 0 ? 0 : (float)common / (a.Length + b.Length - common);
        }
        var lengths = _lengths.Value[item] * _lengths.Value[other];
        return lengths > 0 ? PanelIndex.Dot(_similarityOf.ItemFactors(item), _similarityOf.ItemFactors(other)) / lengths : 0;
    }

    /// <summary>The shares of categories among some items; null when no category of any is known.</summary>
    private double[]? MixOf(ReadOnlySpan<int> items)
    {
        var mix = new double[_categoryNames.Length];
        double total = 0;
        foreach (var item in items)
        {
            var categories = Categories(item);
            foreach (var category in categories)
                mix[category] += 1.0 / categories.Length;
            total += categories.IsEmpty ? 0 : 1;
        }
        for (int category = 0; category < mix.Length; category++)
            mix[category] /= total;
        return total > 0 ? mix : null;
    }

    /// <summary>KL(p ‖ q̃) with one more item in the list.</summary>
    private double Divergence(double[] p, double[] listed, int item)
    {
        var categories = Categories(item);
        double total = categories.IsEmpty ? 0 : 1;
        foreach (var mass in listed)
            total += mass;
        double divergence = 0;
        for (int category = 0; category < p.Length; category++)
        {
            if (p[category] == 0)
                continue;
            var mass = listed[category] + (categories.BinarySearch(category) >= 0 ? 1.0 / categories.Length : 0);
            var q = total > 0 ? mass / total : 0;
            divergence += p[category] * Math.Log(p[category] / ((1 - Smoothing) * q + Smoothing * p[category]));
        }
        return divergence;
    }
}
