using Orleans.Runtime.Placement;

namespace MLNetRecExt;

/// <summary>Puts a worker onto the silo that its key names, or nowhere: one that is lost must not come back elsewhere, and empty.</summary>
internal sealed class OnSiloDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = WorkerKey.SiloOf(target.GrainIdentity.Key.ToString()!);
        foreach (var silo in context.GetCompatibleSilos(target))
            if (silo.ToParsableString() == name)
                return Task.FromResult(silo);
        throw new OrleansException($"Silo {name} is gone, or does not take part in trainings.");
    }
}
