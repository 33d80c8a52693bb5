using System.Diagnostics;

namespace MLNetRecExt;

/// <summary>One plan's part of a training: tables of all factors, of which it solves its share, and the interactions of that share,
/// mapped.</summary>
/// <remarks>A new plan makes a new one. Late rows of an old plan end up in tables that nobody looks at.</remarks>
internal sealed class WalsWorker
{
    private readonly string _job;
    private readonly WorkerOrder _order;
    private readonly WorkerHost _host;
    private readonly IWalsWorker[] _peers;
    private readonly CancellationTokenSource _stop = new();
    private AlternatingLeastSquares? _squares;
    private string _folder = "";
    private Task _running = Task.CompletedTask;
    private long _solved;

    public WalsWorker(string job, int epoch, WorkerOrder order, WorkerHost host, IGrainFactory grains)
    {
        (_job, Epoch, _order, _host) = (job, epoch, order, host);
        _peers = [.. order.Silos.Where((_, share) => share != order.Share).Select(silo => grains.GetGrain<IWalsWorker>(WorkerKey.Of(job, silo)))];
    }

    public int Epoch { get; }

    public int Share => _order.Share;

    /// <summary>The share of the rows of this step that are solved.</summary>
    public double Done { get; private set; }

    private AlternatingLeastSquares Squares => _squares ?? throw new InvalidOperationException("The worker has loaded nothing yet.");

    /// <summary>Bytes of a row on the wire.</summary>
    public int RowBytes(FactorPart part) => Squares.ItemFactors.Stride * sizeof(float);

    /// <summary>A row on the wire.</summary>
    public Span<float> Row(FactorPart part, int row) => part switch
    {
        FactorPart.Users => RowOf(Squares.Users.Half, row),
        FactorPart.Items => RowOf(Squares.Items.Half, row),
        FactorPart.UserGramian => Squares.Users.Gramian!.Matrix.PaddedRow(row),
        _ => Squares.Items.Gramian!.Matrix.PaddedRow(row),
    };

    /// <summary>Whether another share has rows, so that it may send them.</summary>
    public bool Owns(int share, int part, int first, int count)
    {
        if (_squares is null || (uint)share >= (uint)_order.Silos.Length || share == Share
            || !Enum.IsDefined((FactorPart)part) || part is < 0 or > byte.MaxValue)
            return false;
        var (from, end) = RangeOf((FactorPart)part, share);
        return first >= from && count >= 0 && first <= end - count;
    }

    /// <summary>Does a step, then says so, until it is heard.</summary>
    public void Begin(WalsStep kind, int iteration, Func<StepReport, Task> done)
    {
        var running = Task.Run(() => Report(kind, iteration));
        _running = running;
        _ = Tell(running, done);
    }

    public double AddTerms(bool ofUsers, double sum) => (ofUsers ? Squares.Users : Squares.Items).AddTerms(sum);

    public double Objective(double energy, double users, double items) => Squares.Objective(energy, users, items);

    /// <summary>Ends what is under way, between two groups of rows, and lets go of the memory.</summary>
    public async Task StopAsync()
    {
        _host.Remove(_job, this);
        await _stop.CancelAsync();
        await _running;
        var isLarge = _squares is not null && (long)_squares.ItemFactors.Rows + _squares.UserOrder.Length > 1 << 16;
        _squares = null;
        if (isLarge)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
    }

