namespace MLNetRecExt;

/// <summary>How rows of the same (user, item) pair become one entry.</summary>
public enum DuplicateHandling
{
    /// <summary>The last row read wins, label, weight and timestamp. The default: right for ratings that were changed.</summary>
    Last,

    /// <summary>Labels add up (as do weights, when there is a weight column); the latest timestamp stays. Right for counts. A sum that is not
    /// finite is an <see cref="InvalidDataException"/>.</summary>
    Sum,

    /// <summary>The row with the largest label wins; of equal ones, the last.</summary>
    Max,
}
