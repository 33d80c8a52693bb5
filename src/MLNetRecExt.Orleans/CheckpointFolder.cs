using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The factors after some sweeps, in files that workers write, each its own rows; the manifest, written last, makes them a
/// checkpoint.</summary>
internal sealed class CheckpointFolder(string job, int iteration)
{
    private const string ManifestName = "manifest.json", FeatureMap = "Features";
    private const int PieceRows = 1024;

    private readonly string _folder = Path.Combine(job, "checkpoint", FormattableString.Invariant($"{iteration}"));

    /// <summary>Writes the rows that are solved here, and who has the first share the map of features.</summary>
    public CheckpointFile[] Write(AlternatingLeastSquares squares, int epoch)
    {
        Directory.CreateDirectory(_folder);
        List<CheckpointFile> files =
        [
            WriteRows(squares.Users.Half, nameof(FactorPart.Users), epoch),
            WriteRows(squares.Items.Half, nameof(FactorPart.Items), epoch),
        ];
        if (squares.Features is { } features && squares.Users.Half.Share == 0)
            files.Add(Write(new(FeatureMap, FeatureMap, 0, features.Blocks.Count, 0, 0), epoch, 0, file =>
            {
                foreach (var block in features.Blocks)
                    file.Write<double>(block);
            }));
        return [.. files];
    }

    /// <summary>Makes the files a checkpoint.</summary>
    public void Complete(IEnumerable<CheckpointFile> files) =>
        CompleteFile.Write(Path.Combine(_folder, ManifestName), stream => JsonSerializer.Serialize(stream, files.ToArray()));

    /// <summary>Sets all factors, of whatever share, to those of the checkpoint.</summary>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or not all rows are there.</exception>
    public void Read(AlternatingLeastSquares squares, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, ManifestName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing: the checkpoint was deleted, or never complete. Begin the job anew.");
        var rows = new Dictionary<string, int> { [nameof(FactorPart.Users)] = 0, [nameof(FactorPart.Items)] = 0 };
        foreach (var file in JsonSerializer.Deserialize<CheckpointFile[]>(File.ReadAllBytes(path)) ?? [])
        {
            if (file.Part == FeatureMap)
                ReadMap(file, squares.Features ?? throw Damaged(path));
            else
                ReadRows(file, file.Part == nameof(FactorPart.Users) ? squares.Users.Half : squares.Items.Half, cancellationToken);
            if (file.Part != FeatureMap)
                rows[file.Part] += file.End - file.First;
        }
        if (rows[nameof(FactorPart.Users)] != squares.Users.Half.Side.KnownCount
            || rows[nameof(FactorPart.Items)] != squares.Items.Half.Side.KnownCount)
            throw Damaged(path);
    }

    /// <summary>Deletes the checkpoints before one.</summary>
    public static void DeleteBefore(string job, int iteration)
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(job, "checkpoint")))
            if (int.TryParse(Path.GetFileName(folder), out var other) && other < iteration)
                Directory.Delete(folder, recursive: true);
    }

    private CheckpointFile WriteRows(WalsHalf half, string part, int epoch) =>
        Write(new(part, part, half.First, half.End, 0, 0), epoch, half.Share, file =>
        {
            for (int position = half.First; position < half.End; position++)
                file.Write<float>(half.Factors.PaddedRow(half.Places[position]));
        });

    private CheckpointFile Write(CheckpointFile entry, int epoch, int share, Action<StoreFile> write)
    {
        var name = FormattableString.Invariant($"{entry.Name}-{epoch}-{share}");
        // What an attempt that was cut off has left.
        File.Delete(Path.Combine(_folder, name));
        using var file = new StoreFile(_folder, name);
        write(file);
        var (_, length, hash) = file.Complete();
        return entry with { Name = name, Length = length, XxHash3 = hash };
    }

    private void ReadRows(CheckpointFile entry, WalsHalf half, CancellationToken cancellationToken)
    {
        using var stream = Open(entry);
        var rowBytes = half.Factors.Stride * sizeof(float);
        if (entry.First < 0 || entry.First > entry.End || entry.End > half.Side.KnownCount
            || stream.Length != (long)(entry.End - entry.First) * rowBytes)
            throw Damaged(stream.Name);
        var hash = new XxHash3();
        for (int position = entry.First; position < entry.End; position++)
        {
            if ((position - entry.First) % PieceRows == 0)
                cancellationToken.ThrowIfCancellationRequested();
            var bytes = MemoryMarshal.AsBytes(half.Factors.PaddedRow(half.Places[position]));
            stream.ReadExactly(bytes);
            hash.Append(bytes);
        }
        if (hash.GetCurrentHashAsUInt64() != entry.XxHash3)
            throw Damaged(stream.Name);
    }

    private void ReadMap(CheckpointFile entry, FeatureRegression features)
    {
        using var stream = Open(entry);
        if (stream.Length != features.Blocks.Sum(block => (long)block.Length * sizeof(double)))
            throw Damaged(stream.Name);
        var hash = new XxHash3();
        foreach (var block in features.Blocks)
        {
            var bytes = MemoryMarshal.AsBytes(block.AsSpan());
            stream.ReadExactly(bytes);
            hash.Append(bytes);
        }
        if (hash.GetCurrentHashAsUInt64() != entry.XxHash3)
            throw Damaged(stream.Name);
        features.Restore();
    }

    private FileStream Open(CheckpointFile entry)
    {
        var path = Path.Combine(_folder, entry.Name);
        if (entry.Name != Path.GetFileName(entry.Name) || !File.Exists(path) || new FileInfo(path).Length != entry.Length)
            throw Damaged(path);
        return new(path, FileMode.Open, FileAccess.Read, FileShare.Read, FactorRowsCodec.ChunkBytes, FileOptions.SequentialScan);
    }

    private static InvalidDataException Damaged(string path) =>
        new($"{path} is not as it was written: the job cannot go on from this checkpoint. Begin it anew.");
}
