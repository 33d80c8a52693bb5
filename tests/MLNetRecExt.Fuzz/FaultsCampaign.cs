namespace MLNetRecExt.Fuzz;

/// <summary>What may happen while the library works: cancellation at any moment, and every tenth input a process killed, or its disk full,
/// while it saves, trains with checkpoints, tunes or writes a store.</summary>
internal sealed class FaultsCampaign : ICampaign
{
    private const int ProcessesEvery = 10, DiskEvery = 8;

    private readonly Cancellations _cancellations = new();
    private readonly Victims _victims = new();

    public string Try(Random random, int index) =>
        index % ProcessesEvery > 0 ? _cancellations.Try(random)
        : index / ProcessesEvery % DiskEvery == 0 ? _victims.FillDisk(random)
        : _victims.Kill(random);
}
