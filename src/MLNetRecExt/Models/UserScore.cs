namespace MLNetRecExt;

/// <summary>A user and a score.</summary>
/// <param name="User">0-based user index.</param>
/// <param name="Score">Higher is better; what it measures is said where it is given.</param>
public readonly record struct UserScore(int User, float Score);
