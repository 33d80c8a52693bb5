namespace MLNetRecExt;

/// <summary>Who trains, until one of them is lost.</summary>
/// <param name="silos">The workers' silos, in the order of their shares.</param>
/// <param name="asked">All silos that there were.</param>
/// <param name="grains">Finds workers.</param>
/// <param name="job">The job.</param>
internal sealed class JobPlan(string[] silos, string[] asked, IGrainFactory grains, string job)
{
    /// <summary>How long a short answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _steps;

    public string[] Silos => silos;

    public string[] Asked => asked;

    public IWalsWorker[] Workers { get; } = [.. silos.Select(silo => grains.GetGrain<IWalsWorker>(WorkerKey.Of(job, silo)))];

    /// <summary>The step that is under way.</summary>
    public StepWait? Wait { get; private set; }

    /// <summary>Who was last to finish the last step.</summary>
    public string? Slowest { get; set; }

    public StepWait NextStep() => Wait = new(++_steps, Workers.Length, TimeProvider.System);

    public void Lose(string why) => _lost.TrySetException(new WorkersLostException(why));

    /// <summary>Waits for something, or for the loss of the plan.</summary>
    public async Task<T> Guard<T>(Task<T> task)
    {
        await Guard((Task)task);
        return await task;
    }

    /// <inheritdoc cref="Guard{T}"/>
    public async Task Guard(Task task) => await await Task.WhenAny(task, _lost.Task);
}
