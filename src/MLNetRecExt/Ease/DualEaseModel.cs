using System.Buffers;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<DualEaseModel>("DualEase")]

namespace MLNetRecExt;

/// <summary>
/// What <see cref="EaseTrainer"/> learns where users are few and all weights are kept: a matrix of users, of which the weight of any pair of
/// items follows. A known user without news costs one pass over all interactions; a history one more over the users who took one of its
/// items.
/// </summary>
public sealed class DualEaseModel : ItemToItemModel, ISavedModel<DualEaseModel>
{
    private readonly DualEaseState _state;
    private readonly Lazy<SparseMatrix> _byItem;
    private readonly Lazy<double> _largestScore;
    private readonly Lazy<double> _largestWeighed;

    internal DualEaseModel(IdMap users, IdMap items, InteractionRows history, DualEaseState state)
        : base(users, items, history)
    {
        _state = state;
        _byItem = new(() => ItemGramian.Values(history, items.Count, state.UserExponent).Transpose());
        _largestScore = new(FindLargestScore);
        _largestWeighed = new(FindLargestWeighed);
    }

    /// <summary>Beside the items in order, the interactions by item.</summary>
    internal override long CacheSize => base.CacheSize + 12L * History.EntryCount + 8L * Items.Count;

    internal override double LargestScore => Recency.IsOn ? _largestWeighed.Value : _largestScore.Value;

    // Where a user's row is weighed, the row of the inverse that training has of it does not serve.
    private protected override bool ScoresAllAtOnce => Recency.IsOn;

    /// <summary>X̃ᵀ.</summary>
    private SparseMatrix ByItem => _byItem.Value;

    /// <summary>N, users × users.</summary>
    private AlignedMatrix Inverse => _state.Inverse;

