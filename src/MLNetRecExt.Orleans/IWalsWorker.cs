namespace MLNetRecExt;

/// <summary>The part of a training that is done on one silo.</summary>
[Alias("MLNetRecExt.IWalsWorker")]
internal interface IWalsWorker : IGrainWithStringKey
{
    Task<WorkerInfo> Describe(string folder);

    /// <summary>Drops all of earlier epochs, and begins to load.</summary>
    Task Load(int epoch, int step, WorkerOrder order);

    /// <summary>Begins a step; the job is told of its end.</summary>
    Task Begin(int epoch, int step, WalsStep kind, int iteration);

    /// <summary>Adds the terms of users or items to a sum, in order.</summary>
    Task<double> AddTerms(int epoch, bool ofUsers, double sum);

    Task<double> Objective(int epoch, double energy, double users, double items);

    /// <summary>Takes rows, which are in their place when this is called.</summary>
    /// <returns>Whether they were.</returns>
    Task<FactorRowsFate> Receive(FactorRows rows);

    /// <summary>Ends all of this epoch and earlier ones, and lets go of the memory.</summary>
    Task Stop(int epoch);
}
