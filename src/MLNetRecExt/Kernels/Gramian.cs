namespace MLNetRecExt.Kernels;

/// <summary>The Gramian of a factor matrix, the same bits for any number of threads.</summary>
internal static class Gramian
{
    // Whatever the number of threads: which partial sums there are must not depend on it.
    private const int LeastGroups = 16, MostGroups = 1024, RowsOfGroup = 1 << 16;

    /// <summary>So many rows are scaled and multiplied at a time.</summary>
    public const int PanelRows = 32;

    /// <summary>How many parts the rows are summed in, each by a thread: 16, and of a million rows or more one for each 65,536.</summary>
    public static int GroupsOf(int rows) => Math.Min(Math.Clamp(rows / RowsOfGroup, LeastGroups, MostGroups), (rows + PanelRows - 1) / PanelRows);

    /// <summary>
    /// gramian = scale · Σ_r weights[r] · factors[r] factors[r]ᵀ, both triangles; <paramref name="weights"/> null stands for ones.
    /// </summary>
    public static void Compute(
        FactorKernels kernels, AlignedMatrix factors, float[]? weights, float scale, ParallelOptions parallel, AlignedMatrix gramian)
    {
        var parts = new GramianParts(kernels, factors);
        parts.Compute(0, parts.Groups, weights, scale, parallel);
        parts.AddTo(gramian);
    }
}
