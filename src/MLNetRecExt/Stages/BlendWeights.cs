using System.Buffers;
using System.Numerics.Tensors;

namespace MLNetRecExt;

/// <summary>
/// Finds what each of several models counts in a blend of their lists, by NDCG@20 of held-out interactions.
/// </summary>
/// <remarks>
/// Greedy selection with replacement from the best model alone, then one pass over the weights. Each model's list for each user is made
/// once. Caruana, Niculescu-Mizil, Crew, Ksikes: Ensemble Selection from Libraries of Models, ICML 2004.
/// </remarks>
internal sealed class BlendWeights
{
    private const int Rounds = 20;

    /// <summary>Users looked at, at most: the first of a shuffled order.</summary>
    internal const int MostUsers = 5000;

    // What a blend must gain over the best model alone, as a share: less is chance.
    private const double LeastGain = 0.005;

    private static readonly double[] Factors = [0, 0.5, 0.8, 1.25, 2];

    private readonly TopItemsOptions _options;
    private readonly UserLists[] _users;
    private readonly int _members;

    /// <param name="models">Models that mean the same by indices.</param>
    /// <param name="heldOut">What their users took besides: at least one interaction.</param>
    /// <param name="count">Length of a model's list.</param>
    /// <param name="seed">Of the choice of users, where they are many.</param>
    /// <param name="options">Threads and cancellation.</param>
    public BlendWeights(IReadOnlyList<RecommenderModel> models, Interactions heldOut, int count, int seed, TopItemsOptions options)
    {
        (_members, _options) = (models.Count, options);
        var rows = heldOut.ByUser;
        var users = Enumerable.Range(0, rows.RowCount).Where(user => rows.Length(user) > 0).ToArray();
        if (users.Length > MostUsers)
            new Random(seed).Shuffle(users);
        users = [.. users.Take(MostUsers).Order()];
        RecommenderQuery[] queries = [.. users.Select(RecommenderQuery.ForUser)];
        TopItemLists[] lists = [.. models.Select(model => FusedModel.Propose(new(model, count), queries, options))];
        _users = new UserLists[users.Length];
        Parallel.For(0, users.Length, options.ToParallel(), list => _users[list] = new(lists, list, rows.Indices(users[list])));
        Alone = [.. Enumerable.Range(0, _members).Select(member => Ndcg(Only(member)))];
        Find();
    }

    /// <summary>By model: NDCG@20 of its lists alone.</summary>
    public double[] Alone { get; }

    /// <summary>By model: its weight, 0 or more; they sum to 1.</summary>
    public double[] Best { get; private set; } = [];

    /// <summary>NDCG@20 of the blend.</summary>
    public double BestNdcg { get; private set; }

    /// <summary>Adds up the scores of models by their weights; those of weight 0 are left out.</summary>
    /// <param name="models">The models.</param>
    /// <param name="weights">A weight for each.</param>
    /// <param name="count">Length of a model's list.</param>
    public static FusedModel Join(IEnumerable<RecommenderModel> models, IEnumerable<double> weights, int count) => new(
        [
            .. models.Zip(weights).Where(member => member.Second > 0)
                .Select(member => new CandidateSource(member.First, count, (float)member.Second)),
        ],
        CandidateFusion.StandardizedScore);

    private void Find()
    {
        var single = Alone.IndexOf(Alone.Max());
        (Best, BestNdcg) = (Only(single), Alone[single]);
        var counts = Only(single);
        for (int round = 0; round < Rounds; round++)
        {
            var ndcgs = Enumerable.Range(0, _members).Select(member => Ndcg(With(counts, member, counts[member] + 1))).ToArray();
            var member = ndcgs.IndexOf(ndcgs.Max());
            counts[member]++;
            Keep(counts, ndcgs[member]);
        }
        for (int member = 0; member < _members; member++)
        {
            var weights = Best;
            foreach (var factor in Factors)
                if (With(weights, member, weights[member] * factor) is var changed && changed.Sum() > 0)
                    Keep(changed, Ndcg(changed));
        }
        if (BestNdcg < Alone[single] * (1 + LeastGain))
            (Best, BestNdcg) = (Only(single), Alone[single]);
        var sum = Best.Sum();
        Best = Array.ConvertAll(Best, weight => weight / sum);
    }

    private void Keep(double[] weights, double ndcg)
    {
        if (ndcg > BestNdcg)
            (Best, BestNdcg) = ([.. weights], ndcg);
    }

    private double[] Only(int member) => With(new double[_members], member, 1);

    private static double[] With(double[] weights, int member, double weight)
    {
        double[] changed = [.. weights];
        changed[member] = weight;
        return changed;
    }

    private double Ndcg(double[] weights)
    {
        var ndcgs = new double[_users.Length];
        Parallel.For(0, ndcgs.Length, _options.ToParallel(), user => ndcgs[user] = _users[user].Ndcg(weights));
        return ndcgs.Average();
    }

    /// <summary>What all models propose to one user: their distinct items by ascending index, and each model's standardised
    /// scores.</summary>
    private sealed class UserLists
    {
        private readonly float[][] _scores;
        private readonly int[] _hits;
        private readonly int _heldOut;

        public UserLists(TopItemLists[] lists, int list, ReadOnlySpan<int> heldOut)
        {
            var items = Distinct(lists, list);
            _heldOut = heldOut.Length;
            _hits = [.. heldOut.ToArray().Select(item => Array.BinarySearch(items, item)).Where(place => place >= 0)];
            _scores = Array.ConvertAll(lists, proposed =>
            {
                var scores = new float[items.Length];
                var heights = FusedModel.Standardize(proposed.Scores(list));
                for (int place = 0; place < heights.Length; place++)
                    scores[Array.BinarySearch(items, proposed.Items(list)[place])] = heights[place];
                return scores;
            });
        }

        public double Ndcg(double[] weights)
        {
            var rented = ArrayPool<float>.Shared.Rent(_scores[0].Length);
            var blended = rented.AsSpan(0, _scores[0].Length);
            blended.Clear();
            for (int member = 0; member < weights.Length; member++)
                TensorPrimitives.MultiplyAdd(_scores[member], (float)weights[member], blended, blended);
            Span<bool> hits = stackalloc bool[RankingEvaluator.NdcgCutoff];
            hits.Clear();
            foreach (var place in _hits)
                if (blended[place] > 0 && RankOf(blended, place) is var rank && rank < hits.Length)
                    hits[rank] = true;
            ArrayPool<float>.Shared.Return(rented);
            return RankingMeasures.Ndcg(hits, _heldOut, hits.Length);
        }

        /// <summary>The items that any list has, ascending.</summary>
        private static int[] Distinct(TopItemLists[] lists, int list)
        {
            var items = new int[lists.Sum(proposed => proposed.Lengths[list])];
            int count = 0;
            foreach (var proposed in lists)
            {
                proposed.Items(list).CopyTo(items.AsSpan(count));
                count += proposed.Lengths[list];
            }
            Array.Sort(items);
            count = 0;
            foreach (var item in items)
                if (count == 0 || item != items[count - 1])
                    items[count++] = item;
            return items[..count];
        }

        // From 0; of equal scores the lower index comes first.
        private static int RankOf(ReadOnlySpan<float> scores, int place)
        {
            int rank = 0;
            for (int other = 0; other < scores.Length; other++)
                rank += scores[other] > scores[place] || (scores[other] == scores[place] && other < place) ? 1 : 0;
            return rank;
        }
    }
}
