using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// One direction of the sweep: the rows that are solved, longest first and in groups, the side that is fixed, solvers per thread.
/// </summary>
internal sealed unsafe class WalsHalf
{
    /// <summary>So much of the other side's factors stays in the second-level cache beside all else.</summary>
    private const int CachedBytes = 512 * 1024;

    /// <summary>Where a far row finds fewer entries in a block, the visit costs more than it saves, and blocks are longer.</summary>
    private const int VisitEntries = 128;

    /// <summary>They double so often at most: to 4 MB, a core's share of the third-level cache.</summary>
    private const int MostDoublings = 3;

    /// <summary>
    /// So many rows share the Gramian while the nearest cache holds it: at rank 64 its 16 KB and three vectors for each row, 12 KB, fill
    /// most of 32.
    /// </summary>
    private const int NearGroupRows = 16;

    /// <summary>A thread holds four bytes for each entry of its group.</summary>
    public const int MostFarEntries = 1 << 25;

    private readonly int[] _order;

    /// <param name="rows">The interactions, a row for each of what is solved, and their order.</param>
    /// <param name="side">The side that is solved.</param>
    /// <param name="factors">Its factors.</param>
    /// <param name="solvers">One for each thread; they know the side that is fixed.</param>
    /// <param name="share">Whose positions are solved here.</param>
    public WalsHalf(in WalsRows rows, WalsSide side, AlignedMatrix factors, WalsRowSolver[] solvers, WalsShare share)
    {
        (Rows, _order, Places) = rows;
        Side = side;
        Factors = factors;
        Solvers = solvers;
        GroupSolvers = new WalsGroupSolver?[solvers.Length];
        CachedRows = CachedBytes / (factors.Stride * sizeof(float));
        NearRows = solvers[0].IsOtherLarge ? CachedRows << MostDoublings : CachedRows;
        HasPanels = solvers[0].IsOtherLarge || solvers[0].OtherCopy is not null;
        Share = share.Index;
        Borders = Divide(share.Count);
        (First, End) = (Borders[share.Index], Borders[share.Index + 1]);
        Terms = new double[End - First];
        List<int> starts = [First];
        for (long left = EntriesIn(First, End); starts[^1] < End;)
        {
            var (end, entries) = EndOfGroup(starts[^1], left);
            LongestGroup = Math.Max(LongestGroup, end - starts[^1]);
            MostGroupEntries = Math.Max(MostGroupEntries, entries);
            MostEntriesAtOnce = Math.Max(MostEntriesAtOnce, FactorKernels.RoundUp(IsFar(end - 1) ? BlockRows(end - 1) : NearRows));
            MostNearEntries = Math.Max(MostNearEntries, IsFar(end - 1) ? 0 : entries);
            left -= entries;
            starts.Add(end);
        }
        GroupStarts = [.. starts];
    }

    public InteractionRows Rows { get; }

    public WalsSide Side { get; }

    public AlignedMatrix Factors { get; }

    public WalsSide Other => Solvers[0].Other;

    public AlignedMatrix OtherFactors => Solvers[0].OtherFactors;

    /// <summary>By place: what the factors are drawn to; null: to zero.</summary>
    public AlignedMatrix? Priors { get; init; }

    public WalsRowSolver[] Solvers { get; }

    /// <summary>Made when they are needed.</summary>
    public WalsGroupSolver?[] GroupSolvers { get; }

    /// <summary>By position: the row of the factors, and of what the side says.</summary>
    public int[] Places { get; }

    /// <summary>Which share is solved here.</summary>
    public int Share { get; }

    /// <summary>The positions where shares begin, and the end of the last one.</summary>
    public int[] Borders { get; }

    /// <summary>The first position that is solved here.</summary>
    public int First { get; }

    /// <summary>The position behind the last one that is solved here.</summary>
    public int End { get; }

    /// <summary>By position, from <see cref="First"/> on: the row's part of a sum.</summary>
    public double[] Terms { get; }

    /// <summary>The position where each group starts, and the end.</summary>
    public int[] GroupStarts { get; }

    /// <summary>Rows of the longest group.</summary>
    public int LongestGroup { get; }

    /// <summary>Entries of the group with most, each row's filled up to full groups of the kernels.</summary>
    public int MostGroupEntries { get; }

    /// <summary>The same of the near groups.</summary>
    public int MostNearEntries { get; }

    /// <summary>As many entries as a row of any group goes through at once, filled up alike.</summary>
    public int MostEntriesAtOnce { get; }

