namespace MLNetRecExt;

/// <summary>What is kept of a job: enough to go on from its last checkpoint on any silo.</summary>
internal sealed class JobState
{
    public string Spec { get; set; } = "";

    public JobPhase Phase { get; set; }

    /// <summary>Counts plans. What belongs to an earlier one no longer counts.</summary>
    public int Epoch { get; set; }

    /// <summary>Sweeps that the last checkpoint has; 0: there is none.</summary>
    public int Checkpoint { get; set; }

    /// <summary>The loss after them.</summary>
    public double? Loss { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Failure { get; set; }
}
