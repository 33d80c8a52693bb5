using System.Runtime.CompilerServices;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>
/// What takes longer than a list, worked out once for each model, when it is first asked for, and dropped with the model. One at a time,
/// so that the page never takes more than one core from those who are served.
/// </summary>
internal sealed class ModelSurveys(TimeProvider time) : IDisposable
{
    private readonly ConditionalWeakTable<RecommenderModel, ListSample> _samples = [];
    private readonly ConditionalWeakTable<FactorModel, EmbeddingMap> _maps = [];
    private readonly SemaphoreSlim _turn = new(1);

    public Task<ListSample> SampleAsync(RecommenderModel model, CancellationToken cancellationToken) =>
        GetAsync(_samples, model, () => ListSample.Take(model, time, cancellationToken), cancellationToken);

    public Task<EmbeddingMap> MapAsync(FactorModel model, CancellationToken cancellationToken) =>
        GetAsync(_maps, model, () => EmbeddingMap.Draw(model), cancellationToken);

    public async Task<ListOverlap> OverlapAsync(RecommenderModel model, RecommenderModel other, CancellationToken cancellationToken)
    {
        var sample = await SampleAsync(model, cancellationToken);
        return await InTurnAsync(() => ListOverlap.Between(sample, other, time, cancellationToken), cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    private async Task<TValue> GetAsync<TModel, TValue>(
        ConditionalWeakTable<TModel, TValue> known, TModel model, Func<TValue> work, CancellationToken cancellationToken)
        where TModel : class
        where TValue : class
    {
        if (known.TryGetValue(model, out var value))
            return value;
        return await InTurnAsync(() => known.TryGetValue(model, out var found) ? found : known.GetOrAdd(model, work()), cancellationToken);
    }

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }
}
