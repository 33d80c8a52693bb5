using System.Runtime.CompilerServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Solves exactly for a row of few entries, in the symbols of <see cref="WalsRowSolver"/>, by a system of their number n (Woodbury 1950).
/// In the basis of <see cref="GramianBasis"/>, D = f·Λ + λs·I and S = C^½ Ṽ D^−½, of n rows:
/// x = Q D^−½ (r − Sᵀ z) with r = D^−½ Ṽᵀ g and (I + S Sᵀ) z = S r. Holds the scratch memory of one thread.
/// </summary>
internal sealed unsafe class ShortRowSolver
{
    /// <summary>With fewer factors the rank's own system costs no more.</summary>
    private const int LeastStride = 96;

    /// <summary>So many factors an entry a short row has at least.</summary>
    private const int FactorsPerEntry = 3;

    private const int Line = 16;

    // Beyond it the numbers of S are too large beside the one on the diagonal: single precision would lose it.
    private const float LargestDiagonal = 1e5f;

    private readonly FactorKernels _kernels;
    private readonly GramianBasis _basis;

    // By lines of entries.
    private readonly FactorKernels[] _small;
    private readonly AlignedMatrix _panel, _columns, _normal, _vectors;

    public ShortRowSolver(FactorKernels kernels, GramianBasis basis)
    {
        (_kernels, _basis) = (kernels, basis);
        var lines = kernels.Stride / FactorsPerEntry / Line + 1;
        _small = [.. Enumerable.Range(1, lines).Select(line => FactorKernels.For(line * Line))];
        _panel = new(lines * Line, kernels.Stride);
        _columns = new(2 * kernels.Stride, lines * Line);
        _normal = new(lines * Line, lines * Line);
        _vectors = new(6, kernels.Stride);
    }

    /// <summary>Whether rows of so many entries on average are worth a basis.</summary>
    public static bool Pays(double meanEntries, int columns) =>
        (columns + Line - 1) / Line * Line is >= LeastStride and var stride && meanEntries * FactorsPerEntry <= stride;

    /// <summary>Sets <paramref name="x"/> to the solution, and the value to xᵀAx − 2xᵀb.</summary>
    /// <returns>False where the row is long, or its numbers ask for the rank's own system.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TrySolve(WalsRowSolver solver, WalsRow row, float* x, out double value)
    {
        value = 0;
        int n = row.Indices.Length, d = _kernels.Stride;
        if (n * FactorsPerEntry > d || !(row.Regularization > 0))
            return false;
        float* c = Vector(0), g = Vector(1), b = Vector(2), scale = Vector(3), r = Vector(4);
        var rows = solver.Prepare(row, 0, n, c, g);
        for (int e = 0; e < n; e++)
        {
            if (!(c[e] >= 0))
                return false;
            c[e] = MathF.Sqrt(c[e]);
        }
        _kernels.Gather(_basis.Factors.Pointer, row.Indices, _panel.Pointer);
        new Span<float>(b, d).Clear();
        _kernels.AddWeighted(_panel.Pointer, rows, g, b);
        for (int k = 0; k < d; k++)
        {
            scale[k] = 1 / MathF.Sqrt(row.UnobservedScale * _basis.Values[k] + row.Regularization);
            r[k] = b[k] * scale[k];
        }

        var z = g;
        if (!SolveSmall(n, c, scale, r, z))
            return false;
        for (int e = 0; e < rows; e++)
            z[e] = e < n ? z[e] * c[e] : 0;
        // x holds Ṽᵀ C^½ z before it is the solution.
        new Span<float>(x, d).Clear();
        _kernels.AddWeighted(_panel.Pointer, rows, z, x);
        for (int k = 0; k < d; k++)
            r[k] = scale[k] * (r[k] - scale[k] * x[k]);
        value = -_kernels.Dot(r, b);
        new Span<float>(x, d).Clear();
        _kernels.AddWeighted(_basis.Vectors.Pointer, d, r, x);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>z = (I + S Sᵀ)⁻¹ S r, filled up with zeros to a full line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool SolveSmall(int n, float* c, float* scale, float* r, float* z)
    {
        var small = _small[(n - 1) / Line];
        int d = _kernels.Stride, width = small.Stride;
        // Sᵀ: a row a factor, a column an entry.
        float* s = _columns.Pointer, minus = s + d * width, normal = _normal.Pointer, inverses = Vector(5);
        for (int k = 0; k < d; k++)
            for (int e = 0; e < width; e++)
                s[k * width + e] = e < n ? _panel.Pointer[e * d + k] * (c[e] * scale[k]) : 0;
        small.Scale(s, d, null, -1, minus);
        new Span<float>(normal, width * width).Clear();
        for (int e = 0; e < width; e++)
            normal[e * width + e] = 1;
        small.SubtractProducts(minus, s, d, normal);
        for (int e = 0; e < n; e++)
            if (!(normal[e * width + e] <= LargestDiagonal))
                return false;
        small.Factor(normal, inverses);
        new Span<float>(z, width).Clear();
        small.AddWeighted(s, d, r, z);
        small.Solve(normal, inverses, z);
        return true;
    }

    private float* Vector(int index) => _vectors.Pointer + index * _vectors.Stride;
}
