using System.Buffers;
using System.Numerics.Tensors;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The form of EASE that inverts a matrix of users instead of one of items.</summary>
// By Woodbury, with M = I + X̃ Λ⁻¹ X̃ᵀ:
//     C_ij = (X̃ᵀX̃ + Λ)⁻¹_ij = −x̃_iᵀ M⁻¹ x̃_j / (Λ_i Λ_j)  for i ≠ j,   C_jj = 1/Λ_j − x̃_jᵀ M⁻¹ x̃_j / Λ_j²
// M is inverted times a power of two κ, which brings its largest number near 1: N = (κM)⁻¹, M⁻¹ = κN.
internal sealed class EaseDual
{
    private readonly EaseProblem _problem;
    private readonly AlignedMatrix _inverse;
    private readonly double _scale;
    private readonly double[] _diagonal;
    private SparseMatrix? _largest;

    private EaseDual(EaseProblem problem, AlignedMatrix inverse, double scale, ParallelOptions parallel)
    {
        (_problem, _inverse, _scale) = (problem, inverse, scale);
        _diagonal = new double[problem.Penalties.Length];
        Parallel.For(0, _diagonal.Length, parallel, item => _diagonal[item] = Diagonal(item));
    }

    /// <summary>Null when the matrix cannot be inverted in single precision.</summary>
    public static EaseDual? Solve(EaseProblem problem, ParallelOptions parallel)
    {
        var users = problem.Train.Users.Count;
        var inverse = new AlignedMatrix(users, users);
        var byUser = DivideByPenalties(problem);
        var ones = new double[users];
        Array.Fill(ones, 1);
        var scale = ItemGramian.Fill(byUser, byUser.Transpose(), ones, inverse, parallel);
        if (!SymmetricInverse.Negated(inverse, parallel))
            return null;
        SymmetricInverse.Mirror(inverse, parallel);
        Parallel.For(0, users, parallel, row => TensorPrimitives.Negate(inverse[row], inverse[row]));
        return new EaseDual(problem, inverse, scale, parallel);
    }

    /// <summary>The model with all weights, which holds the inverse and no weight.</summary>
    public DualEaseModel ToModel(float relaxation)
    {
        var items = _diagonal.Length;
        var (taken, scored, own) = (new double[items], new double[items], new double[items]);
        for (int item = 0; item < items; item++)
        {
            var multiplier = Multiplier(item, relaxation);
            taken[item] = 1 / _problem.Penalties[item];
            scored[item] = multiplier / _problem.Penalties[item];
            own[item] = multiplier * _diagonal[item];
        }
        var train = _problem.Train;
        return new(train.Users, train.Items, train.ByUser, new(_inverse, _scale, _problem.UserExponent, taken, scored, own));
    }

    /// <summary>By item its largest weights.</summary>
    public SparseMatrix ToWeights(int count, float relaxation, ParallelOptions parallel)
    {
        // A multiplier is one of an item's whole column: which weights are the largest does not depend on it.
        _largest ??= Largest(count, parallel);
        var values = (float[])_largest.ValueArray.Clone();
        for (int item = 0; item < _largest.RowCount; item++)
        {
            var factor = (float)(Multiplier(item, relaxation) / _problem.Penalties[item]);
            for (int e = _largest.OffsetArray[item]; e < _largest.OffsetArray[item + 1]; e++)
                values[e] *= factor;
        }
        return new(_largest.OffsetArray, _largest.IndexArray, values, _largest.ColumnCount);
    }

    /// <summary>max(Λ_j, (1 − ξ) / C_jj).</summary>
    private double Multiplier(int item, float relaxation) => Math.Max(_problem.Penalties[item], (1.0 - relaxation) / _diagonal[item]);

    /// <summary>X̃ Λ^(−½): X̂ with M = I + X̂ X̂ᵀ.</summary>
    private static SparseMatrix DivideByPenalties(EaseProblem problem)
    {
        var x = problem.ByUser;
        var values = new float[x.ValueArray.Length];
        for (int e = 0; e < x.EntryCount; e++)
        {
            values[e] = (float)(x.ValueArray[e] / Math.Sqrt(problem.Penalties[x.IndexArray[e]]));
            if (!float.IsFinite(values[e]))
                throw new ArgumentException(
                    $"Label times weight {x.ValueArray[e]} is too large for single precision: scale labels or weights down.");
        }
        return new(x.OffsetArray, x.IndexArray, values, x.ColumnCount);
    }

    /// <summary>C_jj.</summary>
    private double Diagonal(int item)
    {
        var penalty = _problem.Penalties[item];
        var diagonal = (1 - _scale * DualEaseModel.Product(_inverse, _problem.ByItem, item, item) / penalty) / penalty;
        // Where it is the small difference of two large numbers, rounding may take it below what no inverse has.
        return Math.Max(diagonal, 1 / (penalty + ItemGramian.SumOfSquares(_problem.ByItem.Values(item))));
    }

    /// <summary>By item the largest of −C_ij Λ_j.</summary>
    private SparseMatrix Largest(int count, ParallelOptions parallel)
    {
        var items = _diagonal.Length;
        var top = new TopWeights(items, count);
        Parallel.For(0, items, parallel, item =>
        {
            var (sums, weights) = (ArrayPool<double>.Shared.Rent(_inverse.Rows), ArrayPool<float>.Shared.Rent(items));
            DualEaseModel.AddRows(_inverse, _problem.ByItem, item, sums.AsSpan(0, _inverse.Rows));
            for (int taken = 0; taken < items; taken++)
                weights[taken] = taken == item ? 0
                    : (float)(_scale / _problem.Penalties[taken] * DualEaseModel.Sum(sums, _problem.ByItem, taken));
            top.Keep(item, weights.AsSpan(0, items));
            ArrayPool<double>.Shared.Return(sums);
            ArrayPool<float>.Shared.Return(weights);
        });
        return top.ToMatrix();
    }
}
