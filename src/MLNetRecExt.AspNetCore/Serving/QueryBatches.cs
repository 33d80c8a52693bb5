using System.Collections.Concurrent;

namespace MLNetRecExt.AspNetCore;

/// <summary>Answers the queries that wait at the same time as one batch: the catalogue is read once for all of them. Nobody waits for a
/// batch to fill: while one is answered the next one gathers.</summary>
/// <remarks>Where even the bytes that stand for the embeddings of the items do not fit the processor's cache, reading them is what a list
/// costs, and a query of a batch of 8 takes about half as long as one alone. Where they fit, a list is quick, few come at the same time, and a
/// change of threads costs more.</remarks>
internal sealed class QueryBatches(RecommenderModel model, int maxBatch)
{
    // Numbers of the embeddings, items × rank, a byte each in the first pass of a search. The benchmark "batch" measures what is gained.
    private const long FewestNumbers = 32_000_000;

    private readonly ConcurrentQueue<Waiting> _waiting = [];
    private int _working;

    /// <summary>Batches for a model that gains by them; null for another.</summary>
    public static QueryBatches? For(RecommenderModel model, int maxBatch) =>
        maxBatch > 1 && model is FactorModel factors && (long)factors.Items.Count * factors.ApproximationRank >= FewestNumbers
            ? new(model, maxBatch)
            : null;

    /// <summary>The list of a query, as the model gives it alone.</summary>
    public async Task<(TopItemLists Lists, int List)> TopItemsAsync(
        RecommenderQuery query, int count, TopItemsOptions options, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(query, count, options, cancellationToken);
        _waiting.Enqueue(waiting);
        if (Interlocked.Increment(ref _working) <= Environment.ProcessorCount)
            _ = Task.Run(Work, CancellationToken.None);
        else
            Interlocked.Decrement(ref _working);
        return await waiting.Answer.Task;
    }

    private void Work()
    {
        var batch = new List<Waiting>(maxBatch);
        do
        {
            while (Take(batch))
                foreach (var alike in batch.GroupBy(waiting => (waiting.Options.Filter, waiting.Options.Fallback)))
                    Answer([.. alike]);
            Interlocked.Decrement(ref _working);
        }
        // One that came after the last look and found all working.
        while (!_waiting.IsEmpty && Interlocked.Increment(ref _working) > 0);
    }

    private bool Take(List<Waiting> batch)
    {
        batch.Clear();
        while (batch.Count < maxBatch && _waiting.TryDequeue(out var next))
            if (!next.CancellationToken.IsCancellationRequested)
                batch.Add(next);
            else
                next.Answer.TrySetCanceled(next.CancellationToken);
        return batch.Count > 0;
    }

    private void Answer(Waiting[] batch)
    {
        try
        {
            var options = batch[0].Options with { NumberOfThreads = 1, CancellationToken = default };
            var lists = model.TopItems([.. batch.Select(waiting => waiting.Query)], batch.Max(waiting => waiting.Count), options);
            for (int list = 0; list < batch.Length; list++)
                batch[list].Answer.TrySetResult((lists, list));
        }
        // A query that cannot be answered spoils its batch: each is asked alone, and gets its own exception.
        catch (Exception) when (batch.Length > 1)
        {
            foreach (var waiting in batch)
                Answer([waiting]);
        }
        catch (Exception e)
        {
            batch[0].Answer.TrySetException(e);
        }
    }

    private sealed record Waiting(RecommenderQuery Query, int Count, TopItemsOptions Options, CancellationToken CancellationToken)
    {
        // Who waits goes on elsewhere: the next batch is due here.
        public TaskCompletionSource<(TopItemLists Lists, int List)> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
