using System.Runtime.CompilerServices;

namespace MLNetRecExt;

/// <summary>
/// Interactions with rows and columns exchanged, on several threads. Each takes a part of the rows, counts its entries by column, and
/// writes them behind those of the parts before: so all lie where one thread would put them.
/// </summary>
internal sealed class Transposition
{
    /// <summary>Entries for each number that a part counts: counts stay small beside the entries, however many threads there are.</summary>
    private const int EntriesPerCount = 64;

    /// <summary>Rows, and entries of each, that the memory is asked for ahead.</summary>
    private const int RowsAhead = 4, EntriesAhead = 32;

    private readonly InteractionRows _rows;
    private readonly int[]? _order;
    private readonly int[] _starts;
    private readonly int[][] _next;
    private readonly int[] _offsets;
    private readonly int[] _indices;
    private readonly float[]? _labels;
    private readonly float[]? _weights;

    private Transposition(InteractionRows rows, int columnCount, int[]? order, int parts)
    {
        _rows = rows;
        _order = order;
        _starts = Starts(parts);
        _next = new int[parts][];
        _offsets = new int[columnCount + 1];
        var length = rows.EntryCount + InteractionRows.Padding;
        _indices = new int[length];
        _labels = rows.HasLabels ? new float[length] : null;
        _weights = rows.HasWeights ? new float[length] : null;
    }

    /// <param name="rows">The interactions.</param>
    /// <param name="columnCount">Number of columns.</param>
    /// <param name="order">The order of the rows, whose places are the indices of the result; null: as they are.</param>
    /// <param name="parallel">The threads; null: this one. They do not show in the result.</param>
    public static InteractionRows Of(InteractionRows rows, int columnCount, int[]? order, ParallelOptions? parallel)
    {
        var threads = parallel?.MaxDegreeOfParallelism switch { null => 1, -1 => Environment.ProcessorCount, var given => given.Value };
        var most = Math.Max(1, rows.EntryCount / EntriesPerCount / Math.Max(1, columnCount));
        var transposition = new Transposition(rows, columnCount, order, Math.Min(threads, most));
        parallel ??= new ParallelOptions();
        Parallel.For(0, transposition._next.Length, parallel, transposition.CountPart);
        transposition.SetPositions();
        Parallel.For(0, transposition._next.Length, parallel, transposition.WritePart);
        return new InteractionRows(transposition._offsets, transposition._indices, transposition._labels, transposition._weights, null);
    }

    /// <summary>The place where each part starts, and the end: parts have about equally many entries.</summary>
    private int[] Starts(int parts)
    {
        var starts = new int[parts + 1];
        long entries = 0;
        for (int place = 0, part = 1; part < parts; place++)
        {
            for (; part < parts && entries >= (long)_rows.EntryCount * part / parts; part++)
                starts[part] = place;
            if (place < _rows.RowCount)
                entries += _rows.Length(RowAt(place));
        }
        starts[parts] = _rows.RowCount;
        return starts;
    }

    private int RowAt(int place) => _order is null ? place : _order[place];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountPart(int part)
    {
        var counts = new int[_offsets.Length - 1];
        for (int place = _starts[part]; place < _starts[part + 1]; place++)
        {
            if (place + 1 < _starts[part + 1])
                _rows.Prefetch(RowAt(place + 1));
            foreach (var column in _rows.Indices(RowAt(place)))
                counts[column]++;
        }
        _next[part] = counts;
    }

    /// <summary>Makes of counts the positions of each part's first entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetPositions()
    {
        var position = 0;
        for (int column = 0; column < _offsets.Length - 1; column++)
        {
            foreach (var next in _next)
            {
                var count = next[column];
                next[column] = position;
                position += count;
            }
            _offsets[column + 1] = position;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WritePart(int part)
    {
        var next = _next[part];
        for (int place = _starts[part]; place < _starts[part + 1]; place++)
        {
            if (place + RowsAhead < _starts[part + 1])
                _rows.Prefetch(RowAt(place + RowsAhead), 0, EntriesAhead);
            var row = RowAt(place);
            ReadOnlySpan<int> columns = _rows.Indices(row);
            ReadOnlySpan<float> labels = _rows.Labels(row), weights = _rows.Weights(row);
            for (int e = 0; e < columns.Length; e++)
            {
                var position = next[columns[e]]++;
                _indices[position] = place;
                if (!labels.IsEmpty)
                    _labels![position] = labels[e];
                if (!weights.IsEmpty)
                    _weights![position] = weights[e];
            }
        }
    }
}
