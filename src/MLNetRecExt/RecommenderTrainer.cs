using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// The one way from interactions to a recommender: checks columns, reads, trains, and gives a transformer for <c>(user, item)</c> rows.
/// </summary>
/// <typeparam name="TModel">The model that it trains.</typeparam>
public abstract class RecommenderTrainer<TModel> : IEstimator<RecommenderTransformer<TModel>>
    where TModel : RecommenderModel
{
    private readonly RecommenderTrainerOptions _options;

    private protected RecommenderTrainer(IHostEnvironment environment, RecommenderTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Clone();
        _options.Validate();
        Host = environment.Register(GetType().Name);
    }

    private protected IHost Host { get; }

    /// <summary>Trains on a view and gives a transformer that adds a <c>Score</c> column.</summary>
    /// <inheritdoc cref="Fit(IDataView, IDataView?)"/>
    public RecommenderTransformer<TModel> Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on a view, watching a validation part where the trainer's options ask for it.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a wrong type; or no row is usable.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RecommenderTransformer<TModel> Fit(IDataView trainData, IDataView? validationData)
    {
        using var channel = Host.Start("Training");
        var columns = InteractionColumns.From(_options);
        var train = Read(trainData);
        var validation = validationData is null ? null : Read(validationData, train);
        return new RecommenderTransformer<TModel>(Host, FitCore(train, validation, channel), ScoreColumns.From(_options));

        Interactions Read(IDataView data, Interactions? idsOf = null) => InteractionReader.Read(
            data, columns, _options.Duplicates, _options.BadRows, channel, idsOf?.Users, idsOf?.Items, cancellationToken: _options.CancellationToken);
    }

    /// <summary>Trains on interactions that are in memory already.</summary>
    /// <exception cref="ArgumentException">There is no interaction.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TModel Fit(Interactions trainData, Interactions? validationData = null)
    {
        using var channel = Host.Start("Training");
        return FitCore(trainData, validationData, channel);
    }

    /// <summary>The columns of a pipeline behind this trainer: those before it and the score.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a wrong type; the message says how to get there.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        InteractionColumns.From(_options).Check(inputSchema);
        return SchemaShapes.Append(inputSchema, ScoreColumns.From(_options).Appended());
    }

    /// <summary>Trains. <paramref name="train"/> has at least one entry.</summary>
    private protected abstract TModel Train(Interactions train, Interactions? validation, IChannel channel);

    private TModel FitCore(Interactions train, Interactions? validation, IChannel channel)
    {
        if (train.Count == 0)
            throw new ArgumentException($"No usable row to train on: {train.Counts}.");
        _options.CancellationToken.ThrowIfCancellationRequested();
        return Train(train, validation, channel);
    }
}
