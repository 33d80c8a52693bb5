using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MLNetRecExt.AspNetCore;

/// <summary>Takes events at once, and hands them to the sink in batches. While the sink fails, they wait; what does not fit is
/// counted.</summary>
internal sealed class FeedbackBuffer<TUser, TItem> : IFeedback<TUser, TItem>, IHostedService
    where TUser : notnull
    where TItem : notnull
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly RecommenderServiceOptions _options;
    private readonly Func<IServiceProvider, IFeedbackSink<TUser, TItem>>? _sink;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;
    private readonly RecommenderInstruments _instruments;
    private readonly ILogger _logger;
    private readonly Channel<FeedbackEvent<TUser, TItem>> _waiting;
    private readonly CancellationTokenSource _stopping = new(), _giveUp = new();

    private Task _running = Task.CompletedTask;
    // The batch that the sink has: who takes it from here counts it, as written or as dropped.
    private List<FeedbackEvent<TUser, TItem>>? _inHand;
    private long _added, _dropped, _written;
    private volatile string? _failure;

    public FeedbackBuffer(string name, RecommenderServiceOptions options, RecommenderParts<TUser, TItem> parts, IServiceProvider services)
    {
        (_name, _options, _sink, _services) = (name, options, parts.Sink, services);
        _time = services.GetRequiredService<TimeProvider>();
        _instruments = services.GetRequiredService<RecommenderInstruments>();
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("MLNetRecExt.AspNetCore");
        _waiting = Channel.CreateBounded<FeedbackEvent<TUser, TItem>>(
            new BoundedChannelOptions(options.FeedbackCapacity) { SingleReader = true });
    }

    public bool HasSink => _sink is not null;

    public long Dropped => Interlocked.Read(ref _dropped);

    public bool Add(FeedbackEvent<TUser, TItem> feedback)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        if (_sink is null || !_waiting.Writer.TryWrite(feedback))
        {
            Drop([feedback]);
            return false;
        }
        Interlocked.Increment(ref _added);
        _instruments.Feedback(_name, feedback.Kind, "added");
        return true;
    }

    public RecommenderStatus AddTo(RecommenderStatus status) => status with
    {
        IsDegraded = status.IsDegraded || _failure is not null,
        Reason = _failure is { } failure ? $"{status.Reason} Feedback cannot be written: {failure}".TrimStart() : status.Reason,
        FeedbackAdded = Interlocked.Read(ref _added),
        FeedbackDropped = Dropped,
        FeedbackWritten = Interlocked.Read(ref _written),
        FeedbackFailure = _failure,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_sink is not null)
            _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Hands over what is left, for as long as the options allow.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await _stopping.CancelAsync();
        using var late = new CancellationTokenSource(_options.FeedbackFlush, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        await _running.WaitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _giveUp.CancelAsync();
        var left = Interlocked.Exchange(ref _inHand, null) ?? [];
        while (_waiting.Reader.TryRead(out var feedback))
            left.Add(feedback);
        Drop(left);
        if (Dropped > 0)
            _logger.LogWarning("Recommender {Name} dropped {Dropped} events of feedback since it started.", _name, Dropped);
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync(_giveUp.Token))
        {
            // The sink may keep it.
            var batch = new List<FeedbackEvent<TUser, TItem>>();
            await FillAsync(batch);
            _inHand = batch;
            await WriteAsync(batch);
        }
    }

    /// <summary>Gathers until the batch is full or its first event waited long enough.</summary>
    private async Task FillAsync(List<FeedbackEvent<TUser, TItem>> batch)
    {
        using var due = new CancellationTokenSource(_options.FeedbackEvery, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(due.Token, _stopping.Token);
        try
        {
            do
            {
                while (batch.Count < _options.FeedbackBatch && _waiting.Reader.TryRead(out var feedback))
                    batch.Add(feedback);
            }
            while (batch.Count < _options.FeedbackBatch && await _waiting.Reader.WaitToReadAsync(stop.Token));
        }
        // It is time.
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Writes a batch, again and again until the sink takes it or the application has waited long enough.</summary>
    private async Task WriteAsync(List<FeedbackEvent<TUser, TItem>> batch)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await using var scope = _services.CreateAsyncScope();
                await _sink!(scope.ServiceProvider).WriteAsync(batch, _giveUp.Token);
                Written(batch);
                return;
            }
            catch (Exception e)
            {
                if (_failure is null)
                    _logger.LogWarning(
                        e, "Recommender {Name}: feedback could not be written. It waits; what does not fit is dropped.", _name);
                _failure = e.Message;
            }
            await Task.Delay(pause, _time, _giveUp.Token);
        }
    }

    private void Written(List<FeedbackEvent<TUser, TItem>> batch)
    {
        if (Interlocked.Exchange(ref _inHand, null) is null)
            return;
        Interlocked.Add(ref _written, batch.Count);
        foreach (var kind in batch.CountBy(feedback => feedback.Kind))
            _instruments.Feedback(_name, kind.Key, "written", kind.Value);
        if (_failure is not null)
            _logger.LogInformation("Recommender {Name}: feedback is written again.", _name);
        _failure = null;
    }

    private void Drop(List<FeedbackEvent<TUser, TItem>> events)
    {
        Interlocked.Add(ref _dropped, events.Count);
        foreach (var feedback in events)
            _instruments.Feedback(_name, feedback.Kind, "dropped");
    }
}
