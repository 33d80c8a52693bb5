namespace MLNetRecExt;

/// <summary>What a row with a NaN or infinite label or weight, a negative weight or a missing id gets.</summary>
public enum BadRowHandling
{
    /// <summary>Skipped, counted, and the count logged. The default.</summary>
    Skip,

    /// <summary>An <see cref="InvalidDataException"/> that names the row, the column and the value.</summary>
    Throw,
}