    static DualEaseModel ISavedModel<DualEaseModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var model = new DualEaseModel(users, items, history, DualEaseState.Read(reader, users.Count, items.Count));
        // The reader looks at single numbers alone, and these are of double precision.
        return model.LargestScore <= float.MaxValue ? model : throw ModelReader.Damaged();
    }

    // State: N: matrix, users × users; β: float32; κ: array of float64, one
    //        by item 1/Λ, s/Λ, C s: array of float64 each
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer) => _state.Write(writer);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => throw new NotSupportedException(
        $"{nameof(DualEaseModel)} cannot leave users out: it makes the weight of items of the histories of those who took them. "
        + $"Train Ease with {nameof(EaseTrainer.Options.IsDual)} = false, or again without their interactions.");

    /// <inheritdoc/>
    // B_ij = κ x̃_iᵀ N x̃_j / Λ_i · s_j / Λ_j
    protected override float Weight(int item, int taken)
    {
        if (item == taken)
            return 0;
        return (float)(Product(Inverse, ByItem, item, taken) * _state.Scale * _state.Taken[taken] * _state.Scored[item]);
    }

    private protected override void Contribute(TakenItems taken, int item, Span<float> contributions)
    {
        var rented = ArrayPool<double>.Shared.Rent(Inverse.Rows);
        var sums = rented.AsSpan(0, Inverse.Rows);
        AddRows(Inverse, ByItem, item, sums);
        for (int e = 0; e < contributions.Length; e++)
        {
            var other = taken.Items[e];
            var sum = Sum(sums, ByItem, other) * _state.Scale * _state.Taken[other] * _state.Scored[item];
            contributions[e] = other == item ? 0 : (float)(taken.Value(e) * sum);
        }
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var taken = new TakenItems(this, RecommenderQuery.ForUser(user));
        var score = Recency.IsOn ? Others(SumOverUsers(taken), item) : OthersOfKnown(user, FactorOf(user), item);
        if (taken.Items.BinarySearch(item) is var entry and >= 0)
            score += taken.Value(entry) * OwnOf(item, !Recency.IsOn);
        return (float)score;
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var taken = new TakenItems(this, query);
        var isKnown = !query.ChangesHistory && !Recency.IsOn;
        var sums = isKnown ? [] : SumOverUsers(taken);
        var factor = isKnown ? FactorOf(query.User) : 0;
        var e = 0;
        for (int item = 0; item < scores.Length; item++)
        {
            var score = isKnown ? OthersOfKnown(query.User, factor, item) : Others(sums, item);
            if (e < taken.Count && taken.Items[e] == item)
            {
                score += taken.Value(e) * OwnOf(item, isKnown);
                e++;
            }
            scores[item] = (float)score;
        }
    }

    /// <summary>x · sums, x being a row of a sparse matrix.</summary>
    internal static double Sum(ReadOnlySpan<float> sums, SparseMatrix x, int row)
    {
        var (start, end) = (x.OffsetArray[row], x.OffsetArray[row + 1]);
        double sum = 0;
        for (int e = start; e < end; e++)
            sum += (double)sums[x.IndexArray[e]] * x.ValueArray[e];
        return sum;
    }

    /// <inheritdoc cref="Sum(ReadOnlySpan{float}, SparseMatrix, int)"/>
    internal static double Sum(ReadOnlySpan<double> sums, SparseMatrix x, int row)
    {
        var (start, end) = (x.OffsetArray[row], x.OffsetArray[row + 1]);
        double sum = 0;
        for (int e = start; e < end; e++)
            sum += sums[x.IndexArray[e]] * x.ValueArray[e];
        return sum;
    }

    /// <summary>x A yᵀ, x and y being rows of a sparse matrix.</summary>
    internal static double Product(AlignedMatrix a, SparseMatrix x, int row, int other)
    {
        double sum = 0;
        for (int e = x.OffsetArray[row]; e < x.OffsetArray[row + 1]; e++)
            sum += x.ValueArray[e] * Sum(a[x.IndexArray[e]], x, other);
        return sum;
    }

    /// <summary>sums = x A, x being a row of a sparse matrix.</summary>
    internal static void AddRows(AlignedMatrix a, SparseMatrix x, int row, Span<double> sums)
    {
        sums.Clear();
        for (int e = x.OffsetArray[row]; e < x.OffsetArray[row + 1]; e++)
            AddRow(a[x.IndexArray[e]], x.ValueArray[e], sums);
    }

    private static void AddRow(ReadOnlySpan<float> row, double value, Span<double> sums)
    {
        for (int column = 0; column < row.Length; column++)
            sums[column] += value * row[column];
    }

    /// <summary>What a known user's row of the inverse gives: x̃_u Λ⁻¹ X̃ᵀ M⁻¹ X̃ = x̃_u − κ N_u X̃, the first of which is added apart.</summary>
    private double OthersOfKnown(int user, double factor, int item) =>
        // Not negated: that would make −0 of 0.
        0 - factor * _state.Scored[item] * Sum(Inverse[user], ByItem, item);

    /// <summary>What a history of which <see cref="SumOverUsers"/> was made gives.</summary>
    private double Others(double[] sums, int item) => _state.Scale * _state.Scored[item] * Sum(sums, ByItem, item);

    /// <summary>What takes an item's own part off its score.</summary>
    private double OwnOf(int item, bool isKnown) => isKnown ? _state.Own[item] : _state.Own[item] - _state.Scored[item];

    private double FactorOf(int user) => _state.Scale / ItemGramian.UserWeight(History, user, _state.UserExponent);

    /// <summary>N X̃ Λ⁻¹ x of what was taken.</summary>
    private double[] SumOverUsers(TakenItems taken)
    {
        var shares = new double[Inverse.Rows];
        for (int e = 0; e < taken.Count; e++)
        {
            var item = taken.Items[e];
            var value = taken.Value(e) * _state.Taken[item];
            for (int n = ByItem.OffsetArray[item]; n < ByItem.OffsetArray[item + 1]; n++)
                shares[ByItem.IndexArray[n]] += value * ByItem.ValueArray[n];
        }
        var sums = new double[shares.Length];
        for (int user = 0; user < shares.Length; user++)
            if (shares[user] != 0)
                AddRow(Inverse[user], shares[user], sums);
        return sums;
    }

    /// <summary>As if all items were taken, for weights of any size.</summary>
    private double FindLargestWeighed()
    {
        var value = (double)Math.Abs(History.LargestLabel) * History.LargestWeight;
        double[] parts = [.. Enumerable.Range(0, ByItem.RowCount)
            .Select(item => ByItem.Values(item).ToArray().Sum(part => Math.Abs((double)part)))];
        double shares = 0, most = 0;
        for (int item = 0; item < parts.Length; item++)
            shares += value * Math.Abs(_state.Taken[item]) * parts[item];
        var largest = Inverse.LargestMagnitude * shares;
        for (int item = 0; item < parts.Length; item++)
            most = Math.Max(most, _state.Scale * Math.Abs(_state.Scored[item]) * largest * parts[item]
                + value * (Math.Abs(_state.Own[item]) + Math.Abs(_state.Scored[item])));
        return most;
    }

    private double FindLargestScore()
    {
        double largest = Inverse.LargestMagnitude, most = 0;
        var users = 1.0;
        for (int user = 0; user < History.RowCount; user++)
            users = Math.Max(users, 1 / ItemGramian.UserWeight(History, user, _state.UserExponent));
        var value = (double)Math.Abs(History.LargestLabel) * History.LargestWeight;
        for (int item = 0; item < ByItem.RowCount; item++)
        {
            double sum = 0;
            foreach (var part in ByItem.Values(item))
                sum += Math.Abs(part);
            var others = _state.Scale * Math.Abs(_state.Scored[item]) * users * largest * sum;
            most = Math.Max(most, others + value * Math.Abs(_state.Own[item]));
        }
        return most;
    }
}
