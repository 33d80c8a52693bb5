using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterWireTests
{
    private const string Job = "job";

    private static readonly WalsTrainer.Options Options = new() { ApproximationRank = 8, NumberOfIterations = 3 };

    [Fact]
    public async Task Fit_MoreRowsThanAChunkHas_TheFileOfOneProcess()
    {
        var data = Shop.Orders(users: 40_000, items: 300, labels: false, perUser: 3);
        await using var cluster = await TestCluster.Of(2, threads: 2);
        var trainer = Shop.Trainers.Wals(Options);
        Assert.Equal(Shop.File(trainer.Fit(data)), Shop.File(trainer.On(cluster.Client).Fit(data)));
    }

    [Fact]
    public async Task Fit_ABitOfOneChunkIsFlippedInPlace_ShowsInTheModel()
    {
        var isFlipped = false;
        await using var cluster = await TestCluster.Of(2, calling: (cluster, context) =>
        {
            if (!isFlipped && context.MethodName == nameof(IWalsWorker.Receive)
                && context.Request.GetArgument(0) is FactorRows { Part: FactorPart.Users } rows)
            {
                var host = cluster.Silos.GetSiloServiceProvider(context.TargetContext.Address.SiloAddress).GetRequiredService<WorkerHost>();
                MemoryMarshal.AsBytes(host.Find(rows.Job)!.Row(rows.Part, rows.First))[2] ^= 1;
                isFlipped = true;
            }
            return Task.CompletedTask;
        });
        var trainer = Shop.Trainers.Wals(Options);
        Assert.NotEqual(Shop.File(trainer.Fit(Shop.Orders())), Shop.File(trainer.On(cluster.Client).Fit(Shop.Orders())));
        Assert.True(isFlipped);
    }

    [Fact]
    public async Task Receive_RowsAsTheyWereSent_AreInPlace()
    {
        await using var wire = await Wire.Create();
        foreach (var part in Enum.GetValues<FactorPart>())
            Assert.Equal(FactorRowsFate.Taken, wire.Send(wire.Rows(part)).Fate);
        Assert.Equal(wire.Sent, wire.Received);
    }

    [Fact]
    public async Task Receive_RowsOfAnotherPlanOrJob_AreSkipped()
    {
        await using var wire = await Wire.Create();
        var before = wire.Received;
        Assert.Equal(FactorRowsFate.Stale, wire.Send(wire.Rows(FactorPart.Users, epoch: 4)).Fate);
        Assert.Equal(FactorRowsFate.Stale, wire.Send(wire.Rows(FactorPart.Users, job: "other")).Fate);
        Assert.Equal(before, wire.Received);
    }

    [Fact]
    public async Task Receive_RowsThatTheSenderHasNot_AreRefused()
    {
        await using var wire = await Wire.Create();
        var before = wire.Received;
        Assert.Equal(FactorRowsFate.Damaged, wire.Send(wire.Rows(FactorPart.Users, share: 0)).Fate);
        Assert.Equal(FactorRowsFate.Damaged, wire.Send(wire.Rows(FactorPart.Users, share: 2)).Fate);
        Assert.Equal(FactorRowsFate.Damaged, wire.Send(wire.Rows(FactorPart.Users, from: -1)).Fate);
        Assert.Equal(before, wire.Received);
    }

    [Fact]
    public async Task Receive_MutatedMessages_NeverAreTakenForTheRowsAndNeverTouchOthers()
    {
        await using var wire = await Wire.Create();
        var random = new Random(9);
        var good = wire.Write(wire.Rows(FactorPart.Users));
        for (int trial = 0; trial < 70_000; trial++)
        {
            var message = (byte[])good.Clone();
            for (int change = random.Next(3); change >= 0; change--)
                message[random.Next(random.Next(2) == 0 ? 60 : message.Length)] ^= (byte)(1 << random.Next(8));
            if (random.Next(10) == 0)
                message = message[..random.Next(message.Length)];
            try
            {
                var rows = wire.Read(message);
                Assert.True(rows is null || rows.Fate != FactorRowsFate.Taken
                    || message.AsSpan().SequenceEqual(good) || wire.Sent.SequenceEqual(wire.Received));
            }
            catch (Exception cause) when (cause is not Xunit.Sdk.XunitException)
            {
                // Refused, as it should be.
            }
            if (trial % 100 == 99)
                wire.CheckOwnRows();
        }
    }

    /// <summary>Two workers of a job, whose messages a test carries.</summary>
    private sealed class Wire : IAsyncDisposable
    {
        private readonly TestCluster _cluster;
        private readonly WalsWorker _receiver, _sender;
        private readonly Serializer _serializer;
        private readonly byte[] _ownRows;

        private Wire(TestCluster cluster, WalsWorker receiver, WalsWorker sender)
        {
            (_cluster, _receiver, _sender) = (cluster, receiver, sender);
            _serializer = cluster.Silos.GetSiloServiceProvider(null).GetRequiredService<Serializer>();
            _ownRows = All(_receiver, share: 0);
        }

        public byte[] Sent => All(_sender, share: 1);

        public byte[] Received => All(_receiver, share: 1);

        public static async Task<Wire> Create()
        {
            var cluster = await TestCluster.Of(1);
            var folder = JobStorage.FolderOf(cluster.Root, Job);
            var data = Shop.Orders();
            var settings = new WalsSettings(0.1f, 1, 0.05f, 0, 0, 0, 0, WalsTarget.One, UseBiases: false, 0);
            var squares = new AlternatingLeastSquares(data.ByUser, Shop.Items, settings, new(WalsSolver.Cholesky, 8, Seed: 1, Threads: 1));
            JobData.Write(JobData.FolderOf(folder), squares, default);
            var spec = new WalsJobSpec(
                folder, JobData.FolderOf(folder), Shop.Users, Shop.Items, data.LongCount, settings, WalsSolver.Cholesky, 8, 1)
            { Iterations = 1 };
            var host = cluster.Hosts.Single();
            var receiver = await Loaded(share: 0, seed: 1);
            // Another start, so that it shows what has arrived.
            var sender = await Loaded(share: 1, seed: 2);
            host.Set(Job, receiver);
            return new(cluster, receiver, sender);

            async Task<WalsWorker> Loaded(int share, int seed)
            {
                var done = new TaskCompletionSource<StepReport>();
                var worker = new WalsWorker(Job, 5, new((spec with { Seed = seed }).ToJson(), share, ["a", "b"], 0), host, cluster.Client);
                worker.Begin(WalsStep.Load, 0, report =>
                {
                    done.SetResult(report);
                    return Task.CompletedTask;
                });
                Assert.Null((await done.Task).Failure);
                return worker;
            }
        }

        public FactorRows Rows(FactorPart part, string job = Job, int epoch = 5, int share = 1, int from = 0)
        {
            var (first, end) = _sender.RangeOf(part, 1);
            return new(job, epoch, share, part, first + from, end - first) { Source = _sender };
        }

        public byte[] Write(FactorRows rows) => _serializer.SerializeToArray(rows);

        public FactorRows? Read(byte[] message) => _serializer.Deserialize<FactorRows>(message);

        public FactorRows Send(FactorRows rows) => Read(Write(rows))!;

        public void CheckOwnRows() => Assert.True(_ownRows.AsSpan().SequenceEqual(All(_receiver, share: 0)));

        public ValueTask DisposeAsync() => _cluster.DisposeAsync();

        private static byte[] All(WalsWorker worker, int share)
        {
            var bytes = new List<byte>();
            foreach (var part in Enum.GetValues<FactorPart>())
            {
                var (first, end) = worker.RangeOf(part, share);
                for (int row = first; row < end; row++)
                    bytes.AddRange(MemoryMarshal.AsBytes(worker.Row(part, row)));
            }
            return [.. bytes];
        }
    }
}
