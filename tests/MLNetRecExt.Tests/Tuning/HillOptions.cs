namespace MLNetRecExt.Tests.Tuning;

public sealed class HillOptions() : IterativeTrainerOptions(numberOfIterations: 15)
{
    [TuneRange(1e-4, 1, Logarithmic = true)]
    public float Rate = 0.5f;

    [TuneRange(0.5, 1)]
    public double Share = 1;

    [OptionRange(1, 100)]
    public int Kept = 3;

    public float DivergesAbove = float.MaxValue;

    public bool ReportsRmse;

    /// <summary>Of each start, rate and share.</summary>
    internal (float Rate, double Share)[] Starts = [];

    protected internal override IEnumerable<RecommenderTrainerOptions> TuneStarts()
    {
        foreach (var (rate, share) in Starts)
        {
            var start = (HillOptions)MemberwiseClone();
            (start.Rate, start.Share) = (rate, share);
            yield return start;
        }
    }
}
