namespace MLNetRecExt;

/// <summary>What a worker is to load.</summary>
/// <param name="Spec">The job's specification.</param>
/// <param name="Share">Which of the workers it is.</param>
/// <param name="Silos">All workers, in the order of their shares.</param>
/// <param name="Checkpoint">Sweeps of the checkpoint to go on from; 0: from the start.</param>
[GenerateSerializer, Immutable, Alias("MLNetRecExt.WorkerOrder")]
internal sealed record WorkerOrder(
    [property: Id(0)] string Spec, [property: Id(1)] int Share, [property: Id(2)] string[] Silos, [property: Id(3)] int Checkpoint);
