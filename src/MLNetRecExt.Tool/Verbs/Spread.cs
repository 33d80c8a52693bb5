namespace MLNetRecExt.Tool.Verbs;

/// <summary>How many interactions users, or items, have.</summary>
internal sealed record Spread(int Least, int Median, int Most)
{
    public static Spread Of(InteractionRows rows)
    {
        int[] lengths = [.. Enumerable.Range(0, rows.RowCount).Select(rows.Length).Order()];
        return new(lengths[0], lengths[lengths.Length / 2], lengths[^1]);
    }

    public override string ToString() => FormattableString.Invariant($"{Least:N0} to {Most:N0}, half of them up to {Median:N0}");
}
