namespace MLNetRecExt.Tests.Data;

/// <summary>Few interactions, held as more than 2³¹ are.</summary>
internal static class LongRows
{
    public static Interactions Of(Interactions data) => new(data.Users, data.Items, Of(data.ByUser), data.Counts);

    public static InteractionRows Of(InteractionRows rows) => new(
        InLines([.. rows.Offsets.ToArray().Select(offset => (long)offset)])!,
        InLines(rows.IndexArray)!, InLines(rows.LabelArray), InLines(rows.WeightArray), InLines(rows.TimestampArray), rows.Removed);

    /// <summary>Rows that say of themselves that they are more than any array holds; there is nothing behind it, so that whoever looks at
    /// an entry fails.</summary>
    public static Interactions TooManyOf(Interactions data)
    {
        var starts = InLines([.. data.ByUser.Offsets.ToArray().Select(offset => (long)offset)])!;
        starts[data.Users.Count] = 3_000_000_000;
        return new(data.Users, data.Items, new(starts, LongArray<int>.Create(0), null, null, null), data.Counts);
    }

    private static LongArray<T>? InLines<T>(T[]? values) where T : unmanaged
    {
        if (values is null)
            return null;
        var lines = LongArray<T>.Create(values.Length, inLines: true);
        values.CopyTo(lines.Slice(0, values.Length));
        return lines;
    }
}
