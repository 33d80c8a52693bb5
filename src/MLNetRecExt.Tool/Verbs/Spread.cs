namespace MLNetRecExt.Tool.Verbs;

/// <summary>How many interactions users, or items, have.</summary>
/// <param name="Least">The fewest that one has.</param>
/// <param name="Median">What half of them have at most.</param>
/// <param name="Most">The most that one has.</param>
/// <param name="TopShare">Share of all interactions that the tenth with the most has.</param>
internal sealed record Spread(int Least, int Median, int Most, double TopShare)
{
    public static Spread Of(InteractionRows rows)
    {
        int[] lengths = [.. Enumerable.Range(0, rows.RowCount).Select(rows.Length).Order()];
        var top = lengths.TakeLast(Math.Max(1, lengths.Length / 10)).Sum(length => (long)length);
        return new(lengths[0], lengths[lengths.Length / 2], lengths[^1], (double)top / rows.EntryCount);
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Least:N0} to {Most:N0}, half of them up to {Median:N0}; the tenth with the most has {TopShare:0 %}");
}
