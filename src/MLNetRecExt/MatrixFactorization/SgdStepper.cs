using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The losses of <see cref="SgdMatrixFactorizationTrainer"/>: what each is, and a step down its gradient. Rows and states as in
/// <see cref="SgdKernels"/>.</summary>
internal sealed unsafe class SgdStepper(SgdKernels kernels, SgdSettings settings, int rank, int iteration, float slowdown = 1)
{
    private readonly SgdRates _rates = new()
    {
        LearningRate = settings.Schedule == SgdSchedule.Decay
            ? settings.LearningRate / (1 + settings.LearningRateDecay * iteration) / slowdown
            : settings.LearningRate,
        Lambda = settings.Regularization,
        IsAdaptive = settings.Schedule == SgdSchedule.PerRow,
        BiasScale = settings.UseBiases ? slowdown : 0,
        Floor = settings.NonNegative ? 0 : float.NegativeInfinity,
        InverseRank = 1f / rank,
    };

    /// <inheritdoc cref="SgdKernels.StepsToLabels"/>
    public double StepsToLabels(float* p, float* pState, float* items, float* itemStates, ReadOnlySpan<int> indices, float* labels, float* weights, float mean) =>
        kernels.StepsToLabels(p, pState, items, itemStates, indices, labels, weights, mean, _rates);

    /// <summary>Loss w·log(1 + exp(−s)) of a positive, w·log(1 + exp(s)) of a negative, before a step down it.</summary>
    public double LogisticStep(float* p, float* pState, float* q, float* qState, bool isPositive, float weight)
    {
        var score = pState[SgdKernels.Bias] + qState[SgdKernels.Bias] + kernels.Dot(p, q);
        var margin = isPositive ? score : -score;
        var slope = weight * Sigmoid(-margin);
        kernels.Step(p, pState, q, qState, isPositive ? slope : -slope, _rates);
        return weight * SoftPlus(-margin);
    }

    /// <summary>Loss w·log(1 + exp(s_j − s_i)), before a step down it.</summary>
    public double PairStep(float* p, float* pState, float* qi, float* iState, float* qj, float* jState, float weight)
    {
        var margin = iState[SgdKernels.Bias] - jState[SgdKernels.Bias] + kernels.Dot(p, qi) - kernels.Dot(p, qj);
        kernels.StepApart(p, pState, qi, iState, qj, jState, weight * Sigmoid(-margin), _rates);
        return weight * SoftPlus(-margin);
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private static double SoftPlus(float x) => x > 30 ? x : Math.Log(1 + Math.Exp(x));
}
