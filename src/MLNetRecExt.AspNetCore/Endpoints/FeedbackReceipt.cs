namespace MLNetRecExt.AspNetCore;

/// <summary>What became of the events of a request.</summary>
/// <param name="Added">Those that wait to be written.</param>
/// <param name="Dropped">Those for which there was no room.</param>
internal sealed record FeedbackReceipt(int Added, int Dropped);
