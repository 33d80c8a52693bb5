using MLNetRecExt;

namespace Compare;

/// <summary>What came of searching a trainer's options.</summary>
/// <param name="Trials">What was tried, in order.</param>
/// <param name="Notes">Ranges that are too narrow, and what speaks against trusting the choice.</param>
/// <param name="Cost">What it took.</param>
internal sealed record Search(IReadOnlyList<TuneTrial> Trials, IReadOnlyList<string> Notes, Cost Cost = default);
