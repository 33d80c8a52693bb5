namespace MLNetRecExt;

/// <summary>How likely <see cref="SgdMatrixFactorizationTrainer"/> draws an item that the user did not take.</summary>
public enum SgdNegatives
{
    /// <summary>All items alike. The default.</summary>
    Uniform,

    /// <summary>In proportion to the number of users who took the item.</summary>
    Popularity,
}
