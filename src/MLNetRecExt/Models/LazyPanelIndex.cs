using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Rows of a matrix that are packed when they are first searched, by as many threads as that search may use, and stay packed.
/// Thread-safe. Unlike <see cref="Lazy{T}"/> it packs again where the first time was cancelled.</summary>
/// <param name="rows">Which rows.</param>
/// <param name="pack">Packs them.</param>
internal sealed class LazyPanelIndex(Func<int[]> rows, Func<int[], ParallelOptions, PanelIndex> pack)
{
    private readonly Lock _packing = new();
    private volatile PanelIndex? _index;

    /// <summary>Whether nobody has to wait for it any more.</summary>
    public bool IsPacked => _index is not null;

    /// <exception cref="OperationCanceledException">Cancelled by the options.</exception>
    public PanelIndex Get(ParallelOptions parallel)
    {
        if (_index is { } packed)
            return packed;
        lock (_packing)
            return _index ??= pack(rows(), parallel);
    }

    /// <summary>The same of some of the rows.</summary>
    public LazyPanelIndex Of(int[] some) => new(() => some, pack);
}
