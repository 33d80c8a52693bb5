using System.Numerics.Tensors;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// What <see cref="WalsTrainer"/> learns: an embedding for each user and item. A history that comes with a query is folded in:
/// its embedding is the exact minimiser of the trainer's objective, item embeddings fixed.
/// </summary>
public sealed class WalsModel : FactorModel
{
    internal const string FileKindName = "Wals";

    private readonly Lazy<FoldInProblem> _foldIn;

    internal WalsModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors, WalsSettings settings)
        : base(users, items, history, userFactors, itemFactors)
    {
        Settings = settings;
        _foldIn = new(() => new FoldInProblem(this));
    }

    /// <inheritdoc/>
    public override bool CanFoldIn => true;

    internal WalsSettings Settings { get; }

    internal override string FileKind => FileKindName;

    internal static WalsModel Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var userFactors = reader.ReadMatrix(users.Count);
        var itemFactors = reader.ReadMatrix(items.Count);
        if (userFactors.Columns != itemFactors.Columns)
            throw ModelReader.Damaged();
        return new WalsModel(users, items, history, userFactors, itemFactors, WalsSettings.Read(reader));
    }

    internal override void WriteState(ModelWriter writer)
    {
        base.WriteState(writer);
        Settings.Write(writer);
    }

    /// <summary>The embedding of somebody who was not in training, by what they took.</summary>
    /// <returns><see cref="FactorModel.ApproximationRank"/> values; zeros when no item of the history is known.</returns>
    /// <inheritdoc cref="FoldIn(RecommenderQuery)"/>
    public float[] FoldIn(ReadOnlyMemory<ItemFeedback> history) => FoldIn(RecommenderQuery.ForHistory(history));

    /// <summary>
    /// The embedding of a query, solved for exactly: from its history, joined for a known user with what training saw
    /// (a new entry replaces a trained one on the same item). Unknown items are left out; of several entries on one item the last counts.
    /// </summary>
    /// <returns><see cref="FactorModel.ApproximationRank"/> values; zeros when nothing is known about the query.</returns>
    /// <exception cref="ArgumentException">An entry has a NaN or infinite label or weight, or a weight that is negative, by itself or by the trainer's confidence scale.</exception>
    public float[] FoldIn(RecommenderQuery query)
    {
        var embedding = new float[ApproximationRank];
        _foldIn.Value.Solve(query, embedding);
        return embedding;
    }

    /// <inheritdoc cref="Explain(RecommenderQuery, int)"/>
    /// <param name="user">0-based index of a known user.</param>
    /// <param name="item">0-based index of a known item, taken or not.</param>
    public ItemContribution[] Explain(int user, int item) => Explain(RecommenderQuery.ForUser(user), item);

    /// <summary>
    /// Why an item scores as it does: how much each item of the query's history contributes (Hu, Koren, Volinsky 2008, section 5).
    /// </summary>
    /// <remarks>
    /// With the query's embedding solved for exactly, the score is ⟨V_i, A⁻¹ Σ_j w_j A_j V_j⟩: a sum over the history.
    /// A user's trained embedding is that solution when <see cref="WalsSolver.Cholesky"/> trained it, and close to it otherwise.
    /// </remarks>
    /// <param name="query">Who asks.</param>
    /// <param name="item">0-based index of a known item, taken or not.</param>
    /// <returns>One entry per known item of the history, largest contribution first. They add up to the score of the item for <see cref="FoldIn(RecommenderQuery)"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The item is not known to the model.</exception>
    /// <exception cref="ArgumentException">An entry has a NaN or infinite label or weight, or a weight that is negative, by itself or by the trainer's confidence scale.</exception>
    public ItemContribution[] Explain(RecommenderQuery query, int item)
    {
        if (!IsKnownItem(item))
            throw new ArgumentOutOfRangeException(nameof(item), item, $"Item index {item} is not known to the model: it needs to be in 0…{Items.Count - 1} and to occur in training.");
        return _foldIn.Value.Explain(query, item);
    }

    private protected override void Embed(RecommenderQuery query, Span<float> embedding)
    {
        if (query.History.IsEmpty)
            UserFactors(query.User).CopyTo(embedding);
        else
            _foldIn.Value.Solve(query, embedding);
    }

    /// <summary>The users' side of the objective with the item embeddings fixed.</summary>
    private sealed unsafe class FoldInProblem
    {
        private readonly WalsModel _model;
        private readonly FactorKernels _kernels;
        private readonly WalsSide _users;
        private readonly WalsSide _items;
        private readonly AlignedMatrix? _gramian;

        // A solver serves one thread at a time.
        private readonly ThreadLocal<WalsRowSolver> _solver;

        public FoldInProblem(WalsModel model)
        {
            _model = model;
            var settings = model.Settings;
            var factors = model.ItemMatrix;
            _kernels = FactorKernels.For(factors.Stride);
            var userCounts = new int[model.Users.Count];
            for (int user = 0; user < userCounts.Length; user++)
                userCounts[user] = model.History.Length(user);
            (_users, _items) = WalsSide.Create(userCounts, model.ItemCountArray, settings);
            if (settings.UnobservedWeight != 0)
            {
                _gramian = new AlignedMatrix(factors.Stride, factors.Stride);
                Gramian.Compute(_kernels, factors, _items.UnobservedScale, settings.UnobservedWeight, new ParallelOptions(), _gramian);
            }
            _solver = new(() => new WalsRowSolver(_kernels, settings, WalsSolver.Cholesky, _items, factors, _gramian));
        }

        public void Solve(RecommenderQuery query, Span<float> embedding)
        {
            var history = new JoinedHistory(_model, query);
            if (history.Items.Length == 0)
            {
                embedding.Clear();
                return;
            }
            var x = new AlignedMatrix(1, _model.ApproximationRank);
            _solver.Value!.Solve(Row(history), x.Pointer);
            x[0].CopyTo(embedding);
        }

        public ItemContribution[] Explain(RecommenderQuery query, int item)
        {
            var history = new JoinedHistory(_model, query);
            if (history.Items.Length == 0)
                return [];
            var row = Row(history);
            var z = new AlignedMatrix(1, _model.ApproximationRank);
            var solver = _solver.Value!;
            solver.Factor(row, z.Pointer);
            _model.ItemFactors(item).CopyTo(z[0]);
            solver.Backsolve(z.Pointer);

            // score = V_iᵀ A⁻¹ Σ g_j V_j = Σ g_j ⟨z, V_j⟩.
            var contributions = new ItemContribution[history.Items.Length];
            var targets = solver.WeightedTargets(row);
            for (int e = 0; e < contributions.Length; e++)
            {
                var taken = history.Items[e];
                contributions[e] = new ItemContribution(taken, targets[e] * TensorPrimitives.Dot(z[0], _model.ItemFactors(taken)));
            }
            Array.Sort(contributions, (a, b) => b.Contribution.CompareTo(a.Contribution));
            return contributions;
        }

        private WalsRow Row(JoinedHistory history) => new()
        {
            Indices = history.Items,
            Labels = history.Labels,
            Weights = history.Weights,
            Regularization = _users.RegularizationOf(history.Items.Length),
            Weight = _users.WeightOf(history.Items.Length),
            UnobservedScale = 1,
        };
    }

    /// <summary>What training and the query say somebody took: known items, ascending, once each.</summary>
    private readonly struct JoinedHistory
    {
        public JoinedHistory(WalsModel model, RecommenderQuery query)
        {
            var entries = new SortedDictionary<int, ItemFeedback>();
            if (model.IsKnownUser(query.User))
            {
                var items = model.History.Indices(query.User);
                var labels = model.History.Labels(query.User);
                var weights = model.History.Weights(query.User);
                for (int e = 0; e < items.Length; e++)
                    entries[items[e]] = new ItemFeedback(items[e], labels.IsEmpty ? 1 : labels[e], weights.IsEmpty ? 1 : weights[e]);
            }
            foreach (var entry in query.History.Span)
            {
                if (!float.IsFinite(entry.Label) || !float.IsFinite(entry.Weight) || entry.Weight < 0)
                    throw new ArgumentException($"The history holds {entry}; labels must be finite and weights finite and not negative.", nameof(query));
                model.Settings.CheckLabel(entry.Label);
                if (model.IsKnownItem(entry.Item))
                    entries[entry.Item] = entry;
            }
            Items = new int[entries.Count];
            Labels = new float[entries.Count];
            Weights = new float[entries.Count];
            var next = 0;
            foreach (var entry in entries.Values)
            {
                Items[next] = entry.Item;
                Labels[next] = entry.Label;
                Weights[next++] = entry.Weight;
            }
        }

        public int[] Items { get; }

        public float[] Labels { get; }

        public float[] Weights { get; }
    }
}
