namespace MLNetRecExt.AspNetCore;

/// <summary>A model that was looked at, taken or not.</summary>
/// <param name="Time">When.</param>
/// <param name="Version">Its version; null where it could not be read so far.</param>
/// <param name="Accepted">Whether it serves since.</param>
/// <param name="Reason">Why it was refused; null for one that was taken.</param>
/// <param name="Duration">What reading, checking and building its index took.</param>
public sealed record ReloadRecord(DateTimeOffset Time, string? Version, bool Accepted, string? Reason, TimeSpan Duration);
