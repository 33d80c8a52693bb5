namespace MLNetRecExt;

/// <summary>A step that workers are at, until all have said that they are done.</summary>
/// <param name="number">Counts steps.</param>
/// <param name="workers">How many there are.</param>
/// <param name="time">Tells how long nothing is heard of one.</param>
internal sealed class StepWait(int number, int workers, TimeProvider time)
{
    /// <summary>A worker that is at it tells every second how far it is.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private readonly StepReport?[] _reports = new StepReport?[workers];
    private readonly double[] _done = new double[workers];
    private readonly long[] _heard = [.. Enumerable.Repeat(time.GetTimestamp(), workers)];
    private readonly TaskCompletionSource<StepReport[]> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Number => number;

    /// <summary>The share of the work that is done.</summary>
    public double Done => _done.Average();

    private bool IsAnySilent =>
        Enumerable.Range(0, workers).Any(share => _reports[share] is null && time.GetElapsedTime(_heard[share]) > LongestSilence);

    /// <summary>Waits for the reports of all.</summary>
    /// <exception cref="TimeoutException">Of a worker nothing is heard.</exception>
    public async Task<StepReport[]> WaitAsync()
    {
        while (true)
        {
            try
            {
                return await _all.Task.WaitAsync(LongestSilence, time);
            }
            catch (TimeoutException) when (!IsAnySilent)
            {
            }
        }
    }

    public void Attend(int share, double done)
    {
        if ((uint)share < (uint)workers && _reports[share] is null)
            (_done[share], _heard[share]) = (done, time.GetTimestamp());
    }

    public void Add(StepReport report)
    {
        if ((uint)report.Share >= (uint)workers)
            return;
        (_reports[report.Share], _done[report.Share]) = (report, 1);
        if (report.Failure is not null)
            _all.TrySetException(report.IsPassing ? new WorkersLostException(report.Failure) : new InvalidOperationException(report.Failure));
        else if (Array.TrueForAll(_reports, known => known is not null))
            _all.TrySetResult(_reports!);
    }
}
