using System.Diagnostics;

namespace MLNetRecExt.Fuzz;

/// <summary>What a campaign has come to: counts, gathered from several workers.</summary>
internal sealed class CampaignResult(string verb, int seed)
{
    private const int LinesPerKind = 10;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private int _inputs;

    public int Failures => _failures.Values.Sum();

    public void AddInputs(int count)
    {
        lock (_outcomes)
            _inputs += count;
    }

    public void AddOutcome(string outcome, int count)
    {
        lock (_outcomes)
            _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + count;
    }

    public void AddFailure(int index, string kind, string message)
    {
        lock (_outcomes)
        {
            var count = _failures[kind] = _failures.GetValueOrDefault(kind) + 1;
            if (count <= LinesPerKind)
                Console.WriteLine($"FAILED {verb} --seed {seed} --only {index}: {kind}: {message}");
            if (count == LinesPerKind)
                Console.WriteLine($"       further failures of this kind are counted, and not printed");
        }
    }

    public void Stop() => _clock.Stop();

    public static string Heading => $"{"campaign",-10} {"inputs",10} {"failures",9} {"seconds",8} {"per s",9}  outcomes; failures by kind";

    public override string ToString()
    {
        var seconds = _clock.Elapsed.TotalSeconds;
        var parts = string.Join(", ", _outcomes.Where(part => part.Key != "failed").Select(part => $"{part.Key} {part.Value}"));
        var kinds = string.Join(", ", _failures.Select(part => $"{part.Key} {part.Value}"));
        return FormattableString.Invariant($"{verb,-10} {_inputs,10} {Failures,9} {seconds,8:F1} {_inputs / seconds,9:F1}  {parts}")
            + (kinds.Length > 0 ? $"; FAILED: {kinds}" : "");
    }
}
