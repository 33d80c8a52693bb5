namespace MLNetRecExt.Tests.Data;

/// <summary>Few interactions, held as more than 2³¹ are.</summary>
internal static class LongRows
{
    public static Interactions Of(Interactions data) => new(data.Users, data.Items, Of(data.ByUser), data.Counts);

    public static InteractionRows Of(InteractionRows rows) => new(
        InLines([.. rows.Offsets.ToArray().Select(offset => (long)offset)])!,
        InLines(rows.IndexArray)!, InLines(rows.LabelArray), InLines(rows.WeightArray), InLines(rows.TimestampArray), rows.Removed);

    private static LongArray<T>? InLines<T>(T[]? values) where T : unmanaged
    {
        if (values is null)
            return null;
        var lines = LongArray<T>.Create(values.Length, inLines: true);
        values.CopyTo(lines.Slice(0, values.Length));
        return lines;
    }
}
