using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// What one process does of a half: it solves a range of positions, and sums some groups of the Gramian of the side that is fixed. Who
/// trains alone does all. Between the steps those who train together exchange what they computed; the bits are those of one.
/// </summary>
internal sealed unsafe class WalsShard
{
    private readonly WalsSolver _solver;
    private readonly float _unobservedWeight;
    private readonly ParallelOptions _parallel;
    private readonly AlignedMatrix? _gramian;

    // Made where rows are short and all are solved exactly.
    private GramianBasis? _basis;

    /// <param name="half">The positions, and all else about them.</param>
    /// <param name="solver">How a row is solved.</param>
    /// <param name="gramian">Where the Gramian belongs; null: nothing is unobserved.</param>
    /// <param name="unobservedWeight">w0.</param>
    /// <param name="parallel">Threads.</param>
    public WalsShard(WalsHalf half, WalsSolver solver, AlignedMatrix? gramian, float unobservedWeight, ParallelOptions parallel)
    {
        Half = half;
        (_solver, _gramian, _unobservedWeight, _parallel) = (solver, gramian, unobservedWeight, parallel);
        if (gramian is not null)
            Gramian = new(FactorKernels.For(half.OtherFactors.Stride), half.OtherFactors);
    }

    /// <summary>Sets a term for each row of a group, which begins at a position.</summary>
    private delegate void SetGroup(WalsHalf half, int thread, int first, Span<double> terms);

    public WalsHalf Half { get; }

    /// <summary>The parts of the Gramian of the side that is fixed; null where nothing is unobserved.</summary>
    public GramianParts? Gramian { get; }

    /// <summary>The first of the Gramian's parts that somebody who shares the training sums, or the end.</summary>
    public int FirstPart(int share) => (int)((long)(Gramian?.Groups ?? 0) * share / (Half.Borders.Length - 1));

    /// <summary>Sums the groups of the Gramian that are summed here.</summary>
    public void SumGramianParts() =>
        Gramian?.Compute(FirstPart(Half.Share), FirstPart(Half.Share + 1), Half.Other.UnobservedScale, _unobservedWeight, _parallel);

    /// <summary>Makes the Gramian of the parts of all.</summary>
    public void AddGramianParts() => Gramian?.AddTo(_gramian!);

    /// <summary>Solves the positions. Their terms are those of the objective that the half knows.</summary>
    /// <param name="solved">Told of each group that is done, its first position and its end, on the thread that solved it; null:
    /// nobody.</param>
    public void Solve(Action<int, int>? solved = null)
    {
        Half.Solvers[0].OtherCopy?.CopyFrom(Half.OtherFactors, _parallel);
        SetGroups(_solver != WalsSolver.Cholesky ? Improve : EachRow(HasBasis() ? SolveShort : Solve), solved);
    }

    /// <summary>Whether rows are short enough for a basis of the Gramian, which is then set.</summary>
    private bool HasBasis()
    {
        if (_gramian is null || Half.Priors is not null || !ShortRowSolver.Pays(Half.Side.MeanCount, Half.OtherFactors.Columns))
            return false;
        if (_basis is null)
        {
            _basis = new(Half.Solvers[0].Kernels, Half.OtherFactors.Rows);
            foreach (var solver in Half.Solvers)
                solver.ShortRows = new(solver.Kernels, _basis);
        }
        _basis.Set(_gramian, Half.OtherFactors, _parallel);
        return true;
    }

    private static double SolveShort(WalsHalf half, int position, WalsRowSolver solver)
    {
        var row = half.Row(position);
        return solver.ShortRows!.TrySolve(solver, row, half.FactorsOf(position), out var value)
            ? value
            : solver.Solve(row, half.FactorsOf(position));
    }

    public static double Solve(WalsHalf half, int position, WalsRowSolver solver) =>
        solver.Solve(half.Row(position), half.FactorsOf(position));

    /// <summary>Sets the term of each row with entries, on all threads.</summary>
    public void SetTerms(Func<WalsHalf, int, WalsRowSolver, double> term) => SetGroups(EachRow(term), null);

    /// <summary>Adds the terms to a sum one after the other, in the order of positions, so that neither threads nor shares show in the
    /// bits.</summary>
    public double AddTerms(double sum)
    {
        foreach (var term in Half.Terms)
            sum += term;
        return sum;
    }

    private static void Improve(WalsHalf half, int thread, int first, Span<double> terms) =>
        (half.GroupSolvers[thread] ??= new WalsGroupSolver(half, half.Solvers[thread])).Improve(first, terms);

    private static SetGroup EachRow(Func<WalsHalf, int, WalsRowSolver, double> term) => (half, thread, first, terms) =>
    {
        for (int i = 0; i < terms.Length; i++)
        {
            if (i + 1 < terms.Length)
                half.Prefetch(first + i + 1);
            terms[i] = term(half, first + i, half.Solvers[thread]);
        }
    };

    /// <summary>Groups are taken from the longest rows on as threads come free; each row's term has its own place.</summary>
    private void SetGroups(SetGroup set, Action<int, int>? done)
    {
        var starts = Half.GroupStarts;
        var next = -1;
        Parallel.For(0, Half.Solvers.Length, _parallel, thread =>
        {
            int group;
            while (!_parallel.CancellationToken.IsCancellationRequested && (group = Interlocked.Increment(ref next)) < starts.Length - 1)
            {
                var (first, end) = (starts[group], starts[group + 1]);
                set(Half, thread, first, Half.Terms.AsSpan((first - Half.First)..(end - Half.First)));
                done?.Invoke(first, end);
            }
        });
        _parallel.CancellationToken.ThrowIfCancellationRequested();
    }
}
