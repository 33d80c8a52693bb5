namespace MLNetRecExt;

/// <summary>A training.</summary>
[Alias("MLNetRecExt.IWalsJob")]
internal interface IWalsJob : IGrainWithStringKey
{
    /// <summary>The folder under which jobs write where nobody names another.</summary>
    Task<string> GetRoot();

    /// <summary>Begins, or goes on from the last checkpoint if it has begun with the same specification.</summary>
    Task Start(string spec, string marker);

    /// <param name="seen">The last iteration whose loss the client knows.</param>
    Task<JobStatus> GetStatus(int seen);

    Task Cancel();

    /// <summary>Forgets a job that has ended.</summary>
    Task Forget();

    /// <summary>A worker is done with a step.</summary>
    Task Done(int epoch, int step, StepReport report);

    /// <summary>A worker is still at it: this also wakes a job whose silo is lost.</summary>
    /// <returns>Whether it shall go on.</returns>
    Task<bool> Attend(int epoch, int share, double done);
}
