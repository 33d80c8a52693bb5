namespace MLNetRecExt;

/// <summary>A user that an experiment judged, to be looked at.</summary>
/// <param name="User">The user's id.</param>
/// <param name="History">Titles of what they took in training, the latest first where there are timestamps; of many, the first.</param>
/// <param name="HistoryLength">How many they took.</param>
/// <param name="HeldOut">Titles of what was held out.</param>
/// <param name="Lists">By trainer its list for them.</param>
public sealed record RunUser(
    string User, IReadOnlyList<string> History, int HistoryLength, IReadOnlyList<string> HeldOut,
    IReadOnlyDictionary<string, IReadOnlyList<RunItem>> Lists);
