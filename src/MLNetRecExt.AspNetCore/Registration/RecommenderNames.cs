using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore;

/// <summary>The names of all that were registered, in that order.</summary>
internal sealed class RecommenderNames
{
    private readonly List<string> _names = [];

    public IReadOnlyList<string> All => _names;

    /// <summary>The names that these services hold.</summary>
    public static RecommenderNames In(IServiceCollection services)
    {
        var registered = services.FirstOrDefault(service => service.ServiceType == typeof(RecommenderNames));
        if (registered?.ImplementationInstance is RecommenderNames names)
            return names;
        names = new RecommenderNames();
        services.AddSingleton(names);
        return names;
    }

    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name)
    {
        if (_names.Contains(name))
            throw new ArgumentException($"A recommender '{name}' is registered already; each needs a name of its own.", nameof(name));
        _names.Add(name);
    }

    /// <summary>Seconds since the models that answer were trained.</summary>
    public IEnumerable<Measurement<double>> Ages(IServiceProvider services)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var name in _names)
            if (services.GetRequiredKeyedService<IRecommenderSlot>(name).Status is var status
                && (status.TrainedAt ?? status.LoadedAt) is { } since)
                yield return new((now - since).TotalSeconds, new KeyValuePair<string, object?>("model", status.Name));
    }
}
