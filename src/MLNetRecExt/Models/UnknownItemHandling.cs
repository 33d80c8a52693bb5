namespace MLNetRecExt;

/// <summary>What becomes of unknown items in histories and filters.</summary>
public enum UnknownItemHandling
{
    /// <summary>An exception that names the id.</summary>
    Throw,

    /// <summary>They are left out. A history of nothing else is one of which nothing is known.</summary>
    LeaveOut,
}
