using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// The gradient of an embedding table as far as a batch touches it: a row for each touched id, in order of first mention, and terms
/// coefficient · (row of another matrix) that are added to them. Rows are summed each on one thread, terms in order: threads do not show in the bits.
/// </summary>
internal sealed unsafe class RowGradients
{
    private static readonly OptimizerKernels Kernels = OptimizerKernels.Best;

    private readonly int _columns;
    private readonly int[] _places;
    private int[] _termPlaces = [], _termSources = [], _sortedSources = [];
    private float[] _termCoefficients = [], _sortedCoefficients = [];
    private int[] _starts = [];
    private int _terms;

    public RowGradients(int ids, int columns)
    {
        _columns = columns;
        _places = new int[ids];
        _places.AsSpan().Fill(-1);
        Rows = new AlignedMatrix(0, columns);
    }

    public List<int> Ids { get; } = [];

    /// <summary>By place.</summary>
    public AlignedMatrix Rows { get; private set; }

    /// <summary>Forgets ids and terms.</summary>
    public void Clear()
    {
        foreach (var id in Ids)
            _places[id] = -1;
        Ids.Clear();
        _terms = 0;
    }

    /// <summary>The place of an id; a new one gets the next.</summary>
    public int Place(int id)
    {
        ref var place = ref _places[id];
        if (place < 0)
        {
            place = Ids.Count;
            Ids.Add(id);
        }
        return place;
    }

    /// <summary>The place of an id, or −1.</summary>
    public int Find(int id) => _places[id];

    public void AddTerm(int place, int source, float coefficient)
    {
        if (_terms == _termPlaces.Length)
        {
            var capacity = Math.Max(1024, 2 * _terms);
            Array.Resize(ref _termPlaces, capacity);
            Array.Resize(ref _termSources, capacity);
            Array.Resize(ref _termCoefficients, capacity);
        }
        (_termPlaces[_terms], _termSources[_terms], _termCoefficients[_terms]) = (place, source, coefficient);
        _terms++;
    }

    /// <summary>Makes room for a row per id. The rows before stay; the new ones hold anything.</summary>
    public void Reserve()
    {
        if (Rows.Rows >= Ids.Count)
            return;
        var before = Rows;
        Rows = new AlignedMatrix(Ids.Count + Ids.Count / 4, _columns);
        before.Padded.CopyTo(Rows.Padded);
    }

    /// <summary>Puts the terms in order of their places, and forgets them once <see cref="AddTerms"/> has been called for all places.</summary>
    public void SortTerms()
    {
        if (_starts.Length < Ids.Count + 1)
            _starts = new int[Ids.Count + Ids.Count / 4 + 1];
        if (_sortedSources.Length < _terms)
        {
            _sortedSources = new int[_termPlaces.Length];
            _sortedCoefficients = new float[_termPlaces.Length];
        }
        var starts = _starts.AsSpan(0, Ids.Count + 1);
        starts.Clear();
        for (int t = 0; t < _terms; t++)
            starts[_termPlaces[t]]++;
        for (int place = 1; place < starts.Length; place++)
            starts[place] += starts[place - 1];
        // From the back, so that each start ends at its first term and equal places keep their order.
        for (int t = _terms - 1; t >= 0; t--)
        {
            var position = --starts[_termPlaces[t]];
            (_sortedSources[position], _sortedCoefficients[position]) = (_termSources[t], _termCoefficients[t]);
        }
        _terms = 0;
    }

    /// <summary>Adds the sorted terms of places <paramref name="first"/> to <paramref name="end"/> − 1, whose sources are rows of <paramref name="source"/>.</summary>
    public void AddTerms(AlignedMatrix source, int first, int end)
    {
        for (int place = first; place < end; place++)
        {
            var row = Rows.Pointer + (long)place * Rows.Stride;
            for (int t = _starts[place]; t < _starts[place + 1]; t++)
                Kernels.AddScaled(source.Pointer + (long)_sortedSources[t] * source.Stride, _sortedCoefficients[t], row, Rows.Stride);
        }
    }
}
