namespace MLNetRecExt;

/// <summary>One user of a list of similar ones, most similar first.</summary>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <param name="User">The user's original id.</param>
/// <param name="Score">The similarity; higher is more similar.</param>
/// <param name="Rank">The place in the list, from 1.</param>
public readonly record struct SimilarUser<TUser>(TUser User, float Score, int Rank);
