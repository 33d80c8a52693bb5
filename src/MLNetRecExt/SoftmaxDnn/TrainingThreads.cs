namespace MLNetRecExt;

/// <summary>Threads of a training. What is cut for them is cut alike for any number of them, so that their number does not show in the bits.</summary>
internal sealed class TrainingThreads(int count, CancellationToken cancellationToken)
{
    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = count, CancellationToken = cancellationToken };

    public CancellationToken CancellationToken => cancellationToken;

    public void ForEach(int count, Action<int> work)
    {
        if (_options.MaxDegreeOfParallelism == 1 || count == 1)
            for (int i = 0; i < count; i++)
                work(i);
        else
            Parallel.For(0, count, _options, work);
    }

    /// <summary>Does 0…count−1 in runs of <paramref name="size"/>: the first, and the one after the last.</summary>
    public void ForEachChunk(int count, int size, Action<int, int> work) =>
        ForEach((count + size - 1) / size, chunk => work(chunk * size, Math.Min(count, (chunk + 1) * size)));
}
