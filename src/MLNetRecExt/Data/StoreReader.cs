using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Reads ids and maps rows of a store whose files are as they were written. Whoever wrote them, nothing outside of them is ever
/// looked at.</summary>
internal sealed class StoreReader(string folder, StoreManifest manifest)
{
    public IdMap Ids(string side, int count, DataKind kind)
    {
        if (kind != DataKind.String && IdKind.Find(kind) is null)
            throw Damaged(StoreManifest.FileName);
        if (kind != DataKind.String)
            return IdMap.FromIntegers(Map<long>($"{side}.ids", count).Slice(0, count).ToArray(), kind);
        var ends = Map<long>($"{side}.ends", count);
        var end = count == 0 ? 0 : ends[count - 1];
        var texts = Map<byte>($"{side}.ids", end);
        var ids = new Utf8Ids(count, end);
        for (int index = 0; index < count; index++)
        {
            var start = index == 0 ? 0 : ends[index - 1];
            if (ends[index] < start || ends[index] > end || ends[index] - start > int.MaxValue)
                throw Damaged($"{side}.ends");
            ids.Add(texts.Slice(start, (int)(ends[index] - start)));
        }
        GC.KeepAlive(ends);
        GC.KeepAlive(texts);
        return IdMap.FromText(ids);
    }

    /// <summary>The rows of a side, each of which is checked.</summary>
    public InteractionRows Rows(string side, int rowCount, int columnCount)
    {
        var rows = Map(side, rowCount, columnCount);
        for (int row = 0; row < rowCount; row++)
            Check(rows.RawIndices(row), columnCount, Path.Combine(folder, $"{side}.indices"));
        GC.KeepAlive(rows);
        return rows;
    }

    /// <summary>The rows of a side. Whoever looks at one checks it first.</summary>
    public InteractionRows Map(string side, int rowCount, int columnCount)
    {
        const int Padding = InteractionRows.Padding;
        var (count, offsets) = (manifest.Entries, Map<long>($"{side}.offsets", rowCount + 1L));
        if (offsets[0] != 0 || offsets[rowCount] != count)
            throw Damaged($"{side}.offsets");
        for (int row = 0; row < rowCount; row++)
            if (offsets[row] > offsets[row + 1] || offsets[row + 1] - offsets[row] > columnCount)
                throw Damaged($"{side}.offsets");
        return new InteractionRows(
            offsets, Map<int>($"{side}.indices", count + Padding), MapIfThere<float>($"{side}.labels", count + Padding),
            MapIfThere<float>($"{side}.weights", count + Padding), MapIfThere<long>($"{side}.timestamps", count));
    }

    /// <summary>Sees to it that a row's indices ascend and are columns.</summary>
    public static void Check(ReadOnlySpan<int> indices, int columnCount, string path)
    {
        var last = -1;
        foreach (var column in indices)
            last = column > last && column < columnCount ? column : throw StoreManifest.Damaged(path);
    }

    private LongArray<T>? MapIfThere<T>(string name, long count) where T : unmanaged =>
        manifest.Files.Any(file => file.Name == name) ? Map<T>(name, count) : null;

    private LongArray<T> Map<T>(string name, long count) where T : unmanaged
    {
        // A file of nothing cannot be mapped.
        if (count == 0)
            return new([]);
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing. Copy the store again from its source, or write it again.");
        var values = new LongArray<T>(new MappedFile(path));
        return values.Length == count ? values : throw Damaged(name);
    }

    private InvalidDataException Damaged(string name) => StoreManifest.Damaged(Path.Combine(folder, name));
}
