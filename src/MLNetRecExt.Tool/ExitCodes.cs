namespace MLNetRecExt.Tool;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>Something in the arguments or files is not as it should be.</summary>
    public const int Refused = 2;

    /// <summary>A trainer failed, or was left out.</summary>
    public const int TrainerFailed = 3;

    /// <summary>Cancelled; shells have it for Ctrl+C.</summary>
    public const int Cancelled = 130;
}