    /// <summary>So many rows of the other side's factors stay in the second-level cache.</summary>
    public int CachedRows { get; }

    /// <summary>A row of more entries is far.</summary>
    public int NearRows { get; }

    /// <summary>Whether what near rows take of the other side is put in order first, and not read in place.</summary>
    public bool HasPanels { get; }

    /// <summary>
    /// Whether a row's entries are more than <see cref="NearRows"/>. The rows of a group are all far, or all near: one of them, or together
    /// no more than <see cref="CachedRows"/>.
    /// </summary>
    public bool IsFar(int position) => Rows.Length(_order[position]) > NearRows;

    /// <summary>
    /// Rows of the other side in a block for the row at a position: all for a near one; for a far one a power of 2 times
    /// <see cref="CachedRows"/>, by its length alone.
    /// </summary>
    public int BlockRows(int position)
    {
        if (!IsFar(position))
            return OtherFactors.Rows;
        var (rows, doublings) = ((long)CachedRows, 0);
        for (; rows * Rows.Length(_order[position]) < (long)VisitEntries * OtherFactors.Rows && doublings < MostDoublings; doublings++)
            rows *= 2;
        return (int)Math.Min(OtherFactors.Rows, rows);
    }

    public float* FactorsOf(int position) => Factors.Pointer + (long)Places[position] * Factors.Stride;

    /// <summary>What the factors at a place are drawn to; empty: to zero.</summary>
    public ReadOnlySpan<float> Prior(int place) => Priors is null ? default : Priors.PaddedRow(place);

    /// <summary>
    /// Asks the memory for a row's entries. The processor cannot guess them: positions that follow each other lie far apart in the
    /// interactions.
    /// </summary>
    public void Prefetch(int position) => Rows.Prefetch(_order[position]);

    /// <summary>The places of the row's entries on the other side.</summary>
    public ReadOnlySpan<int> Indices(int position) => Rows.RawIndices(_order[position]);

    public WalsRow Row(int position)
    {
        int row = _order[position], place = Places[position];
        return new()
        {
            Indices = Rows.RawIndices(row),
            Labels = Rows.RawLabels(row),
            Weights = Rows.RawWeights(row),
            Regularization = Side.Regularization[place],
            Prior = Prior(place),
            Weight = Side.Weight?[place] ?? 1,
            UnobservedScale = Side.UnobservedScale?[place] ?? 1,
        };
    }

    /// <summary>Where the group that begins at a position ends, and its entries. <paramref name="left"/>: entries from there on.</summary>
    private (int End, int Entries) EndOfGroup(int start, long left)
    {
        // Far groups become smaller and smaller, so that no thread has to wait long for the last one.
        var isFar = IsFar(start);
        var (maxRows, maxEntries) = isFar ? (CachedRows / 4, Math.Min(MostFarEntries, left / (2 * Solvers.Length))) : (NearGroupRows, CachedRows);
        var (end, entries, blockRows) = (start, 0, BlockRows(start));
        for (; end < End && end - start < maxRows && IsFar(end) == isFar && BlockRows(end) == blockRows; end++)
        {
            var length = FactorKernels.RoundUp(Rows.Length(_order[end]));
            if (end > start && entries + length > maxEntries)
                break;
            entries += length;
        }
        return (end, entries);
    }

    /// <summary>Shares of about as much work each: a row's is that of its entries, and of the Gramian that of half as many as it has
    /// factors.</summary>
    private int[] Divide(int count)
    {
        var borders = new int[count + 1];
        borders[count] = Side.KnownCount;
        if (count == 1)
            return borders;
        long perRow = Factors.Stride / 2, total = Rows.LongEntryCount + perRow * Side.KnownCount, done = 0;
        for (int position = 0, share = 1; position < Side.KnownCount; position++)
        {
            while (share < count && done >= total / count * share)
                borders[share++] = position;
            done += Rows.Length(_order[position]) + perRow;
        }
        // Of the shares that are left there is nothing to solve.
        for (int share = 1; share < count; share++)
            borders[share] = Math.Max(borders[share], borders[share - 1]);
        return borders;
    }

    private long EntriesIn(int first, int end)
    {
        if (end - first == Side.KnownCount)
            return Rows.LongEntryCount;
        long entries = 0;
        for (int position = first; position < end; position++)
            entries += Rows.Length(_order[position]);
        return entries;
    }
}
