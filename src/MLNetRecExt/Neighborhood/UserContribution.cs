namespace MLNetRecExt;

/// <summary>How much one user adds to the score of an item for another.</summary>
/// <param name="User">0-based index of the user who took the item.</param>
/// <param name="Contribution">Its part of the score; may be negative.</param>
public readonly record struct UserContribution(int User, float Contribution);
