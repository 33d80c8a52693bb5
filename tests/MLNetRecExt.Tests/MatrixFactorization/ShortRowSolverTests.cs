using System.Numerics.Tensors;
using Microsoft.ML;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.MatrixFactorization;

public sealed unsafe class ShortRowSolverTests
{
    private const int Users = 120, Items = 160;

    [Theory]
    [InlineData(81)]
    [InlineData(96)]
    [InlineData(130)]
    public void Fit_ShortRows_UsersEqualADenseSolveAndTheLossIsTheDenseObjective(int rank)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            var problem = Problem(rank, seed);
            double loss = 0;
            problem.Options.Progress = new Forwarded<TrainingProgress>(progress => loss = progress.Loss);
            var model = new MLContext().Recommenders().Trainers.Wals(problem.Options).Fit(problem.Data);

            Assert.InRange(loss / problem.Loss(model), 1 - 1e-5, 1 + 1e-5);
            for (int user = 0; user < Users; user++)
                if (problem.UserCount(user) > 0)
                {
                    var expected = problem.SolveUser(user, model);
                    var distance = expected.Zip(model.UserFactors(user).ToArray(), (a, b) => (a - b) * (a - b)).Sum();
                    Assert.InRange(Math.Sqrt(distance / expected.Sum(value => value * value)), 0, 1e-4);
                }
        }
    }

    [Fact]
    public void TrySolve_RowsThatAreShort_GivesWhatTheRanksOwnSystemGives()
    {
        var (half, shortRows) = Swept(Problem(rank: 96, seed: 5));
        var (solver, other, solved) = (half.Solvers[0], new AlignedMatrix(1, 96), 0);
        for (int position = half.First; position < half.End; position++)
        {
            var row = half.Row(position);
            var isSolved = shortRows.TrySolve(solver, row, half.FactorsOf(position), out var value);
            var expectedValue = solver.Solve(row, other.Pointer);
            if (!isSolved)
                continue;
            solved++;
            Assert.InRange(row.Indices.Length, 1, 32);
            Assert.InRange(value / expectedValue, 1 - 1e-5, 1 + 1e-5);
            var factors = half.Factors.PaddedRow(half.Places[position]);
            Assert.InRange(TensorPrimitives.Distance<float>(other.PaddedRow(0), factors) / TensorPrimitives.Norm<float>(factors), 0, 1e-4);
        }
        Assert.InRange(solved, Users / 2, Users);
    }

    [Fact]
    public void TrySolve_NumbersThatSinglePrecisionLoses_LeavesTheRowToTheRanksOwnSystem()
    {
        var problem = Problem(rank: 96, seed: 6);
        (problem.Options.Regularization, problem.Options.UnobservedWeight) = (1e-7f, 1e-7f);
        var (half, shortRows) = Swept(problem);
        for (int position = half.First; position < half.End; position++)
            Assert.False(shortRows.TrySolve(half.Solvers[0], half.Row(position), half.FactorsOf(position), out _));
    }

    [Fact]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits()
    {
        var problem = Problem(rank: 96, seed: 7);
        float[] Factors(int threads)
        {
            problem.Options.NumberOfThreads = threads;
            var model = new MLContext().Recommenders().Trainers.Wals(problem.Options).Fit(problem.Data);
            return [.. model.UserMatrix.Padded, .. model.ItemMatrix.Padded];
        }

        Assert.Equal(Factors(1), Factors(3));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(96)]
    public void Set_AnyGramian_GivesItsEigenvectorsAndTheFactorsInTheirBasis(int rank)
    {
        var random = new Random(rank);
        var (factors, gramian) = (new AlignedMatrix(70, rank), new AlignedMatrix(rank, rank));
        // Some columns fall together, so that eigenvalues are zero.
        for (int row = 0; row < factors.Rows; row++)
            for (int k = 0; k < rank; k++)
                factors[row][k] = k % 5 == 4 ? factors[row][k - 1] : random.NextSingle() - 0.5f;
        for (int j = 0; j < rank; j++)
            for (int k = j; k < rank; k++)
                gramian[j][k] = (float)Enumerable.Range(0, factors.Rows).Sum(row => (double)factors[row][j] * factors[row][k]);
        var basis = new GramianBasis(FactorKernels.For(rank), factors.Rows);
        basis.Set(gramian, factors, new() { MaxDegreeOfParallelism = 2 });

        var q = Enumerable.Range(0, rank).Select(j => basis.Vectors[j].ToArray().Select(value => (double)value).ToArray()).ToArray();
        for (int j = 0; j < rank; j++)
            for (int k = 0; k < rank; k++)
            {
                AssertClose(j == k ? 1 : 0, Enumerable.Range(0, rank).Sum(l => q[j][l] * q[k][l]));
                var element = Enumerable.Range(0, rank).Sum(l => q[l][j] * basis.Values[l] * q[l][k]);
                AssertClose(gramian[Math.Min(j, k)][Math.Max(j, k)], element);
            }
        for (int row = 0; row < factors.Rows; row++)
            for (int j = 0; j < rank; j++)
            {
                var i = row;
                AssertClose(Enumerable.Range(0, rank).Sum(k => factors[i][k] * q[j][k]), basis.Factors[row][j]);
            }
    }

    private static void AssertClose(double expected, double actual) => Assert.InRange(Math.Abs(expected - actual), 0, 1e-5);

    private static WalsProblem Problem(int rank, int seed)
    {
        var random = new Random(seed);
        var options = WalsProblem.RandomOptions(random, rank);
        (options.Solver, options.ItemSmoothing) = (WalsSolver.Cholesky, 0);
        return new(random, Users, Items, density: 0.08, options);
    }

    private static (WalsHalf Users, ShortRowSolver Rows) Swept(WalsProblem problem)
    {
        var squares = new AlternatingLeastSquares(
            problem.Data.ByUser, Items, problem.Options.Settings,
            new(WalsSolver.Cholesky, problem.Options.ApproximationRank!.Value, Seed: 1, Threads: 1));
        squares.Sweep();
        return (squares.Users.Half, squares.Users.Half.Solvers[0].ShortRows!);
    }
}
