using System.Collections.Concurrent;

namespace MLNetRecExt;

/// <summary>What a silo has for trainings: threads, and the workers of jobs that are under way.</summary>
internal sealed class WorkerHost(WorkerOptions options) : IDisposable
{
    private readonly ConcurrentDictionary<string, WalsWorker> _workers = [];

    public KernelThreads Threads { get; } = new(options.Threads);

    public WorkerOptions Options => options;

    /// <summary>Jobs that are under way here.</summary>
    public int Count => _workers.Count;

    public WalsWorker? Find(string job) => _workers.GetValueOrDefault(job);

    public void Set(string job, WalsWorker worker) => _workers[job] = worker;

    public void Remove(string job, WalsWorker worker) => _workers.TryRemove(new(job, worker));

    public void Dispose() => Threads.Dispose();
}
