using System.Collections.Concurrent;

namespace MLNetRecExt;

/// <summary>Threads that do nothing but compute, so that those of the runtime are free for probes and messages.</summary>
internal sealed class KernelThreads : TaskScheduler, IDisposable
{
    [ThreadStatic]
    private static KernelThreads? _current;

    private readonly BlockingCollection<Task> _tasks = [];

    public KernelThreads(int count)
    {
        MaximumConcurrencyLevel = count;
        for (int thread = 0; thread < count; thread++)
            new Thread(Run) { IsBackground = true, Name = "MLNetRecExt kernel" }.Start();
    }

    public override int MaximumConcurrencyLevel { get; }

    /// <summary>Runs something on these threads.</summary>
    public Task Run(Action compute) => Task.Factory.StartNew(compute, CancellationToken.None, TaskCreationOptions.None, this);

    public void Dispose() => _tasks.CompleteAdding();

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => _current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [.. _tasks];

    private void Run()
    {
        _current = this;
        foreach (var task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }
}
