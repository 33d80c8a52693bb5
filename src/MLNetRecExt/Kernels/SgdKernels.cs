using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The steps of stochastic gradient descent on rows of D floats, D the rank rounded up to a multiple of 16, padding zero.
/// Beside each row stands its state: <see cref="StateSize"/> floats, of which the first two are G of the factors and G of the bias,
/// both to start at 1, and the third is the bias.
/// </summary>
/// <remarks>
/// A row x with gradient g takes x ← max(floor, x − η/√G · g), and then, where rates adapt, G ← G + mean(g²): one rate per row, as in
/// Chin et al., A Learning-rate Schedule for Stochastic Gradient Methods to Matrix Factorization, PAKDD 2015.
/// </remarks>
internal abstract unsafe class SgdKernels
{
    /// <summary>Floats of a row's state.</summary>
    public const int StateSize = 4;

    /// <summary>Place of the bias in a row's state.</summary>
    public const int Bias = 2;

    protected SgdKernels(int stride)
    {
        Debug.Assert(stride > 0 && stride % 16 == 0);
        Stride = stride;
    }

    /// <summary>D.</summary>
    public int Stride { get; }

    /// <summary>The kernels for rows of <paramref name="stride"/> floats on this machine.</summary>
    public static SgdKernels For(int stride)
    {
        if (Vector512.IsHardwareAccelerated)
            return For<Simd512, Vector512<float>>(stride);
        if (Vector256.IsHardwareAccelerated)
            return For<Simd256, Vector256<float>>(stride);
        return For<Simd128, Vector128<float>>(stride);
    }

    public static SgdKernels For<TSimd, TVector>(int stride) where TSimd : struct, ISimd<TVector> => stride switch
    {
        32 => new SgdKernels<TSimd, TVector, Rank32>(stride),
        64 => new SgdKernels<TSimd, TVector, Rank64>(stride),
        128 => new SgdKernels<TSimd, TVector, Rank128>(stride),
        256 => new SgdKernels<TSimd, TVector, Rank256>(stride),
        _ => new SgdKernels<TSimd, TVector, AnyRank>(stride),
    };

    /// <summary>
    /// A step for each of a user's entries e, q_e = items[indices[e]]: down the gradient of
    /// ½ w_e (A_e − s)² + ½ λ (‖p‖² + ‖q_e‖² + b² + b_e²), s = mean + b + b_e + ⟨p, q_e⟩.
    /// Returns Σ w_e (A_e − s)², each before its step.
    /// </summary>
    /// <remarks><paramref name="labels"/> are A and <paramref name="weights"/> w; null stands for ones.</remarks>
    public abstract double StepsToLabels(
        float* p, float* pState, float* items, float* itemStates, ReadOnlySpan<int> indices, float* labels, float* weights, float mean,
        in SgdRates rates);

    /// <summary>⟨p, q⟩.</summary>
    public abstract float Dot(float* p, float* q);

    /// <summary>A step up c·s − ½ λ (‖p‖² + ‖q‖² + b_p² + b_q²), s = b_p + b_q + ⟨p, q⟩.</summary>
    public abstract void Step(float* p, float* pState, float* q, float* qState, float c, in SgdRates rates);

    /// <summary>A step up c·(s_i − s_j) − ½ λ (‖p‖² + ‖q_i‖² + ‖q_j‖² + b_i² + b_j²), s_i = b_i + ⟨p, q_i⟩.</summary>
    public abstract void StepApart(float* p, float* pState, float* qi, float* iState, float* qj, float* jState, float c, in SgdRates rates);
}

