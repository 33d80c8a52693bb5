namespace MLNetRecExt;

/// <summary>One side of a store while it is written: rows in order, each column in a file of its own.</summary>
//   SIDE.offsets     int64: where each row starts, and the end
//   SIDE.indices     int32: places of the other side, ascending in each row; behind the last 16 zeros
//   SIDE.labels      float32, behind the last 16 zeros; no file where every label is 1
//   SIDE.weights     likewise
//   SIDE.timestamps  int64; none of items, nor where there are none
// Rows stand as they are solved, longest first, so any range of them is one slice of each file: whoever shares the work, among however
// many, needs no file for each range, which would settle the ranges when the store is written.
internal sealed class StoreSide : IDisposable
{
    private readonly StoreFile _offsets, _indices;
    private readonly StoreFile? _labels, _weights, _timestamps;
    private long _end;

    public StoreSide(string folder, string side, bool hasLabels, bool hasWeights, bool hasTimestamps)
    {
        _offsets = new(folder, $"{side}.offsets");
        _indices = new(folder, $"{side}.indices");
        _labels = hasLabels ? new(folder, $"{side}.labels") : null;
        _weights = hasWeights ? new(folder, $"{side}.weights") : null;
        _timestamps = hasTimestamps ? new(folder, $"{side}.timestamps") : null;
        _offsets.Write([0L]);
    }

    /// <summary>Writes the next rows.</summary>
    public void Write(InteractionRows rows)
    {
        for (int row = 0; row < rows.RowCount; row++)
            _offsets.Write([_end += rows.Length(row)]);
        _indices.Write<int>(rows.IndexArray.AsSpan(0, rows.EntryCount));
        for (int row = 0; row < rows.RowCount; row++)
        {
            _labels?.Write(OrOnes(rows.Labels(row), rows.Length(row)));
            _weights?.Write(OrOnes(rows.Weights(row), rows.Length(row)));
            _timestamps?.Write(rows.Timestamps(row));
        }
    }

    /// <summary>Writes the next row.</summary>
    public void Write(ReadOnlySpan<int> indices, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        _offsets.Write([_end += indices.Length]);
        _indices.Write(indices);
        _labels?.Write(OrOnes(labels, indices.Length));
        _weights?.Write(OrOnes(weights, indices.Length));
    }

    /// <returns>What the manifest says of the files.</returns>
    public IEnumerable<StoreManifest.FileEntry> Complete()
    {
        _indices.Write<int>(new int[InteractionRows.Padding]);
        _labels?.Write<float>(new float[InteractionRows.Padding]);
        _weights?.Write<float>(new float[InteractionRows.Padding]);
        return [.. Files.Select(file => file.Complete())];
    }

    public void Dispose()
    {
        foreach (var file in Files)
            file.Dispose();
    }

    private IEnumerable<StoreFile> Files => new[] { _offsets, _indices, _labels, _weights, _timestamps }.OfType<StoreFile>();

    private static ReadOnlySpan<float> OrOnes(ReadOnlySpan<float> values, int length)
    {
        if (!values.IsEmpty || length == 0)
            return values;
        var ones = new float[length];
        Array.Fill(ones, 1);
        return ones;
    }
}
