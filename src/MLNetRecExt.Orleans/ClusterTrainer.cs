using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Trains <c>Wals</c> on the silos of a cluster, each of which solves for a share of users and items: the model is to the bit that
/// of <see cref="WalsTrainer"/>.</summary>
/// <remarks>
/// <para>Silos take part that called <c>AddMLNetRecExt</c>. One that is lost is replaced by the others, from the last checkpoint on; one
/// that joins gets a share after the next checkpoint. Each holds the embeddings of all users and items, and of the interactions only those
/// of its share, mapped from files under a folder that all see.</para>
/// <para>The model is made here: this process holds it, and the interactions, or maps those of an
/// <see cref="InteractionStore"/>.</para>
/// <para>There is no validation part, and no start from a model: <see cref="WalsTrainer"/> takes both. The other options count as
/// there; of threads, those of the silos' <see cref="WorkerOptions"/>.</para>
/// </remarks>
public sealed class ClusterTrainer : IEstimator<RecommenderTransformer<WalsModel>>
{
    private readonly WalsTrainer _trainer;
    private readonly IClusterClient _cluster;
    private readonly ClusterTrainingOptions _options;

    internal ClusterTrainer(WalsTrainer trainer, IClusterClient cluster, ClusterTrainingOptions options) =>
        (_trainer, _cluster, _options) = (trainer, cluster, options);

    /// <summary>Trains on a view, and gives a transformer that adds a <c>Score</c> column.</summary>
    /// <inheritdoc cref="FitAsync(Interactions, IProgress{ClusterProgress}?, CancellationToken)" path="/exception"/>
    public RecommenderTransformer<WalsModel> Fit(IDataView input) => Fit(null, null, CancellationToken.None, trainer => trainer.Fit(input));

    /// <summary>Trains on interactions.</summary>
    /// <inheritdoc cref="FitAsync(Interactions, IProgress{ClusterProgress}?, CancellationToken)"/>
    public WalsModel Fit(Interactions trainData) => Fit(null, null, CancellationToken.None, trainer => trainer.Fit(trainData));

    /// <summary>Trains on a store.</summary>
    /// <inheritdoc cref="FitAsync(InteractionStore, IProgress{ClusterProgress}?, CancellationToken)"/>
    public WalsModel Fit(InteractionStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Fit(store.Folder, null, CancellationToken.None, trainer => trainer.Fit(store.Interactions));
    }

    /// <summary>Trains on interactions, which are written to a folder of the job.</summary>
    /// <param name="trainData">What is learned from.</param>
    /// <param name="progress">Told several times a second at most; null: nobody.</param>
    /// <param name="cancellationToken">Cancels the job, besides that of the trainer's options.</param>
    /// <exception cref="ArgumentException">There is no interaction; or a job of this name has other options or data.</exception>
    /// <exception cref="InvalidOperationException">Training diverged, or a worker refused; the message says why, and what to
    /// change.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder is not under the roots of the silos.</exception>
    /// <exception cref="InsufficientMemoryException">The model does not fit here.</exception>
    /// <exception cref="OperationCanceledException">Cancelled. A job that has a name can go on later.</exception>
    public Task<WalsModel> FitAsync(
        Interactions trainData, IProgress<ClusterProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        return FitAsync(null, trainData, progress, cancellationToken);
    }

    /// <summary>Trains on a store, of which each silo maps its share where it is: under the roots of all.</summary>
    /// <param name="store">What is learned from.</param>
    /// <param name="progress">Told several times a second at most; null: nobody.</param>
    /// <param name="cancellationToken">Cancels the job, besides that of the trainer's options.</param>
    /// <inheritdoc cref="FitAsync(Interactions, IProgress{ClusterProgress}?, CancellationToken)" path="/exception"/>
    public Task<WalsModel> FitAsync(
        InteractionStore store, IProgress<ClusterProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return FitAsync(store.Folder, store.Interactions, progress, cancellationToken);
    }

    /// <inheritdoc cref="RecommenderTrainer{TModel, TOptions}.GetOutputSchema"/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);

    // What surrounds the sweeps computes for long: it gets a thread of its own.
    private Task<WalsModel> FitAsync(
        string? store, Interactions data, IProgress<ClusterProgress>? progress, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Fit(store, progress, cancellationToken, trainer => trainer.Fit(data)),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private TModel Fit<TModel>(
        string? store, IProgress<ClusterProgress>? progress, CancellationToken cancellationToken, Func<WalsTrainer, TModel> fit)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_trainer.OwnOptions.CancellationToken, cancellationToken);
        return fit(_trainer.Elsewhere(
            (squares, options, input) => new ClusterTraining(_cluster, _options, squares, options, input) { Progress = progress, Store = store }
                .RunAsync().GetAwaiter().GetResult(),
            either.Token));
    }
}
