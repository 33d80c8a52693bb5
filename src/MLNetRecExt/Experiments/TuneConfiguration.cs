namespace MLNetRecExt;

/// <summary>How long options are searched. With both, whichever ends first.</summary>
public sealed record TuneConfiguration
{
    /// <summary>Minutes for all trainers together.</summary>
    /// <value>Default null: no limit; range (0, 70000].</value>
    [OptionRange(0, 70_000, MinExclusive = true)]
    public double? Minutes { get; init; }

    /// <summary>Settings to try for each trainer.</summary>
    /// <value>Default null: as many as time allows; range [1, 100000].</value>
    [OptionRange(1, 100_000)]
    public int? Trials { get; init; }

    internal void Check()
    {
        OptionChecker.Check(this);
        if (Minutes is null && Trials is null)
            throw new FormatException("tune needs 'minutes' or 'trials'.");
    }
}
