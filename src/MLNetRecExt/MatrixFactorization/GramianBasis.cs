using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// The eigenvectors of the Gramian G = Q Λ Qᵀ, and the factors of the fixed side in their basis, Ṽ = V Q. There f·G + λs·I is diagonal for
/// every row.
/// </summary>
/// <param name="kernels">For rows of as many factors.</param>
/// <param name="rows">Rows of the fixed side.</param>
internal sealed unsafe class GramianBasis(FactorKernels kernels, int rows)
{
    private const int MostRounds = 40;
    private const int RowsPerPart = 256;

    // Of rows that are so, no rotation makes anything better.
    private const double Orthogonal = 1e-14;

    private readonly int _rank = kernels.Stride;
    private readonly AlignedMatrix _columns = new(kernels.Stride, kernels.Stride);

    /// <summary>Qᵀ: an eigenvector a row.</summary>
    public AlignedMatrix Vectors { get; } = new(kernels.Stride, kernels.Stride);

    /// <summary>Λ.</summary>
    public float[] Values { get; } = new float[kernels.Stride];

    /// <summary>Ṽ.</summary>
    public AlignedMatrix Factors { get; } = new(rows, kernels.Stride);

    /// <summary>The bytes of one.</summary>
    public static long BytesOf(long rows, int columns) => AlignedMatrix.BytesOf(rows + 2 * columns, columns);

    /// <summary>Finds the basis, and moves the factors into it.</summary>
    /// <param name="gramian">G; only its upper triangle is read.</param>
    /// <param name="factors">V.</param>
    /// <param name="parallel">Threads; they do not show in the bits.</param>
    public void Set(AlignedMatrix gramian, AlignedMatrix factors, ParallelOptions parallel)
    {
        SetVectors(gramian, parallel.CancellationToken);
        for (int j = 0; j < _rank; j++)
            for (int k = 0; k < _rank; k++)
                _columns.PaddedRow(k)[j] = Vectors.PaddedRow(j)[k];
        PanelIndex.InParts(factors.Rows, RowsPerPart, parallel, row =>
        {
            Factors.PaddedRow(row).Clear();
            kernels.AddWeighted(
                _columns.Pointer, _rank, factors.Pointer + (long)row * _rank, Factors.Pointer + (long)row * _rank);
        });
    }

    /// <summary>One-sided rotations (Hestenes 1958): the rows of Qᵀ G become orthogonal, and are then λ_j q_jᵀ.</summary>
    private void SetVectors(AlignedMatrix gramian, CancellationToken cancellationToken)
    {
        var (w, q) = (new double[_rank][], new double[_rank][]);
        for (int j = 0; j < _rank; j++)
        {
            (w[j], q[j]) = (new double[_rank], new double[_rank]);
            q[j][j] = 1;
            for (int k = 0; k < _rank; k++)
                w[j][k] = gramian.PaddedRow(Math.Min(j, k))[Math.Max(j, k)];
        }
        var isDone = false;
        for (int round = 0; round < MostRounds && !isDone; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            isDone = true;
            for (int i = 0; i < _rank; i++)
                for (int j = i + 1; j < _rank; j++)
                    isDone &= !Rotate(w[i], w[j], q[i], q[j]);
        }
        for (int j = 0; j < _rank; j++)
        {
            Values[j] = (float)Math.Max(0, TensorPrimitives.Dot<double>(w[j], q[j]));
            for (int k = 0; k < _rank; k++)
                Vectors.PaddedRow(j)[k] = (float)q[j][k];
        }
    }

    /// <summary>Makes two rows orthogonal, and turns their vectors alike.</summary>
    /// <returns>False where they are orthogonal.</returns>
    private static bool Rotate(double[] a, double[] b, double[] p, double[] q)
    {
        double aa = TensorPrimitives.Dot<double>(a, a), bb = TensorPrimitives.Dot<double>(b, b), ab = TensorPrimitives.Dot<double>(a, b);
        // Negated: numbers that are not finite are left alone.
        if (!(Math.Abs(ab) > Orthogonal * Math.Sqrt(aa * bb)))
            return false;
        var zeta = (bb - aa) / (2 * ab);
        var tangent = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
        var cosine = 1 / Math.Sqrt(1 + tangent * tangent);
        Turn(a, b, cosine, cosine * tangent);
        Turn(p, q, cosine, cosine * tangent);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(double[] a, double[] b, double cosine, double sine)
    {
        for (int k = 0; k < a.Length; k++)
            (a[k], b[k]) = (cosine * a[k] - sine * b[k], sine * a[k] + cosine * b[k]);
    }
}
