namespace MLNetRecExt.Kernels;

/// <summary>Numbers of one step of an optimiser: m ← β1 m + γ1 g, v ← β2 v + γ2 · mean of g², w ← shrink·w − rate·m / (√v + ε).</summary>
internal readonly record struct OptimizerStep
{
    private const float Tiny = 1e-8f;

    public float Beta1 { get; private init; }

    public float Gamma1 { get; private init; }

    public float Beta2 { get; private init; }

    public float Gamma2 { get; private init; }

    public float Rate { get; private init; }

    public float Epsilon { get; private init; }

    public float Shrink { get; private init; }

    /// <summary>Adam (Kingma, Ba 2015). The corrections for the zero start of m and v are in the rate and ε.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="learningRate">After warm-up.</param>
    /// <param name="weightDecay">Decoupled from the gradient (Loshchilov, Hutter 2019).</param>
    public static OptimizerStep Adam(long step, double learningRate, double weightDecay)
    {
        const double Beta1 = 0.9, Beta2 = 0.999;
        var root = Math.Sqrt(1 - Math.Pow(Beta2, step));
        return new()
        {
            Beta1 = (float)Beta1,
            Gamma1 = (float)(1 - Beta1),
            Beta2 = (float)Beta2,
            Gamma2 = (float)(1 - Beta2),
            Rate = (float)(learningRate * root / (1 - Math.Pow(Beta1, step))),
            Epsilon = (float)(Tiny * root),
            Shrink = (float)(1 - learningRate * weightDecay),
        };
    }

    /// <summary>Adagrad (Duchi, Hazan, Singer 2011): m is the gradient, v the sum of its squares.</summary>
    /// <param name="learningRate">After warm-up.</param>
    /// <param name="weightDecay">As of <see cref="Adam"/>.</param>
    public static OptimizerStep Adagrad(double learningRate, double weightDecay) => new()
    {
        Gamma1 = 1,
        Beta2 = 1,
        Gamma2 = 1,
        Rate = (float)learningRate,
        Epsilon = Tiny,
        Shrink = (float)(1 - learningRate * weightDecay),
    };
}
