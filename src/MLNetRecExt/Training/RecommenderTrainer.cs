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
    /// <exception cref="ArgumentException">A column is missing or has a wrong type; no row is usable; or there are more users or items than a table of their embeddings can have.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RecommenderTransformer<TModel> Fit(IDataView trainData, IDataView? validationData)
    {
        using var channel = Host.Start("Training");
        var columns = InteractionColumns.From(_options);
        var train = Read(trainData, StartingIds(trainData.Schema));
        var validation = validationData is null ? null : Read(validationData, (train.Users, train.Items));
        return new RecommenderTransformer<TModel>(Host, FitCore(train, () => Train(trainData, train, validation, channel)), ScoreColumns.From(_options));

        Interactions Read(IDataView data, (IdMap? Users, IdMap? Items) ids) => InteractionReader.Read(
            data, columns, _options.Duplicates, _options.BadRows, channel, ids.Users, ids.Items, cancellationToken: _options.CancellationToken);
    }

    /// <summary>Trains on interactions that are in memory already.</summary>
    /// <exception cref="ArgumentException">There is no interaction; or there are more users or items than a table of their embeddings can have.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TModel Fit(Interactions trainData, Interactions? validationData = null)
    {
        using var channel = Host.Start("Training");
        return FitCore(trainData, () => Train(trainData, validationData, channel));
    }

    /// <summary>The columns of a pipeline behind this trainer: those before it and the score.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a wrong type; the message says how to get there.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        InteractionColumns.From(_options).Check(inputSchema);
        CheckColumns(inputSchema);
        return SchemaShapes.Append(inputSchema, ScoreColumns.From(_options).Appended());
    }

    /// <summary>Trains. <paramref name="train"/> has at least one entry.</summary>
    private protected abstract TModel Train(Interactions train, Interactions? validation, IChannel channel);

    /// <summary>Trains on interactions that were read from a view. Override where the view holds more than these.</summary>
    private protected virtual TModel Train(IDataView trainData, Interactions train, Interactions? validation, IChannel channel) => Train(train, validation, channel);

    /// <summary>Ids that come first when interactions are read from a view: those that are known of otherwise.</summary>
    private protected virtual (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema) => default;

    /// <summary>Checks the columns of a pipeline that are not of interactions.</summary>
    private protected virtual void CheckColumns(SchemaShape inputSchema)
    {
    }

    private TModel FitCore(Interactions train, Func<TModel> fit)
    {
        if (train.Count == 0)
            throw new ArgumentException($"No usable row to train on: {train.Counts}.");
        _options.CancellationToken.ThrowIfCancellationRequested();
        return fit();
    }
}
