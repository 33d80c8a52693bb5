using System.Buffers;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<UserKnnModel>("UserKnn")]

namespace MLNetRecExt;

/// <summary>
/// What <see cref="UserKnnTrainer"/> learns: the most similar users of each user. For a history that comes with a query they are found on
/// the spot.
/// </summary>
public sealed class UserKnnModel : RecommenderModel, ISavedModel<UserKnnModel>
{
    private readonly NeighborLists _lists;
    private readonly Lazy<NeighborWeighting> _weighting;
    private readonly Lazy<NeighborSearch> _search;
    private readonly ThreadLocal<NeighborSearch.Workspace> _workspace;

    internal UserKnnModel(IdMap users, IdMap items, InteractionRows history, NeighborLists lists)
        : base(users, items, history)
    {
        _lists = lists;
        _weighting = new(() => new(History, Items.Count, Settings, compareUsers: true));
        _search = new(() => SearchOf(_weighting.Value, Settings));
        _workspace = new(() => new(_search.Value));
    }

    /// <summary>True: the most similar users are found anew. The first history prepares a search, which stays with the model.</summary>
    public override bool CanFoldIn => true;

    /// <summary>By user its neighbors, with their similarities.</summary>
    internal SparseMatrix Neighbors => _lists.Rows;

    internal NeighborSettings Settings => _lists.Settings;

    /// <summary>Beside the items in order, what each entry counts, by user and by item, and lengths.</summary>
    internal override long CacheSize => base.CacheSize + 16L * History.EntryCount + 24L * Items.Count + 40L * Users.Count;

    internal override double LargestScore => History.LargestSum(Neighbors.LargestValue);

    /// <summary>True: similar users are the neighbors that were kept, of a user at most so many.</summary>
    public override bool CanCompareUsers => true;

    /// <summary>
    /// True: by what each neighbor who took the item adds. The parts sum up to the score, or with <see cref="NeighborScore.Mean"/> to how
    /// far it is from the mean label of the one who asks.
    /// </summary>
    public override bool CanExplain => true;

    internal static NeighborSearch SearchOf(NeighborWeighting weighting, NeighborSettings settings)
    {
        var byUser = weighting.WeighAll();
        return new(byUser, byUser.Transpose(), settings);
    }

    static UserKnnModel ISavedModel<UserKnnModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history, NeighborLists.Read(reader, users.Count));

    // State: as of ItemKnn, with the neighbors of each user.
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer) => _lists.Write(writer);

    /// <summary>Neighbors who go leave the lists of those who stay, which are then shorter.</summary>
    /// <exception cref="NotSupportedException">Nobody would stay: the model is made of users' histories.</exception>
    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept)
    {
        if (kept.Users.Count == 0)
            throw new NotSupportedException($"{nameof(UserKnnModel)} cannot be without users: it is made of their histories. "
                + "ItemKnn answers histories without them.");
        var indexOf = new int[Users.Count];
        indexOf.AsSpan().Fill(-1);
        for (int user = 0; user < kept.Rows.Length; user++)
            if (kept.Rows[user] >= 0)
                indexOf[kept.Rows[user]] = user;
        var rows = Array.ConvertAll(kept.Rows, user => user < 0 ? [] : Enumerable.Range(0, Neighbors.Length(user))
            .Select(n => (Column: indexOf[Neighbors.Indices(user)[n]], Value: Neighbors.Values(user)[n]))
            .Where(entry => entry.Column >= 0));
        var lists = new NeighborLists(new SparseMatrix(kept.Rows.Length, rows), Settings);
        return new UserKnnModel(kept.Users, Items, kept.HistoryOf(this), lists);
    }

    internal override void OfferSimilarUsers(int user, ref TopList list)
    {
        var users = Neighbors.Indices(user);
        for (int n = 0; n < users.Length; n++)
            list.Offer(users[n], Neighbors.Values(user)[n]);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item)
    {
        var (users, similarities) = NeighborsOf(query);
        var contributions = new List<Contribution>();
        var total = 0f;
        for (int n = 0; n < users.Length; n++)
        {
            if (!TryFind(users[n], item, out var entry))
                continue;
            var weight = similarities[n] * Weight(entry);
            total += weight;
            contributions.Add(Contribution.OfUser(users[n], weight * Opinion(users[n], entry)));
        }
        return Settings.Score == NeighborScore.Mean && total > 0
            ? contributions.ConvertAll(entry => entry with { Value = entry.Value / total })
            : contributions;
    }

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var users = Neighbors.Indices(user);
        var similarities = Neighbors.Values(user);
        float sum = 0, total = 0;
        for (int n = 0; n < users.Length; n++)
        {
            if (!TryFind(users[n], item, out var entry))
                continue;
            var weight = similarities[n] * Weight(entry);
            sum += weight * Opinion(users[n], entry);
            total += weight;
        }
        if (Settings.Score == NeighborScore.Sum)
            return sum;
        var mean = LabelMeans.Users[user];
        return total > 0 ? mean + sum / total : mean;
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var (users, similarities) = NeighborsOf(query);
        var rented = ArrayPool<float>.Shared.Rent(scores.Length);
        var totals = rented.AsSpan(0, scores.Length);
        scores.Clear();
        totals.Clear();
        for (int n = 0; n < users.Length; n++)
        {
            for (int entry = History.OffsetArray[users[n]]; entry < History.OffsetArray[users[n] + 1]; entry++)
            {
                var weight = similarities[n] * Weight(entry);
                scores[History.IndexArray[entry]] += weight * Opinion(users[n], entry);
                totals[History.IndexArray[entry]] += weight;
            }
        }
        if (Settings.Score == NeighborScore.Mean)
        {
            var mean = !query.ChangesHistory ? LabelMeans.Users[query.User] : new TakenItems(this, query).MeanLabel();
            for (int item = 0; item < scores.Length; item++)
                scores[item] = totals[item] > 0 ? mean + scores[item] / totals[item] : mean;
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private (int[] Users, float[] Similarities) NeighborsOf(RecommenderQuery query)
    {
        if (!query.ChangesHistory)
            return IsKnownUser(query.User) ? (Neighbors.Indices(query.User).ToArray(), Neighbors.Values(query.User).ToArray()) : ([], []);
        var taken = new TakenItems(this, query);
        var workspace = _workspace.Value!;
        var count = _search.Value.Find(taken.Items, _weighting.Value.WeighUser(taken), query.User, workspace);
        return (workspace.Rows[..count], workspace.Similarities[..count]);
    }

    private bool TryFind(int user, int item, out int entry)
    {
        var place = History.Indices(user).BinarySearch(item);
        entry = History.OffsetArray[user] + place;
        return place >= 0;
    }

    private float Weight(int entry) => History.WeightArray?[entry] ?? 1;

    /// <summary>What a neighbor says of an item: the label, or how far it is from the neighbor's mean.</summary>
    private float Opinion(int user, int entry) =>
        (History.LabelArray?[entry] ?? 1) - (Settings.Score == NeighborScore.Mean ? LabelMeans.Users[user] : 0);
}
