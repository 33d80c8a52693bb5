using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.MatrixFactorization;

/// <summary>Each loss and its gradient against its formula in double precision, for every vector width and every way a rank is padded.</summary>
public sealed unsafe class SgdStepperTests
{
    private const float Lambda = 0.3f;
    private const float Weight = 1.7f;
    private const float Mean = 0.4f;
    private const float Label = 2.5f;

    public static TheoryData<int, int> WidthsAndRanks()
    {
        var data = new TheoryData<int, int>();
        foreach (var width in (int[])[128, 256, 512])
            foreach (var rank in (int[])[1, 7, 16, 17, 32, 33, 64, 80, 128, 129, 256])
                data.Add(width, rank);
        return data;
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void StepsToLabels_OneEntry_GoesDownTheGradient(int width, int rank) => CheckGradient(width, rank, rows: 2,
        x => Weight / 2 * Math.Pow(Label - Mean - Score(x, rank, 1), 2) + Lambda / 2 * Norms(x),
        x => Weight * Math.Pow(Label - Mean - Score(x, rank, 1), 2),
        (stepper, rows, states) =>
        {
            float label = Label, weight = Weight;
            return stepper.StepsToLabels(rows[0], states[0], rows[1], states[1], [0], &label, &weight, Mean);
        });

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void LogisticStep_Positive_GoesDownTheGradient(int width, int rank) => CheckGradient(width, rank, rows: 2,
        x => Weight * Math.Log(1 + Math.Exp(-Score(x, rank, 1))) + Lambda / 2 * Norms(x),
        x => Weight * Math.Log(1 + Math.Exp(-Score(x, rank, 1))),
        (stepper, rows, states) => stepper.LogisticStep(rows[0], states[0], rows[1], states[1], isPositive: true, Weight));

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void LogisticStep_Negative_GoesDownTheGradient(int width, int rank) => CheckGradient(width, rank, rows: 2,
        x => Weight * Math.Log(1 + Math.Exp(Score(x, rank, 1))) + Lambda / 2 * Norms(x),
        x => Weight * Math.Log(1 + Math.Exp(Score(x, rank, 1))),
        (stepper, rows, states) => stepper.LogisticStep(rows[0], states[0], rows[1], states[1], isPositive: false, Weight));

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void PairStep_PositiveAndNegative_GoesDownTheGradient(int width, int rank) => CheckGradient(width, rank, rows: 3,
        // The user's bias takes no part.
        x => Weight * Math.Log(1 + Math.Exp(Score(x, rank, 2) - Score(x, rank, 1))) + Lambda / 2 * (Norms(x) - x[0][rank] * x[0][rank]),
        x => Weight * Math.Log(1 + Math.Exp(Score(x, rank, 2) - Score(x, rank, 1))),
        (stepper, rows, states) => stepper.PairStep(rows[0], states[0], rows[1], states[1], rows[2], states[2], Weight));

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void LogisticStep_PerRow_DividesByTheRootOfTheSquaredGradientsBefore(int width)
    {
        const int Rank = 20;
        var (rows, states) = Random(2, Rank);
        (states[0][0], states[0][1]) = (4, 9);
        var before = rows[0].ToArray();
        var bias = states[0][SgdKernels.Bias];
        var (plain, plainStates) = Random(2, Rank);

        Stepper(width, rows.Stride, Rank, SgdSchedule.PerRow).LogisticStep(rows.Pointer, states.Pointer, rows.Pointer + rows.Stride, states.Pointer + states.Stride, isPositive: true, 1);
        Stepper(width, rows.Stride, Rank, SgdSchedule.Decay).LogisticStep(plain.Pointer, plainStates.Pointer, plain.Pointer + plain.Stride, plainStates.Pointer + plainStates.Stride, isPositive: true, 1);

        double squares = 0;
        for (int k = 0; k < Rank; k++)
        {
            var gradient = plain[0][k] - before[k];
            squares += gradient * gradient;
            Assert.Equal(before[k] + gradient / 2, rows[0][k], 1e-5);
        }
        var biasGradient = plainStates[0][SgdKernels.Bias] - bias;
        Assert.Equal(bias + biasGradient / 3, states[0][SgdKernels.Bias], 1e-5);
        Assert.Equal(4 + squares / Rank, states[0][0], 1e-5);
        Assert.Equal(9 + biasGradient * biasGradient, states[0][1], 1e-5);
        Assert.Equal(1, plainStates[0][0]);
        GC.KeepAlive(rows);
        GC.KeepAlive(plain);
    }

    private delegate double TakeStep(SgdStepper stepper, float*[] rows, float*[] states);

    /// <summary>With learning rate 1 a step is the negative gradient. x: rows of K factors and a bias.</summary>
    private static void CheckGradient(int width, int rank, int rows, Func<double[][], double> objective, Func<double[][], double> loss, TakeStep step)
    {
        var (matrix, states) = Random(rows, rank);
        var x = new double[rows][];
        for (int row = 0; row < rows; row++)
            x[row] = [.. matrix[row].ToArray().Select(value => (double)value), states[row][SgdKernels.Bias]];
        var rowPointers = new float*[rows];
        var statePointers = new float*[rows];
        for (int row = 0; row < rows; row++)
        {
            rowPointers[row] = matrix.Pointer + row * matrix.Stride;
            statePointers[row] = states.Pointer + row * states.Stride;
        }

        var reported = step(Stepper(width, matrix.Stride, rank, SgdSchedule.Decay), rowPointers, statePointers);

        Assert.Equal(loss(x), reported, 1e-4);
        for (int row = 0; row < rows; row++)
        {
            for (int k = 0; k <= rank; k++)
            {
                const double Step = 1e-4;
                var value = x[row][k];
                x[row][k] = value + Step;
                var above = objective(x);
                x[row][k] = value - Step;
                var below = objective(x);
                x[row][k] = value;
                var moved = (k < rank ? matrix[row][k] : states[row][SgdKernels.Bias]) - value;
                Assert.Equal(-(above - below) / (2 * Step), moved, 2e-4);
            }
            foreach (var padding in matrix.PaddedRow(row)[rank..])
                Assert.Equal(0, padding);
        }
    }

    private static SgdStepper Stepper(int width, int stride, int rank, SgdSchedule schedule)
    {
        var kernels = width switch
        {
            128 => SgdKernels.For<Simd128, Vector128<float>>(stride),
            256 => SgdKernels.For<Simd256, Vector256<float>>(stride),
            _ => SgdKernels.For<Simd512, Vector512<float>>(stride),
        };
        return new SgdStepper(kernels, new SgdMatrixFactorizationTrainer.Options { LearningRate = 1, Regularization = Lambda, Schedule = schedule }.Settings, rank, iteration: 0);
    }

    private static (AlignedMatrix Rows, AlignedMatrix States) Random(int rows, int rank)
    {
        var random = new Random(rank);
        var matrix = new AlignedMatrix(rows, rank);
        var states = new AlignedMatrix(rows, SgdKernels.StateSize);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref var value in matrix[row])
                value = (random.NextSingle() - 0.5f) * 4 / MathF.Sqrt(rank);
            states[row][..SgdKernels.Bias].Fill(1);
            states[row][SgdKernels.Bias] = random.NextSingle() - 0.5f;
        }
        return (matrix, states);
    }

    private static double Score(double[][] x, int rank, int item)
    {
        var score = x[0][rank] + x[item][rank];
        for (int k = 0; k < rank; k++)
            score += x[0][k] * x[item][k];
        return score;
    }

    private static double Norms(double[][] x) => x.Sum(row => row.Sum(value => value * value));
}
