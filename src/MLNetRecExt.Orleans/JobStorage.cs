using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using MLNetRecExt.Persistence;
using Orleans.Storage;

namespace MLNetRecExt;

/// <summary>Keeps the state of each job in a file under the first root, which is replaced as a whole: every silo finds it, whichever
/// failed.</summary>
internal sealed class JobStorage(Roots roots) : IGrainStorage
{
    public const string Name = "MLNetRecExt";

    // A job may write while it is writing.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Where a job's own files are, under a root.</summary>
    public static string FolderOf(string root, string job) => Path.Combine(root, "jobs", job);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(grainId);
        if (!File.Exists(path))
            return;
        var bytes = await File.ReadAllBytesAsync(path);
        (grainState.State, grainState.RecordExists, grainState.ETag) = (JsonSerializer.Deserialize<T>(bytes)!, true, TagOf(bytes));
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await _turn.WaitAsync();
        try
        {
            var path = PathOf(grainId);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // A silo that was taken for dead, but is not, must not undo what the job has done elsewhere meanwhile.
            var stored = File.Exists(path) ? TagOf(await File.ReadAllBytesAsync(path)) : null;
            if (stored != grainState.ETag)
                throw new InconsistentStateException("The job goes on on another silo.", stored, grainState.ETag);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(grainState.State);
            await CompleteFile.WriteAsync(path, stream => stream.WriteAsync(bytes).AsTask());
            (grainState.RecordExists, grainState.ETag) = (true, TagOf(bytes));
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (PathOf(grainId) is var path && File.Exists(path))
            File.Delete(path);
        (grainState.RecordExists, grainState.ETag) = (false, null);
        return Task.CompletedTask;
    }

    private static string TagOf(byte[] bytes) => XxHash3.HashToUInt64(bytes).ToString("x", CultureInfo.InvariantCulture);

    private string PathOf(GrainId job) => FolderOf(roots.First, $"{WalsJobGrain.CheckName(job.Key.ToString()!)}.json");
}
