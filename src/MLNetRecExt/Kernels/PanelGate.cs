using System.Runtime.CompilerServices;

namespace MLNetRecExt.Kernels;

/// <summary>Tells a search which panels to score for a query: those that <see cref="CoarsePanels"/> do not rule out. Where they rule out
/// few, as for a long list, they are asked only now and then.</summary>
/// <param name="coarse">The bounds; null lets every panel pass.</param>
/// <param name="query">K numbers.</param>
internal struct PanelGate(CoarsePanels? coarse, ReadOnlySpan<float> query)
{
    // Of so many panels at most so many may pass, or so many are not asked about.
    private const int Asked = 16, MostPassed = 6, NotAsked = 112;

    private readonly CoarsePanels? _coarse = coarse;
    private readonly CoarsePanels.Query _query = coarse is null ? default : coarse.Round(query);
    private int _asked, _passed, _from;

    /// <summary>Whether a row of the panel may reach the threshold. Never false where one does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool IsOpen(int panel, float threshold)
    {
        if (_coarse is null || panel < _from || float.IsNegativeInfinity(threshold))
            return true;
        var passes = _coarse.MayReach(panel, _query, threshold);
        _passed += passes ? 1 : 0;
        if (++_asked < Asked)
            return passes;
        if (_passed > MostPassed)
            _from = panel + 1 + NotAsked;
        (_asked, _passed) = (0, 0);
        return passes;
    }
}
