namespace MLNetRecExt;

/// <summary>Where a job stands.</summary>
internal enum JobPhase
{
    None,
    Running,
    Completed,
    Failed,
    Cancelled,
}
