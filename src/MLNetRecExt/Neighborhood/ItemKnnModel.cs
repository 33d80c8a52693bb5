using System.Buffers;
using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<ItemKnnModel>("ItemKnn")]

namespace MLNetRecExt;

/// <summary>What <see cref="ItemKnnTrainer"/> learns: the most similar items of each item.</summary>
public sealed class ItemKnnModel : SparseItemModel, ISavedModel<ItemKnnModel>
{
    private readonly NeighborLists _lists;

    internal ItemKnnModel(IdMap users, IdMap items, InteractionRows history, NeighborLists lists)
        : base(users, items, history, lists.Rows) => _lists = lists;

    internal NeighborSettings Settings => _lists.Settings;

    /// <summary>True: similar items are the neighbors that were kept, of an item at most so many.</summary>
    public override bool CanCompareItems => true;

    /// <summary>True: exactly. Neighbors are found anew for the items that share a user with an item of a new interaction; those of other
    /// items stay. With <see cref="NeighborSimilarity.TfIdf"/> and <see cref="NeighborSimilarity.Bm25"/>, by which every interaction counts
    /// for all, they are found anew for all items.</summary>
    public override bool CanAppend => true;

    /// <inheritdoc/>
    protected override RecommenderModel TakeIn(AppendedInteractions appended, ParallelOptions parallel)
    {
        var all = appended.All;
        var byUser = new NeighborWeighting(all.ByUser, all.Items.Count, Settings, compareUsers: false).WeighAll();
        var countsForAll = Settings.Similarity is NeighborSimilarity.TfIdf or NeighborSimilarity.Bm25;
        var search = new NeighborSearch(byUser.Transpose(), byUser, Settings)
        {
            Known = countsForAll ? null : (Weights, Changed(all, appended.Items)),
        };
        return new ItemKnnModel(all.Users, all.Items, all.ByUser,
            new(search.FindAll(parallel.MaxDegreeOfParallelism, parallel.CancellationToken), Settings));
    }

    /// <summary>By item whether some similarity of it may be another: it shares a user with one of the given items.</summary>
    /// <remarks>A similarity is of the items' common users, of how much these took, and of both items' lengths. A new interaction changes
    /// the length of its item, and what its user counts, in pairs of items of that user.</remarks>
    private static bool[] Changed(Interactions all, IReadOnlyList<int> items)
    {
        var changed = new bool[all.Items.Count];
        var isDone = new bool[all.Users.Count];
        foreach (var item in items)
            foreach (var user in all.ByItem.Indices(item))
            {
                if (isDone[user])
                    continue;
                isDone[user] = true;
                foreach (var other in all.ByUser.Indices(user))
                    changed[other] = true;
            }
        return changed;
    }

    static ItemKnnModel ISavedModel<ItemKnnModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history, NeighborLists.Read(reader, items.Count));

    // State: number of neighbors, similarity: int32 each
    //        shrinkage, exponents a, b, c and s (until version 2 of the format α alone: a = 1 − α, b = α), BM25's k and b: float32 each
    //        score: int32
    //        neighbors of each item, with their similarities: sparse
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer) => _lists.Write(writer);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new ItemKnnModel(kept.Users, Items, kept.HistoryOf(this), _lists);

    /// <inheritdoc/>
    protected override void CompareItems(int item, Span<float> similarities)
    {
        similarities.Fill(float.NaN);
        var neighbors = Weights.Indices(item);
        for (int n = 0; n < neighbors.Length; n++)
            similarities[neighbors[n]] = Weights.Values(item)[n];
    }

    private protected override void Contribute(TakenItems taken, int item, Span<float> contributions)
    {
        if (Settings.Score == NeighborScore.Sum)
        {
            base.Contribute(taken, item, contributions);
            return;
        }
        var mean = taken.MeanLabel();
        var total = 0f;
        for (int e = 0; e < contributions.Length; e++)
        {
            var weight = Weight(item, taken.Items[e]) * taken.Weight(e);
            contributions[e] = weight * (taken.Label(e) - mean);
            total += weight;
        }
        if (total > 0)
            foreach (ref var contribution in contributions)
                contribution /= total;
    }

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        if (Settings.Score == NeighborScore.Sum)
            return base.ScoreKnown(user, item);
        var taken = new TakenItems(this, RecommenderQuery.ForUser(user));
        var mean = taken.MeanLabel();
        float sum = 0, total = 0;
        for (int e = 0; e < taken.Items.Length; e++)
        {
            var weight = Weight(item, taken.Items[e]) * taken.Weight(e);
            sum += weight * (taken.Label(e) - mean);
            total += weight;
        }
        return total > 0 ? mean + sum / total : mean;
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        if (Settings.Score == NeighborScore.Sum)
        {
            base.ScoreAllItems(query, scores);
            return;
        }

        var taken = new TakenItems(this, query);
        scores.Clear();
        var mean = taken.MeanLabel();
        var rented = ArrayPool<float>.Shared.Rent(scores.Length);
        var totals = rented.AsSpan(0, scores.Length);
        totals.Clear();
        for (int e = 0; e < taken.Items.Length; e++)
        {
            var items = WeightsByTaken.Indices(taken.Items[e]);
            var similarities = WeightsByTaken.Values(taken.Items[e]);
            for (int n = 0; n < items.Length; n++)
            {
                var weight = similarities[n] * taken.Weight(e);
                scores[items[n]] += weight * (taken.Label(e) - mean);
                totals[items[n]] += weight;
            }
        }
        for (int item = 0; item < scores.Length; item++)
            scores[item] = totals[item] > 0 ? mean + scores[item] / totals[item] : mean;
        ArrayPool<float>.Shared.Return(rented);
    }
}