    private async Task<StepReport?> Report(WalsStep kind, int iteration)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await Run(kind, iteration) with { Share = Share, Elapsed = Stopwatch.GetElapsedTime(start) };
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception cause)
        {
            return new() { Share = Share, Failure = cause.Message, IsPassing = cause is OrleansException or TimeoutException or IOException };
        }
    }

    private async Task Tell(Task<StepReport?> running, Func<StepReport, Task> done)
    {
        if (await running is not { } report)
            return;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await done(report);
                return;
            }
            catch (Exception cause) when (cause is OrleansException or TimeoutException)
            {
                await Task.Delay(JobPlan.Patience / 5);
            }
        }
    }

    private async Task<StepReport> Run(WalsStep kind, int iteration)
    {
        Done = 0;
        Interlocked.Exchange(ref _solved, 0);
        switch (kind)
        {
            case WalsStep.Load:
                await _host.Threads.Run(Load);
                return new();
            case WalsStep.ItemGramian:
                return await Exchange(FactorPart.ItemGramian, sent => SumParts(Squares.Items, FactorPart.ItemGramian, sent));
            case WalsStep.Items:
                return await Exchange(FactorPart.Items, sent => Solve(Squares.Items, sent));
            case WalsStep.UserGramian:
                return await Exchange(FactorPart.UserGramian, sent =>
                {
                    Squares.Features?.Fit(Squares.ItemFactors);
                    SumParts(Squares.Users, FactorPart.UserGramian, sent);
                });
            case WalsStep.Users:
                return await Exchange(FactorPart.Users, sent =>
                {
                    Solve(Squares.Users, sent);
                    Squares.SetItemNorms();
                });
            default:
                CheckpointFile[] files = [];
                await _host.Threads.Run(() => files = new CheckpointFolder(_folder, iteration).Write(Squares, Epoch));
                return new() { Files = files };
        }
    }

    private void Load()
    {
        var spec = WalsJobSpec.Parse(_order.Spec);
        var roots = new Roots(_host.Options);
        _folder = roots.Resolve(spec.Folder);
        var data = roots.Resolve(spec.Data);
        if (spec.MemoryFor(_host.Options.Threads) is var need && need > _host.Options.MemoryLimit)
            throw new InsufficientMemoryException(
                FormattableString.Invariant($"A worker needs about {Math.Ceiling(need / 1e6):N0} MB for {spec.Users:N0} users and ")
                + FormattableString.Invariant($"{spec.Items:N0} items of rank {spec.Rank}, ")
                + FormattableString.Invariant($"but may take {_host.Options.MemoryLimit / 1_000_000:N0} MB. ")
                + $"Lower the rank, or raise {nameof(WorkerOptions.MemoryLimitMegabytes)}.");
        var (byUser, byItem, streams) = JobData.Map(data, spec);
        var plan = new WalsPlan(spec.Solver, spec.Rank, spec.Seed, _host.Options.Threads, _stop.Token)
        {
            Mean = spec.Mean,
            Precision = spec.Precision,
            ByItem = byItem,
            UserStreams = streams,
            ItemFeatures = spec.HasFeatures ? JobData.ReadFeatures(_folder, spec.Items) : null,
            FeatureRegularization = spec.FeatureRegularization,
            Share = new(Share, _order.Silos.Length),
            Scheduler = _host.Threads,
        };
        var squares = new AlternatingLeastSquares(byUser, spec.Items, spec.Settings, plan);
        Check(squares.Users.Half, spec.Items, "users");
        Check(squares.Items.Half, spec.Users, "items");
        if (_order.Checkpoint > 0)
            new CheckpointFolder(_folder, _order.Checkpoint).Read(squares, _stop.Token);
        squares.Energy(0);
        _squares = squares;
    }

    /// <summary>That what is solved here names rows that there are: kernels trust it.</summary>
    private void Check(WalsHalf half, int columns, string side)
    {
        for (int position = half.First; position < half.End; position++)
        {
            _stop.Token.ThrowIfCancellationRequested();
            StoreReader.Check(half.Indices(position), columns, side);
        }
    }

    private async Task<StepReport> Exchange(FactorPart part, Action<Action<int, int>> compute)
    {
        var outbox = new Outbox(
            RangeOf(part, Share), RowBytes(part),
            (first, count) => new(_job, Epoch, Share, part, first, count) { Source = this }, _peers, _stop.Token);
        try
        {
            await _host.Threads.Run(() => compute(outbox.Add));
        }
        finally
        {
            await outbox.CompleteAsync();
        }
        return new() { Bytes = outbox.Bytes };
    }

    private void SumParts(WalsShard shard, FactorPart part, Action<int, int> sent)
    {
        shard.SumGramianParts();
        var (first, end) = RangeOf(part, Share);
        sent(first, end);
    }

    private void Solve(WalsShard shard, Action<int, int> sent)
    {
        shard.AddGramianParts();
        var total = Math.Max(1, shard.Half.End - shard.Half.First);
        shard.Solve((first, end) =>
        {
            Done = (double)Interlocked.Add(ref _solved, end - first) / total;
            sent(first, end);
        });
    }

    /// <summary>The rows that a share has.</summary>
    public (int First, int End) RangeOf(FactorPart part, int share)
    {
        var shard = part is FactorPart.Users or FactorPart.UserGramian ? Squares.Users : Squares.Items;
        if (part is FactorPart.Users or FactorPart.Items)
            return (shard.Half.Borders[share], shard.Half.Borders[share + 1]);
        var rows = shard.Half.Factors.Stride;
        return (shard.FirstPart(share) * rows, shard.FirstPart(share + 1) * rows);
    }

    private static Span<float> RowOf(WalsHalf half, int position) => half.Factors.PaddedRow(half.Places[position]);
}
