using System.Numerics.Tensors;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The users' side of a squared objective with the item embeddings fixed, and its exact minimiser.</summary>
/// <remarks>With biases, b_u is the factor of one more column of ones, and what is predicted is A_ui − μ − b_i.</remarks>
internal sealed unsafe class FoldInProblem
{
    private readonly FactorModel _model;
    private readonly WalsSettings _settings;
    private readonly AlignedMatrix _features;
    private readonly FactorKernels _kernels;
    private readonly WalsSide _users;
    private readonly WalsSide _items;
    private readonly AlignedMatrix? _gramian;

    // A solver serves one thread at a time.
    private readonly ThreadLocal<WalsRowSolver> _solver;

    public FoldInProblem(FactorModel model, WalsSettings settings)
    {
        _model = model;
        _settings = settings;
        var factors = _features = model.HasBiases ? WithOnes(model) : model.ItemMatrix;
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

    /// <summary>Sets <paramref name="embedding"/> to what scores the items for a query: zeros when nothing is known about it.</summary>
    public void Solve(RecommenderQuery query, Span<float> embedding)
    {
        var history = new JoinedHistory(_model, query, _settings.CheckLabel);
        if (history.Items.Length == 0)
        {
            embedding.Clear();
            return;
        }
        var x = new AlignedMatrix(1, _features.Columns);
        _solver.Value!.Solve(Row(history), x.Pointer);
        x[0].CopyTo(embedding);
        if (_model.HasBiases)
        {
            embedding[^2] += _model.Mean;
            embedding[^1] = 1;
        }
    }

    public ItemContribution[] Explain(RecommenderQuery query, int item)
    {
        var history = new JoinedHistory(_model, query, _settings.CheckLabel);
        if (history.Items.Length == 0)
            return [];
        var row = Row(history);
        var z = new AlignedMatrix(1, _features.Columns);
        var solver = _solver.Value!;
        solver.Factor(row, z.Pointer);
        _features[item].CopyTo(z[0]);
        solver.Backsolve(z.Pointer);

        // score = V_iᵀ A⁻¹ Σ g_j V_j = Σ g_j ⟨z, V_j⟩.
        var contributions = new ItemContribution[history.Items.Length];
        var targets = solver.WeightedTargets(row);
        for (int e = 0; e < contributions.Length; e++)
        {
            var taken = history.Items[e];
            contributions[e] = new ItemContribution(taken, targets[e] * TensorPrimitives.Dot(z[0], _features[taken]));
        }
        Array.Sort(contributions, (a, b) => b.Contribution.CompareTo(a.Contribution));
        return contributions;
    }

    private WalsRow Row(JoinedHistory history)
    {
        if (_model.HasBiases)
            for (int e = 0; e < history.Items.Length; e++)
                history.Labels[e] -= _model.Mean + _model.ItemBias(history.Items[e]);
        return new WalsRow
        {
            Indices = history.Items,
            Labels = history.Labels,
            Weights = history.Weights,
            Regularization = _users.RegularizationOf(history.Items.Length),
            Weight = _users.WeightOf(history.Items.Length),
            UnobservedScale = 1,
        };
    }

    private static AlignedMatrix WithOnes(FactorModel model)
    {
        var features = new AlignedMatrix(model.ItemMatrix.Rows, model.ApproximationRank + 1);
        for (int item = 0; item < features.Rows; item++)
            model.ItemMatrix[item][..features.Columns].CopyTo(features[item]);
        return features;
    }
}
