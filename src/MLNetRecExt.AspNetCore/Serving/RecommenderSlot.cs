using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore;

/// <summary>Keeps what serves up to date: looks at the source and at the catalogue, checks, builds, and swaps one reference. What cannot be
/// used leaves what serves as it is.</summary>
internal sealed class RecommenderSlot<TUser, TItem> : IHostedService
    where TUser : notnull
    where TItem : notnull
{
    private const int RecordsKept = 20;

    private readonly string _name;
    private readonly RecommenderServiceOptions _options;
    private readonly IModelSource _source;
    private readonly Func<IServiceProvider, IItemCatalogue<TItem>>? _catalogue;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;
    private readonly RecommenderInstruments _instruments;
    private readonly ILogger _logger;
    private readonly ModelLoader<TUser, TItem> _loader;
    private readonly ModelGate<TUser, TItem> _gate;
    private readonly WatchLoop _models;
    private readonly WatchLoop? _catalogues;
    private readonly Lock _swapping = new();

    // What was looked at last, and why it was refused.
    private string? _lastStamp, _refusal;
    private ServedModel<TUser, TItem>? _served;
    private CatalogueSnapshot<TItem>? _snapshot;
    private volatile Serving<TUser, TItem>? _serving;
    private volatile string? _modelTrouble = "No model was looked for yet: the application starts.";
    private volatile string? _catalogueTrouble;
    private volatile ReloadRecord[] _reloads = [];

    public RecommenderSlot(string name, RecommenderServiceOptions options, RecommenderParts<TUser, TItem> parts, IServiceProvider services)
    {
        (_name, _options, _services, _catalogue) = (name, options, services, parts.Catalogue);
        _source = parts.Source?.Invoke(services) ?? new FileModelSource(options.ModelPath!);
        _time = services.GetRequiredService<TimeProvider>();
        _instruments = services.GetRequiredService<RecommenderInstruments>();
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("MLNetRecExt.AspNetCore");
        _loader = new(options, _time);
        _gate = new(options);
        _models = new(LookAtSourceAsync, options.ReloadEvery, _time);
        if (_catalogue is not null)
            _catalogues = new(ReadCatalogueAsync, options.CatalogueEvery, _time);
    }

    /// <summary>What answers now; null until a model, and the catalogue where there is one, were read.</summary>
    public Serving<TUser, TItem>? Serving => _serving;

    /// <summary>The model that was taken last.</summary>
    public ServedModel<TUser, TItem>? Served => _served;

    public CatalogueSnapshot<TItem>? Catalogue => _snapshot;

    public RecommenderStatus Status
    {
        get
        {
            var (served, snapshot) = (_served, _snapshot);
            string[] troubles = [.. new[] { _modelTrouble, _catalogueTrouble }.OfType<string>()];
            return new()
            {
                Name = _name,
                Info = served?.Model.Info,
                Version = served?.Version,
                LoadedAt = served?.LoadedAt,
                TrainedAt = served?.TrainedAt,
                IsDegraded = troubles.Length > 0 || _serving is null,
                Reason = troubles.Length > 0 ? string.Join(" ", troubles) : null,
                Reloads = _reloads,
                CatalogueItems = snapshot?.Items.Count,
                CatalogueReadAt = snapshot?.ReadAt,
            };
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_catalogues is not null)
            await _catalogues.StartAsync(cancellationToken);
        await _models.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _models.StopAsync(cancellationToken);
        if (_catalogues is not null)
            await _catalogues.StopAsync(cancellationToken);
        (_source as FileModelSource)?.Dispose();
    }

    internal async Task<IChangeToken?> LookAtSourceAsync(CancellationToken cancellationToken)
    {
        IChangeToken? change = null;
        try
        {
            change = _source.Watch();
            var published = await _source.FindAsync(cancellationToken);
            if (published is null)
                _modelTrouble = Said(_modelTrouble, _source is FileModelSource
                    ? $"There is no model at '{Path.GetFullPath(_options.ModelPath!)}'; model.Save(path) writes one."
                    : "The source has no model.");
            else if (published.Stamp != _lastStamp)
                await TakeAsync(published, cancellationToken);
            else
                _modelTrouble = _refusal;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The file is being replaced, the network is down: the same may be there at the next look.
            _modelTrouble = Said(_modelTrouble, $"The model could not be read: {e.Message}", e);
        }
        return change;
    }

    /// <summary>Reads a model, checks it, and lets it serve if it passes.</summary>
    private async Task TakeAsync(PublishedModel published, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        string? version = null;
        try
        {
            await using var stream = await ModelLoader<TUser, TItem>.OpenAsync(published, cancellationToken);
            version = await ModelLoader<TUser, TItem>.VersionOfAsync(stream, cancellationToken);
            if (version == _served?.Version)
            {
                // Touched, or put back after another was refused.
                (_lastStamp, _modelTrouble, _refusal) = (published.Stamp, null, null);
                return;
            }
            // On a thread of its own: those of the pool answer requests meanwhile.
            await Task.Factory.StartNew(() => Take(stream, version, published.PublishedAt), cancellationToken,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        // Not sound, of other types, or refused: it stays so, until there is another.
        catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException)
        {
            _modelTrouble = _refusal = Said(_modelTrouble, $"The model {version} was refused: {e.Message}", e);
            _lastStamp = published.Stamp;
            Record(version, e.Message, start);
            return;
        }
        (_lastStamp, _modelTrouble, _refusal) = (published.Stamp, null, null);
        Record(version, null, start);
        // The model that served is garbage now, a large one: left to itself the collector lets twenty gather first.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        _logger.LogInformation("Recommender {Name} serves model {Version}.", _name, version);
        if (!_served!.Model.CanFoldIn)
            _logger.LogWarning("Recommender {Name}: {Model} cannot fold in a history. What happened since training does not count, "
                + "and who has no id gets the fallback; train another model for these.", _name, _served.Model.GetType().Name);
    }

    private void Take(Stream stream, string version, DateTimeOffset? publishedAt)
    {
        var next = _loader.Read(stream, version, publishedAt);
        if (_served is { } serving && _gate.Refusal(serving.Recommender, next.Recommender) is { } refusal)
            throw new InvalidDataException(refusal);
        ModelWarmUp.Run(next.Model);
        lock (_swapping)
            Swap(next, _snapshot);
    }

    private async Task<IChangeToken?> ReadCatalogueAsync(CancellationToken cancellationToken)
    {
        IChangeToken? change = null;
        try
        {
            await using var scope = _services.CreateAsyncScope();
            var catalogue = _catalogue!(scope.ServiceProvider);
            change = catalogue.Watch();
            var items = await catalogue.ReadAsync(cancellationToken);
            lock (_swapping)
            {
                // What did not change keeps what was worked out.
                var isSame = _snapshot is { } before && before.Items.SequenceEqual(items);
                var next = new CatalogueSnapshot<TItem>(isSame ? _snapshot!.Items : items, _time.GetUtcNow());
                if (isSame || _served is null)
                    _snapshot = next;
                else
                    Swap(_served, next);
            }
            _catalogueTrouble = null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _catalogueTrouble = Said(_catalogueTrouble, $"The catalogue could not be read: {e.Message}", e);
        }
        return change;
    }

    private void Swap(ServedModel<TUser, TItem> served, CatalogueSnapshot<TItem>? snapshot)
    {
        if (_catalogue is null || snapshot is not null)
        {
            var before = _serving;
            var filters = snapshot is null ? null : new CatalogueFilters<TUser, TItem>(served.Recommender, snapshot);
            filters?.WarmUp(before?.Filters);
            var batches = before?.Served == served ? before.Batches : QueryBatches.For(served.Model, _options.MaxBatch);
            _serving = new(served, filters, batches);
        }
        (_served, _snapshot) = (served, snapshot);
    }

    /// <summary>Logs what is wrong: once, not at every look.</summary>
    private string Said(string? before, string trouble, Exception? e = null)
    {
        if (before != trouble)
            _logger.LogWarning(e, "Recommender {Name} is degraded: {Reason}", _name, trouble);
        return trouble;
    }

    private void Record(string? version, string? reason, long start)
    {
        var record = new ReloadRecord(_time.GetUtcNow(), version, reason is null, reason, Stopwatch.GetElapsedTime(start));
        _reloads = [record, .. _reloads.Take(RecordsKept - 1)];
        _instruments.Reloaded(_name, reason is null);
    }
}
