namespace MLNetRecExt.Tool.Verbs;

/// <summary>What <c>mlrec doctor</c> looked at.</summary>
/// <param name="Name">A file, or a library.</param>
/// <param name="IsWhole">Whether it is as it should be.</param>
/// <param name="Found">What was found, or what is wrong.</param>
internal sealed record DoctorCheck(string Name, bool IsWhole, string Found);
