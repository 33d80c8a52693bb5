using System.Text.Json;
using MLNetRecExt.Persistence;
using Orleans.Storage;

namespace MLNetRecExt;

/// <summary>Keeps the state of each job in a file under the first root, which is replaced as a whole: every silo finds it, whichever
/// failed.</summary>
internal sealed class JobStorage(Roots roots) : IGrainStorage
{
    public const string Name = "MLNetRecExt";

    /// <summary>Where a job's own files are, under a root.</summary>
    public static string FolderOf(string root, string job) => Path.Combine(root, "jobs", job);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(grainId);
        if (!File.Exists(path))
            return;
        grainState.State = JsonSerializer.Deserialize<T>(await File.ReadAllBytesAsync(path))!;
        grainState.RecordExists = true;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(grainId);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await CompleteFile.WriteAsync(path, stream => JsonSerializer.SerializeAsync(stream, grainState.State));
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        File.Delete(PathOf(grainId));
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private string PathOf(GrainId job) => FolderOf(roots.First, $"{WalsJobGrain.CheckName(job.Key.ToString()!)}.json");
}
