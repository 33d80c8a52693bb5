using Microsoft.Extensions.DependencyInjection;
using MLNetRecExt;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Makes a silo a worker.</summary>
public static class MLNetRecExtSiloBuilderExtensions
{
    /// <summary>Lets this silo take part in trainings.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configure">Says which folders trainings may open, and how many threads they get.</param>
    /// <returns>The silo.</returns>
    /// <exception cref="ArgumentException">No root is named, or an option is out of its range.</exception>
    public static ISiloBuilder AddMLNetRecExt(this ISiloBuilder silo, Action<WorkerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new WorkerOptions();
        configure(options);
        options.Validate();
        silo.Services.AddSingleton(options).AddSingleton<Roots>().AddSingleton<WorkerHost>();
        silo.Services.AddKeyedSingleton<IGrainStorage, JobStorage>(JobStorage.Name);
        silo.AddPlacementDirector<OnSilo, OnSiloDirector>();
        return silo;
    }
}
