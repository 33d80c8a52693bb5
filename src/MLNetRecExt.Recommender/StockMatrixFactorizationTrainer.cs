using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace MLNetRecExt;

/// <summary>
/// The stock <see cref="MatrixFactorizationTrainer"/> under the conventions of MLNetRecExt: raw ids or keys, options that are checked
/// before native code sees them, and a model that recommends.
/// </summary>
/// <remarks>
/// <para>Users are the matrix's columns and items its rows, as in ML.NET's documentation.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label: Single, optional |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | no: only one thread repeats |</para>
/// <para>The native library takes no seed, reports no progress and cannot be stopped: <c>Seed</c> and <c>Progress</c> do nothing, and
/// cancellation is looked at before and after it. Nor does it tell what memory it takes: there is no estimate, and nothing is
/// refused.</para>
/// </remarks>
public sealed class StockMatrixFactorizationTrainer : RecommenderTrainer<StockMatrixFactorizationModel, StockMatrixFactorizationTrainer.Options>
{
    /// <summary>Options of <see cref="StockMatrixFactorizationTrainer"/>, with the stock defaults and names, but for
    /// <see cref="Regularization"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>What is minimised. <see cref="MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass"/> takes every observed
        /// pair for a 1, whatever its label.</summary>
        /// <value>Default <see cref="MatrixFactorizationTrainer.LossFunctionType.SquareLossRegression"/>.</value>
        public MatrixFactorizationTrainer.LossFunctionType LossFunction = MatrixFactorizationTrainer.LossFunctionType.SquareLossRegression;

        /// <summary>Length K of the embeddings.</summary>
        /// <value>Default 8; range [1, 1024].</value>
        [OptionRange(1, 1024)]
        public int ApproximationRank = 8;

        /// <summary>Passes over the data.</summary>
        /// <value>Default 20; range [1, 10000].</value>
        [OptionRange(1, 10000)]
        public int NumberOfIterations = 20;

        /// <summary>Initial learning rate, for the regression loss.</summary>
        /// <value>Default 0.1; range (0, 1e6].</value>
        [OptionRange(0, 1e6, MinExclusive = true)]
        public double LearningRate = 0.1;

        /// <summary>λ, the weight of the squared norms of the embeddings: <c>Lambda</c> of the stock trainer.</summary>
        /// <value>Default 0.1; range (0, 1e6].</value>
        [OptionRange(0, 1e6, MinExclusive = true), TuneRange(0.01, 20, Logarithmic = true)]
        public double Regularization = 0.1;

        /// <summary>Weight of an unobserved pair, for the one-class loss.</summary>
        /// <value>Default 0.0001; range (0, 1e6].</value>
        [OptionRange(0, 1e6, MinExclusive = true), TuneRange(1e-4, 1, Logarithmic = true)]
        public double Alpha = 0.0001;

        /// <summary>Score that an unobserved pair should have, for the one-class loss.</summary>
        /// <value>Default 0.000001; range [-1e6, 1e6].</value>
        [OptionRange(-1e6, 1e6)]
        public double C = 0.000001;

        /// <summary>Keeps embeddings from going below 0, for the regression loss.</summary>
        /// <value>Default false.</value>
        public bool NonNegative;

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            if (NonNegative && LossFunction == MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass)
                throw new ArgumentException(
                    $"{nameof(NonNegative)} goes with {nameof(MatrixFactorizationTrainer.LossFunctionType.SquareLossRegression)} only: with {LossFunction} the native library ends the process. Set it to false.", nameof(NonNegative));
        }
    }

    internal StockMatrixFactorizationTrainer(MLContext mlContext, Options options)
        : base(mlContext, options)
    {
        MLContext = mlContext;
    }

    private MLContext MLContext { get; }

    /// <inheritdoc/>
    protected override StockMatrixFactorizationModel Train(TrainingInput input)
    {
        var train = input.Train;
        if (train.ByUser.HasWeights)
            throw new ArgumentException($"The stock matrix factorization knows no weights: leave {nameof(Options.WeightColumnName)} null, or train with {nameof(WalsTrainer)}.");
        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.User)].ColumnType = new KeyDataViewType(typeof(uint), train.Users.Count);
        definition[nameof(Row.Item)].ColumnType = new KeyDataViewType(typeof(uint), train.Items.Count);
        var stock = MLContext.Recommendation().Trainers.MatrixFactorization(new MatrixFactorizationTrainer.Options
        {
            MatrixColumnIndexColumnName = nameof(Row.User),
            MatrixRowIndexColumnName = nameof(Row.Item),
            LabelColumnName = nameof(Row.Label),
            LossFunction = TrainerOptions.LossFunction,
            ApproximationRank = TrainerOptions.ApproximationRank,
            NumberOfIterations = TrainerOptions.NumberOfIterations,
            LearningRate = TrainerOptions.LearningRate,
            Lambda = TrainerOptions.Regularization,
            Alpha = TrainerOptions.Alpha,
            C = TrainerOptions.C,
            NonNegative = TrainerOptions.NonNegative,
            NumberOfThreads = TrainerOptions.NumberOfThreads,
            Quiet = true,
        });
        var parameters = stock.Fit(MLContext.Data.LoadFromEnumerable(Rows(train.ByUser), definition)).Model;
        TrainerOptions.CancellationToken.ThrowIfCancellationRequested();
        var model = StockMatrixFactorization.ToModel(parameters, train.Users, train.Items, train.ByUser, usersAreColumns: true);
        for (int user = 0; user < train.Users.Count; user++)
            if (train.ByUser.Length(user) > 0 && !float.IsFinite(TensorPrimitives.Sum(model.UserFactors(user))))
                throw new InvalidOperationException(
                    $"Training diverged: a user's embedding is not finite. Lower {nameof(Options.LearningRate)} (now {TrainerOptions.LearningRate}); "
                    + $"and where all labels are equal, name a label column or take {nameof(MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass)}.");
        return model;
    }

    private static IEnumerable<Row> Rows(InteractionRows byUser)
    {
        var row = new Row();
        for (int user = 0; user < byUser.RowCount; user++)
            for (int e = 0; e < byUser.Length(user); e++)
            {
                row.User = (uint)user;
                row.Item = (uint)byUser.Indices(user)[e];
                row.Label = byUser.HasLabels ? byUser.Labels(user)[e] : 1;
                yield return row;
            }
    }

    /// <summary>ML.NET counts the keys of a row class from 0.</summary>
    private sealed class Row
    {
        public uint User, Item;
        public float Label;
    }
}
