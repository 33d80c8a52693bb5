namespace MLNetRecExt.Fuzz;

/// <summary>A fresh model hit by many threads at once: each gets the answers that one thread alone gets.</summary>
internal sealed class ThreadsCampaign : ICampaign
{
    private const int Threads = 8;

    private readonly SampleFiles _samples = new();

    public string Try(Random random, int index)
    {
        var (kind, sample) = _samples.Pick(random);
        var expected = sample.Answers;
        var model = LoadedModel.Load(sample.Bytes) ?? throw new FuzzFailureException("refused", $"a good {kind} is refused");
        using var barrier = new Barrier(Threads);
        var answers = new object?[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                answers[i] = LoadedModel.Use(model);
            }
            catch (Exception e)
            {
                answers[i] = e;
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        foreach (var answer in answers)
        {
            if (answer is Exception e)
                throw FuzzFailureException.Of(kind, e);
            FuzzFailureException.Unless(((List<uint>)answer!).SequenceEqual(expected), $"{kind}: other answers",
                () => "a thread got what one alone does not get");
        }
        return "the same";
    }
}
