namespace MLNetRecExt;

/// <summary>Draws places in proportion to weights, however many there are, at the cost of one look into memory (Walker 1977; Vose
/// 1991).</summary>
internal sealed class AliasTable
{
    // Each place is as likely as any other to be looked up; it is the answer below its threshold, and another place is above.
    private readonly (ulong Threshold, int Other)[] _cells;

    /// <param name="weights">Above 0.</param>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (var weight in weights)
            sum += weight;
        _cells = new (ulong, int)[weights.Length];
        var left = new double[weights.Length];
        Stack<int> light = [], heavy = [];
        for (int place = 0; place < left.Length; place++)
        {
            _cells[place] = (ulong.MaxValue, place);
            left[place] = weights[place] / sum * left.Length;
            (left[place] < 1 ? light : heavy).Push(place);
        }
        // What remains of either at the end is 1 but for rounding.
        while (light.Count > 0 && heavy.Count > 0)
        {
            var (place, other) = (light.Pop(), heavy.Pop());
            _cells[place] = ((ulong)(left[place] * ulong.MaxValue), other);
            left[other] -= 1 - left[place];
            (left[other] < 1 ? light : heavy).Push(other);
        }
    }

    public int Draw(ref SeededRandom random)
    {
        var place = (int)Math.BigMul(random.NextBits(), (ulong)_cells.Length, out var rest);
        var (threshold, other) = _cells[place];
        return rest < threshold ? place : other;
    }
}
