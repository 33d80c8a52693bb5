namespace MLNetRecExt;

/// <summary>Numbers of one step of the optimiser, corrected for the zero start of Adam's moments.</summary>
/// <param name="Rate">Learning rate.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Shrink">What weights are multiplied by: 1 − learning rate · decay.</param>
internal readonly record struct OptimizerStep(float Rate, float Epsilon, float Shrink)
{
    /// <param name="optimizer">Which.</param>
    /// <param name="step">From 1.</param>
    /// <param name="learningRate">After warm-up.</param>
    /// <param name="weightDecay">Decoupled from the gradient (Loshchilov, Hutter 2019).</param>
    public static OptimizerStep At(SoftmaxDnnOptimizer optimizer, long step, double learningRate, double weightDecay)
    {
        const double Epsilon = 1e-8;
        var shrink = (float)(1 - learningRate * weightDecay);
        if (optimizer == SoftmaxDnnOptimizer.Adagrad)
            return new((float)learningRate, (float)Epsilon, shrink);
        var second = Math.Sqrt(1 - Math.Pow(0.999, step));
        return new((float)(learningRate * second / (1 - Math.Pow(0.9, step))), (float)(Epsilon * second), shrink);
    }
}
