using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>A partition of the rows of a view. Each part is a view of the same schema that skips the other parts' rows while
/// reading.</summary>
public sealed class DataViewSplit
{
    internal DataViewSplit(IDataView view, Interactions data, ReadOnlySpan<SplitPart> parts, int[] entryOfRow)
    {
        // A row that cannot be read belongs to no entry; it goes to the training part, where the trainer counts it.
        var partOfRow = new SplitPart[entryOfRow.Length];
        for (int row = 0; row < partOfRow.Length; row++)
            partOfRow[row] = entryOfRow[row] < 0 ? SplitPart.Train : parts[entryOfRow[row]];
        Train = new PartView(view, partOfRow, SplitPart.Train);
        Test = new PartView(view, partOfRow, SplitPart.Test);
        FoldIn = parts.Contains(SplitPart.FoldIn) ? new PartView(view, partOfRow, SplitPart.FoldIn) : null;
        (ColdUsers, ColdItems) = InteractionSplit.CountCold(data, parts);
    }

    /// <summary>What to train on; rows without a usable id, label, weight or timestamp are here.</summary>
    public IDataView Train { get; }

    /// <summary>What to test on.</summary>
    public IDataView Test { get; }

    /// <summary>The known share of the history of users that training does not see; null when the split holds out no users.</summary>
    public IDataView? FoldIn { get; }

    /// <inheritdoc cref="InteractionSplit.ColdUsers"/>
    public int ColdUsers { get; }

    /// <inheritdoc cref="InteractionSplit.ColdItems"/>
    public int ColdItems { get; }
}
