using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>What <see cref="RecommenderModel.Without(IEnumerable{int})"/> hands to a model: who stays, and the parts of the model that are
/// by user cut down to them.</summary>
public sealed class KeptUsers
{
    // Models of one history share what is left of it.
    private readonly Dictionary<InteractionRows, InteractionRows> _histories = new(ReferenceEqualityComparer.Instance);

    internal KeptUsers(IdMap users, HashSet<int> removed)
    {
        int[] kept = [.. Enumerable.Range(0, users.Count).Where(user => !removed.Contains(user))];
        // Keys without values are their own numbers, which must not change: who goes leaves a gap.
        var leavesGaps = users is { IsKey: true, Kind: null } && kept.Length > 0;
        Rows = leavesGaps ? [.. Enumerable.Range(0, users.Count).Select(user => removed.Contains(user) ? -1 : user)] : kept;
        Users = leavesGaps ? users : users.Only(kept);
    }

    /// <summary>The ids of those who stay.</summary>
    public IdMap Users { get; }

    /// <summary>By index of <see cref="Users"/> the index that the user had before; −1 for a key without values whose user has
    /// gone.</summary>
    public IReadOnlyList<int> Indices => Rows;

    internal int[] Rows { get; }

    /// <summary>The history of those who stay; item counts and mean labels stay those of all.</summary>
    /// <param name="model">Whose history.</param>
    public InteractionRows HistoryOf(RecommenderModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!_histories.TryGetValue(model.History, out var kept))
            _histories.Add(model.History, kept = model.History.Only(Rows, model.Items.Count));
        return kept;
    }

    /// <summary>The rows of those who stay.</summary>
    /// <param name="byUser">A row per user of before.</param>
    /// <param name="missing">What stands in the row of a key whose user has gone.</param>
    public AlignedMatrix RowsOf(AlignedMatrix byUser, float missing = 0)
    {
        ArgumentNullException.ThrowIfNull(byUser);
        var rows = new AlignedMatrix(Rows.Length, byUser.Columns);
        for (int row = 0; row < Rows.Length; row++)
            if (Rows[row] >= 0)
                byUser[Rows[row]].CopyTo(rows[row]);
            else
                rows[row].Fill(missing);
        return rows;
    }

    /// <summary>A model that the one without users asks, without the same users.</summary>
    /// <param name="model">A model of the same ids.</param>
    /// <exception cref="NotSupportedException">It cannot be without them.</exception>
    public RecommenderModel In(RecommenderModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Keep(this);
    }
}
