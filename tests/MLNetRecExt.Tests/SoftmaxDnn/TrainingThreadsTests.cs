namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class TrainingThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void ForEach_LotAfterLot_DoesEachPartOnceAndTheLotBeforeTheNext(int threads)
    {
        var team = new TrainingThreads(threads, default);
        var times = new int[100];
        for (int lot = 0; lot < 2000; lot++)
        {
            var count = lot % 101;
            team.ForEach(count, i => times[i]++);
            for (int i = 0; i < times.Length; i++)
                Assert.Equal(i < count ? 1 : 0, times[i]);
            times.AsSpan().Clear();
            // Now and then helpers have gone back.
            if (lot % 500 == 0)
                Thread.Sleep(2);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void ForEachChunk_SeveralLots_CutsEachFromItsBeginning(int threads)
    {
        var (first, second) = (new int[10], new int[7]);
        new TrainingThreads(threads, default).ForEachChunk(
            (10, 4, (start, end) => first.AsSpan(start..end).Fill(100 * start + end)),
            (0, 4, (_, _) => throw new InvalidOperationException()),
            (7, 7, (start, end) => second.AsSpan(start..end).Fill(100 * start + end)));
        Assert.Equal([4, 4, 4, 4, 408, 408, 408, 408, 810, 810], first);
        Assert.Equal([7, 7, 7, 7, 7, 7, 7], second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void ForEach_AnyPartFails_ThrowsWhatItThrewAndGoesOnWithTheNextLot(int threads)
    {
        var team = new TrainingThreads(threads, default);
        for (int bad = 0; bad < 20; bad++)
        {
            var failure = new FormatException($"Part {bad}.");
            Assert.Same(failure, Assert.Throws<FormatException>(() => team.ForEach(20, i =>
            {
                if (i == bad)
                    throw failure;
            })));
            var done = 0;
            team.ForEach(20, _ => Interlocked.Increment(ref done));
            Assert.Equal(20, done);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ForEach_Cancelled_ThrowsAndDoesNothing(int threads)
    {
        using var source = new CancellationTokenSource();
        var team = new TrainingThreads(threads, source.Token);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => team.ForEach(3, _ => throw new InvalidOperationException()));
    }
}
