using System.Numerics.Tensors;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The users' side of a squared objective with the item embeddings fixed, and its exact minimiser.</summary>
/// <remarks>With biases, b_u is the factor of the items' column of ones, and the query's own 1 for their biases is not solved
/// for.</remarks>
internal sealed unsafe class FoldInProblem
{
    private readonly FactorModel _model;
    private readonly FactorKernels _kernels;

    // A solver serves one thread at a time.
    private readonly ThreadLocal<WalsRowSolver> _solver;

    public FoldInProblem(FactorModel model, WalsSettings settings)
    {
        _model = model;
        Settings = settings;
        var factors = model.SolvedItemMatrix;
        _kernels = FactorKernels.For(factors.Stride);
        var userCounts = new int[model.Users.Count];
        for (int user = 0; user < userCounts.Length; user++)
            userCounts[user] = model.History.Length(user);
        var hasUntaken = Enumerable.Range(0, model.Items.Count).Any(item => model.ItemCountArray[item] == 0 && model.IsKnownItem(item));
        (Users, Items) = WalsSide.Create(userCounts, model.ItemCountArray, settings, hasUntaken, model.History.Removed);
        if (settings.UnobservedWeight != 0)
        {
            Gramian = new AlignedMatrix(factors.Stride, factors.Stride);
            Kernels.Gramian.Compute(_kernels, factors, Items.UnobservedScale, settings.UnobservedWeight, new ParallelOptions(), Gramian);
        }
        _solver = new(() => new WalsRowSolver(_kernels, settings, WalsSolver.Cholesky, Items, factors, Gramian, model.HasBiases ? factors.Columns - 1 : null, model.Mean));
    }

    /// <summary>Bytes that it takes, with the solver of one thread: 24 per user and item, and some matrices of K × K.</summary>
    public static long SizeOf(FactorModel model) => SizeOf(model.Users.Count, model.Items.Count, model.ItemMatrix.Stride, threads: 1);

    /// <summary>Bytes that it takes with the solvers of some threads, for embeddings of so many columns.</summary>
    public static long MemoryFor(Interactions train, int columns, int threads) =>
        SizeOf(train.Users.Count, train.Items.Count, AlignedMatrix.BytesOf(1, columns) / sizeof(float), threads);

    private static long SizeOf(long users, long items, long stride, int threads) =>
        24 * (users + items) + 8 * threads * stride * (stride + 128);

    public WalsSettings Settings { get; }

    public WalsSide Users { get; }

    public WalsSide Items { get; }

    /// <summary>w0 Σ f_i v_i v_iᵀ, padded; null when w0 is 0.</summary>
    public AlignedMatrix? Gramian { get; }

    /// <summary>Sets <paramref name="embedding"/> to what scores the items for a query: zeros when nothing is known about it.</summary>
    public void Solve(RecommenderQuery query, Span<float> embedding)
    {
        var taken = Taken(query);
        if (taken.Count == 0)
        {
            embedding.Clear();
            return;
        }
        var x = new AlignedMatrix(1, _model.ItemMatrix.Columns);
        _solver.Value!.Solve(Row(taken), x.Pointer);
        x[0].CopyTo(embedding);
        if (_model.HasBiases)
            embedding[^2] += _model.Mean;
    }

    public Contribution[] Explain(RecommenderQuery query, int item)
    {
        var taken = Taken(query);
        if (taken.Count == 0)
            return [];
        var row = Row(taken);
        var items = _model.SolvedItemMatrix;
        var z = new AlignedMatrix(1, items.Columns);
        var solver = _solver.Value!;
        solver.Factor(row, z.Pointer);
        _model.ItemMatrix[item].CopyTo(z[0]);
        if (_model.HasBiases)
            z[0][^1] = 0;
        solver.Backsolve(z.Pointer);

        // score = V_iᵀ A⁻¹ Σ g_j V_j = Σ g_j ⟨z, V_j⟩, V_i smoothed where items are; with biases, what it has beyond μ + b_i.
        var contributions = new Contribution[taken.Count];
        var targets = solver.WeightedTargets(row);
        for (int e = 0; e < contributions.Length; e++)
            contributions[e] = Contribution.OfItem(taken.Items[e], targets[e] * TensorPrimitives.Dot(z[0], items[taken.Items[e]]));
        return contributions;
    }

    private TakenItems Taken(RecommenderQuery query)
    {
        foreach (var entry in query.History.Span)
            Settings.CheckLabel(entry.Label);
        return new TakenItems(_model, query);
    }

    private WalsRow Row(TakenItems taken) => new()
    {
        Indices = taken.Items,
        Labels = taken.Labels,
        Weights = taken.Weights,
        Regularization = Users.RegularizationOf(taken.Count),
        Weight = Users.WeightOf(taken.Count),
        UnobservedScale = 1,
    };
}
