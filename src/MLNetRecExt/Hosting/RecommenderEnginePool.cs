using System.Collections.Concurrent;
using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Single predictions from many threads: a <see cref="PredictionEngine{TSrc, TDst}"/> for each thread that predicts at the same
/// time.</summary>
/// <remarks>
/// A <see cref="PredictionEngine{TSrc, TDst}"/> used from two threads gives wrong answers without an exception; this class may be
/// used from any number. Keep one for the life of the service. Calls on a <see cref="RecommenderModel"/> are thread-safe by
/// themselves and need no pool.
/// A pool that is made answers one row without values first, so that nobody waits for what is compiled then; where
/// <typeparamref name="TSource"/> has no constructor without parameters, the first row does.
/// </remarks>
/// <typeparam name="TSource">Class of the rows that come in.</typeparam>
/// <typeparam name="TResult">Class of the answers.</typeparam>
public sealed class RecommenderEnginePool<TSource, TResult> : IDisposable
    where TSource : class
    where TResult : class, new()
{
    private readonly ConcurrentBag<PredictionEngine<TSource, TResult>> _idle = [];
    private readonly Func<PredictionEngine<TSource, TResult>> _create;
    private volatile bool _disposed;

    internal RecommenderEnginePool(MLContext mlContext, ITransformer transformer, PredictionEngineOptions? options)
    {
        var lockOfContext = new Lock();
        options = new PredictionEngineOptions
        {
            IgnoreMissingColumns = options?.IgnoreMissingColumns ?? true,
            InputSchemaDefinition = options?.InputSchemaDefinition,
            OutputSchemaDefinition = options?.OutputSchemaDefinition,
            OwnsTransformer = false,
        };
        _create = () =>
        {
            // An MLContext is not made for use from several threads at once.
            lock (lockOfContext)
                return mlContext.Model.CreatePredictionEngine<TSource, TResult>(transformer, options);
        };
        // A loaded pipeline brings its model now, which takes less memory and no time of the first request, and so does what is searched.
        _ = RecommenderTransformerExtensions.Find(transformer, toServe: true);
        // Wrong columns are found here rather than at the first request. Transformers that were not loaded are warm by it.
        _idle.Add(_create());
        Rehearse();
    }

    /// <summary>Answers a row that nobody sent: most of what a first answer takes is the compilation of what reads rows.</summary>
    private void Rehearse()
    {
        if (typeof(TSource).GetConstructor(Type.EmptyTypes) is null)
            return;
        try
        {
            Predict(Activator.CreateInstance<TSource>());
        }
        catch (Exception)
        {
            // An empty row is more than some pipelines take. Its engine is gone, and rows that are sent speak for themselves.
            if (_idle.IsEmpty)
                _idle.Add(_create());
        }
    }

    /// <summary>Answers one row. Thread-safe.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public TResult Predict(TSource row)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var engine = _idle.TryTake(out var idle) ? idle : _create();
        // An engine that threw may hold half a row: it is not used again.
        var result = engine.Predict(row);
        if (_disposed)
            engine.Dispose();
        else
            _idle.Add(engine);
        return result;
    }

    /// <summary>Lets the engines go. The transformer stays the caller's.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var engine))
            engine.Dispose();
    }
}
