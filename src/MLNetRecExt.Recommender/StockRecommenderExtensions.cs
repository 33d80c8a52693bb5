using Microsoft.ML.Trainers.Recommender;
using MLNetRecExt;

namespace Microsoft.ML;

/// <summary>What MLNetRecExt.Recommender adds to the catalog of trainers and to stock models.</summary>
public static class StockRecommenderExtensions
{
    /// <summary>The stock matrix factorization of ML.NET, beside the other trainers. See
    /// <see cref="StockMatrixFactorizationTrainer"/>.</summary>
    /// <param name="trainers">The catalog.</param>
    /// <param name="userColumnName">Column of users: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="itemColumnName">Column of items: a key, or raw ids of one of these types.</param>
    /// <param name="labelColumnName">Column of labels (Single): the ratings. Default null: every row counts as label 1.</param>
    /// <param name="approximationRank">Length of the embeddings, in [1, 1024]. Default 8.</param>
    /// <param name="learningRate">Learning rate at the start, in (0, 1e6]. Default 0.1.</param>
    /// <param name="numberOfIterations">Passes over the data, in [1, 10000]. Default 20.</param>
    /// <returns>The trainer: fit it, or append it to a pipeline.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or users and items have the same: name a column for each.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range; the message has its name, value and range.</exception>
    public static StockMatrixFactorizationTrainer MatrixFactorization(this RecommenderTrainersCatalog trainers, string userColumnName = "User", string itemColumnName = "Item",
        string? labelColumnName = null, int approximationRank = 8, double learningRate = 0.1, int numberOfIterations = 20) =>
        trainers.MatrixFactorization(new StockMatrixFactorizationTrainer.Options
        {
            UserColumnName = userColumnName,
            ItemColumnName = itemColumnName,
            LabelColumnName = labelColumnName,
            ApproximationRank = approximationRank,
            LearningRate = learningRate,
            NumberOfIterations = numberOfIterations,
        });

    /// <inheritdoc cref="MatrixFactorization(RecommenderTrainersCatalog, string, string, string?, int, double, int)" path="/*[not(self::param)]"/>
    /// <param name="trainers">The catalog.</param>
    /// <param name="options">Everything that can be set. The options are copied: later changes do not reach the trainer.</param>
    public static StockMatrixFactorizationTrainer MatrixFactorization(this RecommenderTrainersCatalog trainers, StockMatrixFactorizationTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(trainers);
        return new(trainers.MLContext, options);
    }

    /// <summary>The recommender in what the stock trainer made: top lists, similar items, evaluation, saving.</summary>
    /// <param name="model">Trained or loaded model parameters, which hold no ids.</param>
    /// <param name="users">Ids of the users; null: keys without values.</param>
    /// <param name="items">Ids of the items; null: keys without values.</param>
    /// <param name="usersAreColumns">Whether users were the matrix's column index, as in ML.NET's documentation, or its row index.</param>
    /// <returns>The model. It knows no history: nothing is left out as seen.</returns>
    /// <exception cref="ArgumentException">There are more or fewer ids than the model has users or items.</exception>
    public static StockMatrixFactorizationModel AsRecommender(this MatrixFactorizationModelParameters model, IdMap? users = null, IdMap? items = null, bool usersAreColumns = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        users ??= IdMap.FromKeys(usersAreColumns ? model.NumberOfColumns : model.NumberOfRows);
        items ??= IdMap.FromKeys(usersAreColumns ? model.NumberOfRows : model.NumberOfColumns);
        return StockMatrixFactorization.ToModel(model, users, items, null, usersAreColumns);
    }

    /// <summary>The recommender in a stock transformer, or in a trained or loaded chain that holds one, with the ids of its key
    /// columns.</summary>
    /// <param name="transformer">A stock matrix factorization, or a chain with one.</param>
    /// <param name="inputSchema">What the transformer takes: <c>trainData.Schema</c>, or what <c>mlContext.Model.Load</c> gives beside the
    /// transformer.</param>
    /// <param name="userColumnName">The key column of users, as the matrix factorization sees it.</param>
    /// <param name="itemColumnName">The key column of items, as the matrix factorization sees it.</param>
    /// <returns>The model. It knows no history: nothing is left out as seen.</returns>
    /// <exception cref="ArgumentException">There is no stock matrix factorization in it, or the columns are not those that it was trained
    /// on.</exception>
    public static StockMatrixFactorizationModel AsRecommender(this ITransformer transformer, DataViewSchema inputSchema, string userColumnName = "User", string itemColumnName = "Item")
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var (before, stock) = Find(transformer);
        return Make(stock, before.GetOutputSchema(inputSchema), new InteractionColumns(userColumnName, itemColumnName), history: null);
    }

    /// <summary>The recommender in a stock transformer or chain, with what users took in training, so that it is not recommended
    /// again.</summary>
    /// <inheritdoc cref="AsRecommender(ITransformer, DataViewSchema, string, string)" path="/exception"/>
    /// <param name="transformer">A stock matrix factorization, or a chain with one.</param>
    /// <param name="trainData">The data that it was fitted on.</param>
    /// <param name="userColumnName">The key column of users, as the matrix factorization sees it.</param>
    /// <param name="itemColumnName">The key column of items, as the matrix factorization sees it.</param>
    /// <returns>The model, with the history of each user.</returns>
    public static StockMatrixFactorizationModel AsRecommender(this ITransformer transformer, IDataView trainData, string userColumnName = "User", string itemColumnName = "Item")
    {
        ArgumentNullException.ThrowIfNull(trainData);
        var (before, stock) = Find(transformer);
        var keyed = before.Transform(trainData);
        var columns = new InteractionColumns(userColumnName, itemColumnName);
        return Make(stock, keyed.Schema, columns, new MLContext().Recommenders().Data.ReadInteractions(keyed, columns).ByUser);
    }

    private static StockMatrixFactorizationModel Make(MatrixFactorizationPredictionTransformer stock, DataViewSchema schema, InteractionColumns columns, InteractionRows? history)
    {
        columns.Check(schema);
        stock.GetOutputSchema(schema);
        var (users, items) = (Ids(columns.User), Ids(columns.Item));
        return StockMatrixFactorization.ToModel(
            stock.Model, users, items, history, StockMatrixFactorization.UsersAreColumns(stock, schema, columns, users, items));

        IdMap Ids(string name) => schema[name].Type is Data.KeyDataViewType
            ? IdMap.FromKeyColumn(schema[name])
            : throw new ArgumentOutOfRangeException(null,
                $"Column '{name}' is {schema[name].Type}; the stock matrix factorization takes keys. Name the column that it was trained on.");
    }

    /// <summary>The last stock matrix factorization, and the chain before it.</summary>
    private static (ITransformer Before, MatrixFactorizationPredictionTransformer Stock) Find(ITransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        var parts = Flatten(transformer).ToList();
        var place = parts.FindLastIndex(part => part is MatrixFactorizationPredictionTransformer);
        return place >= 0
            ? (new Data.TransformerChain<ITransformer>([.. parts.Take(place)]), (MatrixFactorizationPredictionTransformer)parts[place])
            : throw new ArgumentException(
                $"There is no stock matrix factorization in this {transformer.GetType().Name}. A recommender of MLNetRecExt's own comes from AsRecommender() without a schema.", nameof(transformer));
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];
}
