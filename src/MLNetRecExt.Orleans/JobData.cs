using System.Runtime.InteropServices;
using System.Text;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The files of a job that a client writes: interactions, unless a store has them, and features of items.</summary>
//   data/       rows as in a store, users in the order in which they are solved; no ids
//     users.streams   int32: by place the user's index, from which its start follows
//   features    vectors of items, as a model file holds them
//   marker      text by which workers know that they see this folder
internal static class JobData
{
    private const string Streams = "users.streams", Features = "features", MarkerFile = "marker";
    private const int ModelVersion = 5;

    public static string FolderOf(string job) => Path.Combine(job, "data");

    /// <summary>Writes the interactions of a training, once.</summary>
    public static void Write(string folder, AlternatingLeastSquares squares, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(folder, StoreManifest.FileName)))
            return;
        // What a killed client has left.
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        InteractionRows byUser = squares.Users.Half.Rows, byItem = squares.Items.Half.Rows;
        List<StoreManifest.FileEntry> files =
        [
            .. WriteRows(folder, "users", byUser, squares.UserOrder, cancellationToken),
            .. WriteRows(folder, "items", byItem, default, cancellationToken),
        ];
        using (var streams = new StoreFile(folder, Streams))
        {
            streams.Write(squares.UserOrder);
            files.Add(streams.Complete());
        }
        const Microsoft.ML.Data.DataKind kind = Microsoft.ML.Data.DataKind.Int32;
        new StoreManifest(StoreManifest.CurrentVersion, byUser.RowCount, byItem.RowCount, byUser.LongEntryCount, kind, kind, default, files)
            .Write(folder);
    }

    /// <summary>The rows of both directions, mapped, and the users' streams where they are not their places.</summary>
    public static (InteractionRows ByUser, InteractionRows ByItem, int[]? Streams) Map(string folder, WalsJobSpec spec)
    {
        var manifest = StoreManifest.Read(folder);
        if ((manifest.Users, manifest.Items, manifest.Entries) != (spec.Users, spec.Items, spec.Entries))
            throw new InvalidDataException(
                FormattableString.Invariant($"{folder} has {manifest.Users} users, {manifest.Items} items and {manifest.Entries} interactions; ")
                + FormattableString.Invariant($"the job is of {spec.Users}, {spec.Items} and {spec.Entries}. Begin it anew."));
        var reader = new StoreReader(folder, manifest);
        return (reader.Map("users", spec.Users, spec.Items), reader.Map("items", spec.Items, spec.Users), ReadStreams(folder, spec.Users));
    }

    public static void WriteFeatures(string job, ContentVectors features) => CompleteFile.Write(Path.Combine(job, Features), stream =>
    {
        var writer = new ModelWriter(stream);
        features.Write(writer);
        writer.WriteChecksum();
        writer.Flush();
    });

    public static ContentVectors ReadFeatures(string job, int items)
    {
        using var stream = File.OpenRead(Path.Combine(job, Features));
        var reader = new ModelReader(stream) { Version = ModelVersion };
        var features = ContentVectors.Read(reader, items);
        reader.CheckChecksum();
        return features;
    }

    /// <summary>Marks the folder, unless it is marked: a job that goes on may be reading.</summary>
    public static string Mark(string job)
    {
        if (ReadMarker(job) is { } marked)
            return marked;
        var marker = Guid.NewGuid().ToString("N");
        CompleteFile.Write(Path.Combine(job, MarkerFile), stream => stream.Write(Encoding.ASCII.GetBytes(marker)));
        return marker;
    }

    /// <summary>What marks the folder; null where it is not seen.</summary>
    public static string? ReadMarker(string job)
    {
        var path = Path.Combine(job, MarkerFile);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    private static IEnumerable<StoreManifest.FileEntry> WriteRows(
        string folder, string side, InteractionRows rows, ReadOnlySpan<int> order, CancellationToken cancellationToken)
    {
        using var files = new StoreSide(folder, side, rows.HasLabels, rows.HasWeights, hasTimestamps: false);
        for (int place = 0; place < rows.RowCount; place++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = order.IsEmpty ? place : order[place];
            files.Write(rows.RawIndices(row), rows.RawLabels(row), rows.RawWeights(row));
        }
        GC.KeepAlive(rows);
        return files.Complete();
    }

    private static int[]? ReadStreams(string folder, int users)
    {
        var path = Path.Combine(folder, Streams);
        if (!File.Exists(path))
            return null;
        var streams = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(path)).ToArray();
        return streams.Length == users ? streams : throw StoreManifest.Damaged(path);
    }
}
