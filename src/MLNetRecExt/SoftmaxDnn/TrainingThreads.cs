namespace MLNetRecExt;

/// <summary>Threads of a training. What is cut for them is cut alike for any number of them, so that their number does not show in the bits.</summary>
internal sealed class TrainingThreads(int count, CancellationToken cancellationToken)
{
    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = count, CancellationToken = cancellationToken };

    public int Count
    {
        set => _options.MaxDegreeOfParallelism = value;
    }

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Does 0…count−1, in this order as far as threads are free: what takes longest comes first.</summary>
    public void ForEach(int count, Action<int> work)
    {
        var threads = Math.Min(_options.MaxDegreeOfParallelism, count);
        var next = -1;
        if (threads <= 1)
            Take(0);
        else
            Parallel.For(0, threads, _options, Take);

        void Take(int thread)
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
                work(i);
        }
    }

    /// <summary>Does 0…count−1 in runs of <paramref name="size"/>: the first, and the one after the last.</summary>
    public void ForEachChunk(int count, int size, Action<int, int> work) => ForEachChunk([(count, size, work)]);

    /// <summary>The same for several lots that do not wait for one another.</summary>
    public void ForEachChunk(params (int Count, int Size, Action<int, int> Work)[] lots)
    {
        ForEach(lots.Sum(Chunks), chunk =>
        {
            foreach (var lot in lots)
            {
                if (chunk < Chunks(lot))
                {
                    lot.Work(chunk * lot.Size, Math.Min(lot.Count, (chunk + 1) * lot.Size));
                    return;
                }
                chunk -= Chunks(lot);
            }
        });

        static int Chunks((int Count, int Size, Action<int, int>) lot) => (lot.Count + lot.Size - 1) / lot.Size;
    }
}
