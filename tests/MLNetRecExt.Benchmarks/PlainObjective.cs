namespace MLNetRecExt.Benchmarks;

/// <summary>An objective for models whose factors are drawn, not trained: every number is set, none comes from data.</summary>
internal static class PlainObjective
{
    public static WalsSettings Settings { get; } = new WalsTrainer.Options
    {
        Regularization = 0.015f,
        UnobservedWeight = 0.05f,
        UnobservedPopularityExponent = 0,
        ItemSmoothing = 0,
    }.Settings;
}
