namespace MLNetRecExt;

/// <summary>Rows of factors on the wire. They are written from the sender's table and read into that of the receiver, by
/// <see cref="FactorRowsCodec"/>.</summary>
/// <param name="job">The job.</param>
/// <param name="epoch">The plan that they belong to.</param>
/// <param name="share">Whose they are.</param>
/// <param name="part">The table.</param>
/// <param name="first">The first position.</param>
/// <param name="count">Rows.</param>
internal sealed class FactorRows(string job, int epoch, int share, FactorPart part, int first, int count)
{
    public string Job => job;
    public int Epoch => epoch;
    public int Share => share;
    public FactorPart Part => part;
    public int First => first;
    public int Count => count;

    /// <summary>Where the sender's rows are; null on the other side.</summary>
    public WalsWorker? Source { get; init; }

    /// <summary>On the receiver's side, what became of them.</summary>
    public FactorRowsFate Fate { get; init; }
}
