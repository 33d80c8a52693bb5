namespace MLNetRecExt;

/// <summary>A step that workers are at, until all have said that they are done.</summary>
/// <param name="number">Counts steps.</param>
/// <param name="workers">How many there are.</param>
internal sealed class StepWait(int number, int workers)
{
    private readonly StepReport?[] _reports = new StepReport?[workers];
    private readonly double[] _done = new double[workers];
    private readonly TaskCompletionSource<StepReport[]> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Number => number;

    public Task<StepReport[]> All => _all.Task;

    /// <summary>The share of the work that is done.</summary>
    public double Done => _done.Average();

    public void Attend(int share, double done)
    {
        if ((uint)share < (uint)workers && _reports[share] is null)
            _done[share] = done;
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