/// <inheritdoc/>
internal sealed unsafe class SgdKernels<TSimd, TVector, TRank>(int stride) : SgdKernels(TRank.Stride(stride))
    where TSimd : struct, ISimd<TVector>
    where TRank : struct, IRank
{
    private const int PrefetchDistance = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double StepsToLabels(
        float* p, float* pState, float* items, float* itemStates, ReadOnlySpan<int> indices, float* labels, float* weights, float mean,
        in SgdRates rates) =>
        rates.IsAdaptive
            ? StepsToLabels(p, pState, items, itemStates, indices, labels, weights, mean, rates, isAdaptive: true)
            : StepsToLabels(p, pState, items, itemStates, indices, labels, weights, mean, rates, isAdaptive: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double StepsToLabels(
        float* p, float* pState, float* items, float* itemStates, ReadOnlySpan<int> indices, float* labels, float* weights, float mean,
        in SgdRates rates, bool isAdaptive)
    {
        var d = TRank.Stride(Stride);
        double loss = 0;
        for (int e = 0; e < indices.Length; e++)
        {
            if (Sse.IsSupported && e + PrefetchDistance < indices.Length)
            {
                var ahead = items + (long)indices[e + PrefetchDistance] * d;
                for (int k = 0; k < d; k += 16)
                    Sse.Prefetch0(ahead + k);
            }
            var q = items + (long)indices[e] * d;
            var qState = itemStates + (long)indices[e] * StateSize;
            var error = (labels is null ? 1 : labels[e]) - (mean + pState[Bias] + qState[Bias] + Dot(p, q, d));
            var c = weights is null ? error : weights[e] * error;
            loss += c * error;
            Step(p, pState, q, qState, c, rates, isAdaptive, d);
        }
        return loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Dot(float* p, float* q) => Dot(p, q, TRank.Stride(Stride));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(float* p, float* pState, float* q, float* qState, float c, in SgdRates rates) =>
        Step(p, pState, q, qState, c, rates, rates.IsAdaptive, TRank.Stride(Stride));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void StepApart(float* p, float* pState, float* qi, float* iState, float* qj, float* jState, float c, in SgdRates rates)
    {
        var d = TRank.Stride(Stride);
        float pRate = rates.LearningRate / MathF.Sqrt(pState[0]), iRate = rates.LearningRate / MathF.Sqrt(iState[0]),
            jRate = rates.LearningRate / MathF.Sqrt(jState[0]);
        TVector cs = TSimd.Create(c), minusC = TSimd.Create(-c), lambda = TSimd.Create(rates.Lambda), floor = TSimd.Create(rates.Floor);
        TVector pRates = TSimd.Create(pRate), iRates = TSimd.Create(iRate), jRates = TSimd.Create(jRate);
        TVector pp = TSimd.Create(0), ii = pp, jj = pp;
        for (int k = 0; k < d; k += TSimd.Width)
        {
            TVector x = TSimd.Load(p + k), y = TSimd.Load(qi + k), z = TSimd.Load(qj + k);
            var dx = TSimd.SubtractProduct(lambda, x, TSimd.MultiplyAdd(cs, y, TSimd.Multiply(minusC, z)));
            var dy = TSimd.SubtractProduct(lambda, y, TSimd.Multiply(cs, x));
            var dz = TSimd.SubtractProduct(lambda, z, TSimd.Multiply(minusC, x));
            pp = TSimd.MultiplyAdd(dx, dx, pp);
            ii = TSimd.MultiplyAdd(dy, dy, ii);
            jj = TSimd.MultiplyAdd(dz, dz, jj);
            TSimd.Store(TSimd.Max(floor, TSimd.MultiplyAdd(pRates, dx, x)), p + k);
            TSimd.Store(TSimd.Max(floor, TSimd.MultiplyAdd(iRates, dy, y)), qi + k);
            TSimd.Store(TSimd.Max(floor, TSimd.MultiplyAdd(jRates, dz, z)), qj + k);
        }
        if (rates.IsAdaptive)
        {
            pState[0] += rates.InverseRank * TSimd.Sum(pp);
            iState[0] += rates.InverseRank * TSimd.Sum(ii);
            jState[0] += rates.InverseRank * TSimd.Sum(jj);
        }
        StepBias(iState, c, rates);
        StepBias(jState, -c, rates);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepBias(float* state, float c, in SgdRates rates)
    {
        var g = rates.BiasScale * (c - rates.Lambda * state[Bias]);
        state[Bias] += rates.LearningRate / MathF.Sqrt(state[1]) * g;
        if (rates.IsAdaptive)
            state[1] += g * g;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot(float* p, float* q, int d)
    {
        // Two sums hide the latency of the additions.
        TVector even = TSimd.Create(0), odd = even;
        int k = 0;
        for (; k + 2 * TSimd.Width <= d; k += 2 * TSimd.Width)
        {
            even = TSimd.MultiplyAdd(TSimd.Load(p + k), TSimd.Load(q + k), even);
            odd = TSimd.MultiplyAdd(TSimd.Load(p + k + TSimd.Width), TSimd.Load(q + k + TSimd.Width), odd);
        }
        if (k < d)
            even = TSimd.MultiplyAdd(TSimd.Load(p + k), TSimd.Load(q + k), even);
        return TSimd.Sum(TSimd.Add(even, odd));
    }

    // Whether rates adapt is a constant where this is inlined: without it, neither sums nor roots are computed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float* p, float* pState, float* q, float* qState, float c, in SgdRates rates, bool isAdaptive, int d)
    {
        // The four rates in one square root and one division, from the G before this step: none waits for the dot product.
        Vector128<float> rate = Vector128.Create(rates.LearningRate), sums = default;
        if (isAdaptive)
        {
            sums = Vector128.Create(Vector64.Load(pState), Vector64.Load(qState));
            rate /= Vector128.Sqrt(sums);
        }
        TVector cs = TSimd.Create(c), lambda = TSimd.Create(rates.Lambda), floor = TSimd.Create(rates.Floor);
        TVector pRates = TSimd.Create(rate.GetElement(0)), qRates = TSimd.Create(rate.GetElement(2));
        TVector pp = TSimd.Create(0), qq = pp;
        int k = 0;
        for (; k + 4 * TSimd.Width <= d; k += 4 * TSimd.Width)
        {
            Step(p + k, q + k, cs, lambda, floor, pRates, qRates, isAdaptive, ref pp, ref qq);
            Step(p + k + TSimd.Width, q + k + TSimd.Width, cs, lambda, floor, pRates, qRates, isAdaptive, ref pp, ref qq);
            Step(p + k + 2 * TSimd.Width, q + k + 2 * TSimd.Width, cs, lambda, floor, pRates, qRates, isAdaptive, ref pp, ref qq);
            Step(p + k + 3 * TSimd.Width, q + k + 3 * TSimd.Width, cs, lambda, floor, pRates, qRates, isAdaptive, ref pp, ref qq);
        }
        for (; k < d; k += TSimd.Width)
            Step(p + k, q + k, cs, lambda, floor, pRates, qRates, isAdaptive, ref pp, ref qq);
        var pBias = rates.BiasScale * (c - rates.Lambda * pState[Bias]);
        var qBias = rates.BiasScale * (c - rates.Lambda * qState[Bias]);
        pState[Bias] += rate.GetElement(1) * pBias;
        qState[Bias] += rate.GetElement(3) * qBias;
        if (!isAdaptive)
            return;
        sums += Vector128.Create(TSimd.Sum(pp) * rates.InverseRank, pBias * pBias, TSimd.Sum(qq) * rates.InverseRank, qBias * qBias);
        sums.GetLower().Store(pState);
        sums.GetUpper().Store(qState);
    }

    /// <summary>One vector of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        float* p, float* q, TVector c, TVector lambda, TVector floor, TVector pRates, TVector qRates, bool isAdaptive, ref TVector pp,
        ref TVector qq)
    {
        TVector x = TSimd.Load(p), y = TSimd.Load(q);
        var dx = TSimd.SubtractProduct(lambda, x, TSimd.Multiply(c, y));
        var dy = TSimd.SubtractProduct(lambda, y, TSimd.Multiply(c, x));
        if (isAdaptive)
        {
            pp = TSimd.MultiplyAdd(dx, dx, pp);
            qq = TSimd.MultiplyAdd(dy, dy, qq);
        }
        TSimd.Store(TSimd.Max(floor, TSimd.MultiplyAdd(pRates, dx, x)), p);
        TSimd.Store(TSimd.Max(floor, TSimd.MultiplyAdd(qRates, dy, y)), q);
    }
}
