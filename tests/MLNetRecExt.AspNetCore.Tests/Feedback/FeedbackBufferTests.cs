using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MLNetRecExt.AspNetCore.Tests.Feedback;

public class FeedbackBufferTests
{
    [Fact]
    public async Task Add_Events_ArriveInOrderInBatches()
    {
        var table = new Table();
        await using var shop = await StartAsync(table, options => options.FeedbackBatch = 10);
        for (int i = 0; i < 95; i++)
            Assert.True(Add(shop, i));
        await Eventually.TrueAsync(() => table.Rows.Count == 95);
        Assert.Equal(Enumerable.Range(0, 95).Select(i => (long)i), table.Rows.Select(row => row.User));
        Assert.All(table.Batches, size => Assert.InRange(size, 1, 10));
        var status = shop.Recommender.Status;
        Assert.Equal((95, 95, 0), (status.FeedbackAdded, status.FeedbackWritten, status.FeedbackDropped));
    }

    [Fact]
    public async Task Add_FewEvents_AreWrittenWhenTheFirstWaitedLongEnough()
    {
        var (table, time) = (new Table(), new FakeTimeProvider());
        await using var shop = await StartAsync(table, _ => { }, time);
        Add(shop, 1);
        Add(shop, 2);
        await Task.Delay(50);
        Assert.Empty(table.Rows);
        await Eventually.TrueAsync(() => table.Rows.Count == 2, () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal([2], table.Batches);
    }

    [Fact]
    public async Task Add_SinkDownForAWhile_WhatFitsArrivesAndTheRestIsCounted()
    {
        var table = new Table { IsDown = true };
        await using var shop = await StartAsync(table, options => (options.FeedbackCapacity, options.FeedbackBatch) = (100, 20));
        Add(shop, 0);
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded);
        Assert.Contains("The table is locked.", shop.Recommender.Status.Reason);
        var taken = Enumerable.Range(1, 500).Count(i => Add(shop, i));
        Assert.InRange(taken, 99, 100);
        Assert.Equal(500 - taken, shop.Services.GetRequiredService<IFeedback<long, string>>().Dropped);

        table.IsDown = false;
        await Eventually.TrueAsync(() => table.Rows.Count == taken + 1);
        Assert.Equal(table.Rows.Count, table.Rows.Select(row => row.User).Distinct().Count());
        await Eventually.TrueAsync(() => !shop.Recommender.Status.IsDegraded);
        Assert.Equal(taken + 1, shop.Recommender.Status.FeedbackWritten);
        Assert.Single(shop.Log.Warnings);
    }

    [Fact]
    public async Task Stop_EventsWaiting_AreWrittenFirst()
    {
        var (table, time) = (new Table(), new FakeTimeProvider());
        await using var shop = await StartAsync(table, _ => { }, time);
        for (int i = 0; i < 5; i++)
            Add(shop, i);
        await shop.StopAsync();
        Assert.Equal(5, table.Rows.Count);
        Assert.False(Add(shop, 6));
    }

    [Fact]
    public async Task Stop_SinkDown_GivesUpAndCounts()
    {
        var table = new Table { IsDown = true };
        await using var shop = await StartAsync(table, options => options.FeedbackFlush = TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < 5; i++)
            Add(shop, i);
        await shop.StopAsync();
        Assert.Equal(5, shop.Recommender.Status.FeedbackDropped);
        Assert.Contains(shop.Log.Warnings, line => line.Contains("dropped 5 events", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_SinkHangs_GivesUpAndCounts()
    {
        var table = new Table { Hangs = true };
        await using var shop = await StartAsync(table, options =>
            (options.FeedbackFlush, options.FeedbackBatch) = (TimeSpan.FromMilliseconds(50), 2));
        for (int i = 0; i < 5; i++)
            Add(shop, i);
        await Eventually.TrueAsync(() => table.Refusals > 0);
        await shop.StopAsync();
        Assert.Equal(5, shop.Recommender.Status.FeedbackDropped);
    }

    [Fact]
    public async Task Add_NoSink_IsDropped()
    {
        await using var shop = await RunningShop.StartAsync();
        Assert.False(Add(shop, 1));
        Assert.Equal(1, shop.Recommender.Status.FeedbackDropped);
    }

    private static bool Add(RunningShop shop, long user) =>
        shop.Services.GetRequiredService<IFeedback<long, string>>().Add(new(user, "item-04", FeedbackKind.Clicked, default));

    private static Task<RunningShop> StartAsync(Table table, Action<RecommenderServiceOptions> configure, TimeProvider? time = null) =>
        RunningShop.StartAsync(configure, recommender => recommender.WithFeedback<Table>(), services =>
        {
            services.AddSingleton(table);
            if (time is not null)
                services.AddSingleton(time);
        }, model: TrainedModels.First);

    private sealed class Table : IFeedbackSink<long, string>
    {
        private int _refusals;

        public ConcurrentQueue<FeedbackEvent<long, string>> Rows { get; } = [];

        public ConcurrentQueue<int> Batches { get; } = [];

        public volatile bool IsDown;

        public bool Hangs { get; init; }

        public int Refusals => _refusals;

        public async Task WriteAsync(IReadOnlyList<FeedbackEvent<long, string>> batch, CancellationToken cancellationToken)
        {
            if (IsDown || Hangs)
                Interlocked.Increment(ref _refusals);
            if (Hangs)
                await new TaskCompletionSource().Task;
            if (IsDown)
                throw new IOException("The table is locked.");
            Batches.Enqueue(batch.Count);
            foreach (var row in batch)
                Rows.Enqueue(row);
        }
    }
}
