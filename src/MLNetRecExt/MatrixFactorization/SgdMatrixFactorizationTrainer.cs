using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Matrix factorization by stochastic gradient descent over the observed pairs: predicts ratings, or ranks by implicit feedback.
/// </summary>
/// <remarks>
/// <para>The score is s_ui = μ + b_u + b_i + ⟨U_u, V_i⟩, or ⟨U_u, V_i⟩ alone without <see cref="Options.UseBiases"/>. Minimised is, by
/// <see cref="Options.Loss"/>,
/// <code>
/// SquaredError     Σ_(u,i) observed  w_ui (A_ui − s_ui)²
///                                    + λ (‖U_u‖² + ‖V_i‖² + b_u² + b_i²)
/// Logistic         Σ_(u,i) observed  w_ui (log(1 + exp(−s_ui)) + Σ_j log(1 + exp(s_uj)))
///                                    + λ/2 (‖U_u‖² + ‖V_i‖² + b_u² + b_i²) for the positive, and again for each negative j
/// PairwiseRanking  Σ_(u,i) observed  Σ_j w_ui log(1 + exp(s_uj − s_ui))
///                                    + λ/2 (‖U_u‖² + ‖V_i‖² + ‖V_j‖² + b_i² + b_j²) for each pair
/// </code></para>
/// <list type="bullet">
/// <item>A_ui: the label, 1 without a label column. w_ui: the weight column, or 1. λ: <see cref="Options.Regularization"/>; it grows with
/// the frequency of a user or item, as <see cref="WalsTrainer.Options.RegularizationExponent"/> = 1 has it.</item>
/// <item>μ: the weighted mean label for SquaredError, else 0.</item>
/// <item>j: <see cref="Options.NumberOfNegatives"/> items that the user did not take, drawn anew each iteration by
/// <see cref="Options.Negatives"/>;
/// they come from one of 16 blocks of items, each block equally often. An item with more than a sixteenth of all interactions is drawn less
/// often
/// by popularity than that asks for. Where ten draws find only items that the user took, there is no negative.</item>
/// </list>
/// <para>The loss that is reported is that of an iteration's own steps, each pair before its step, without regularisation: it costs
/// nothing.
/// Users and items without an interaction are unknown, and their embeddings zero.</para>
/// <para>A training that starts from a model begins with its embeddings and biases, by id; new users and items begin at random, as without
/// it. Learning rates begin anew: a lower <see cref="Options.LearningRate"/> keeps more of what the model has learned.</para>
/// <para>Memory: 8·rank·(users + items) + 16·(users + items) + 68·users + 52·items bytes, with rank rounded up to a multiple of 16; half of
/// the first term is of the model, which with biases has rows of rank + 2. <see cref="SgdLoss.SquaredError"/> takes 36·users instead of
/// 68·users. A validation part takes 4·rank·(users + items) more for the best model so far, and for lists 8·rank·items to search the items
/// of that and the last; 24·users + 12·pairs of it to judge.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label and weight: Single, optional |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes: users and items are cut into blocks, always the same, and up to eight threads take blocks that share nothing |</para>
/// <para>Koren, Bell, Volinsky: Matrix Factorization Techniques for Recommender Systems, Computer 2009 (biases).
/// Gemulla, Nijkamp, Haas, Sismanis: Large-Scale Matrix Factorization with Distributed Stochastic Gradient Descent, KDD 2011 (blocks).
/// Chin, Zhuang, Juan, Lin: A Learning-rate Schedule for Stochastic Gradient Methods to Matrix Factorization, PAKDD 2015.
/// Rendle, Freudenthaler, Gantner, Schmidt-Thieme: BPR, UAI 2009 (PairwiseRanking).</para>
/// </remarks>
public sealed class SgdMatrixFactorizationTrainer : RecommenderTrainer<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options>
{
    /// <summary>Options of <see cref="SgdMatrixFactorizationTrainer"/>.</summary>
    public sealed class Options : IterativeTrainerOptions
    {
        /// <summary>The defaults, with at most 30 iterations: passes over the data.</summary>
        public Options()
            : base(numberOfIterations: 30)
        {
        }

        /// <summary>Length K of the embeddings. 32, 64, 128 and 256 have kernels of their own.</summary>
        /// <value>Default 64; range [1, 1024].</value>
        [OptionRange(1, 1024), TuneRange(16, 256, Logarithmic = true)]
        public int ApproximationRank = 64;

        /// <summary>
        /// η, the learning rate at the start. With <see cref="SgdLoss.SquaredError"/> and <see cref="SgdSchedule.Decay"/>, where labels
        /// have a standard deviation σ from 4 to 64, as ratings from −10 to 10 or from 0 to 100 may, factors learn at η divided by the
        /// power of two nearest to 2·(σ/2)^1.5: at η they would diverge. Biases learn at η. Ratings from 1 to 5 never lie that wide.
        /// </summary>
        /// <value>Default 0.05; range (0, 100].</value>
        [OptionRange(0, 100, MinExclusive = true), TuneRange(0.01, 0.5, Logarithmic = true)]
        public float LearningRate = 0.05f;

        /// <summary>λ, the weight of the squared norms and biases.</summary>
        /// <value>Default 0.08; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1e-3, 0.5, Logarithmic = true)]
        public float Regularization = 0.08f;

        /// <summary>What is minimised.</summary>
        /// <value>Default <see cref="SgdLoss.SquaredError"/>: predicts labels. For top lists start from <see cref="ForRanking"/>.</value>
        public SgdLoss Loss = SgdLoss.SquaredError;

        /// <summary>Whether users and items have biases. Without them the score is the dot product of two embeddings.</summary>
        /// <value>Default true.</value>
        public bool UseBiases = true;

        /// <summary>Whether no factor may be negative; biases may.</summary>
        /// <value>Default false.</value>
        public bool NonNegative;

        /// <summary>How the learning rate falls.</summary>
        /// <value>Default <see cref="SgdSchedule.Decay"/>.</value>
        public SgdSchedule Schedule = SgdSchedule.Decay;

        /// <summary>How fast the learning rate falls with <see cref="SgdSchedule.Decay"/>: after n iterations it is η / (1 + n · decay).
        /// 0: not at all.</summary>
        /// <value>Default 0.2; range [0, 1000].</value>
        [OptionRange(0, 1000)]
        public float LearningRateDecay = 0.2f;

        /// <summary>How negatives are drawn. <see cref="SgdLoss.SquaredError"/> has none.</summary>
        /// <value>Default <see cref="SgdNegatives.Uniform"/>.</value>
        public SgdNegatives Negatives = SgdNegatives.Uniform;

        /// <summary>Negatives per observed pair and iteration. <see cref="SgdLoss.SquaredError"/> has none.</summary>
        /// <value>Default 1; range [1, 1000].</value>
        [OptionRange(1, 1000)]
        public int NumberOfNegatives = 1;

        /// <summary>Options to start from for top lists: ranking losses need other learning rates than
        /// <see cref="SgdLoss.SquaredError"/>.</summary>
        /// <returns>Options with <see cref="SgdLoss.PairwiseRanking"/>, 4 negatives, <see cref="SgdSchedule.PerRow"/>, learning rate 0.1,
        /// λ 0.02 and 20 iterations. They suit <see cref="SgdLoss.Logistic"/> too.</returns>
        public static Options ForRanking() => new()
        {
            Loss = SgdLoss.PairwiseRanking,
            NumberOfNegatives = 4,
            Schedule = SgdSchedule.PerRow,
            LearningRate = 0.1f,
            Regularization = 0.02f,
            NumberOfIterations = 20,
        };

        internal SgdSettings Settings => new(
            Loss, Negatives, Schedule, NumberOfNegatives, LearningRate, LearningRateDecay, Regularization, UseBiases, NonNegative, Seed);
    }

    internal SgdMatrixFactorizationTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy => $"Lower {nameof(Options.ApproximationRank)} (now {TrainerOptions.ApproximationRank}), "
        + "or leave out users and items that have few interactions.";

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        var (rank, predictsLabels) = (TrainerOptions.ApproximationRank, TrainerOptions.Loss == SgdLoss.SquaredError);
        return StochasticGradientDescent.MemoryFor(trainData, rank, predictsLabels)
            + FactorModel.MemoryFor(trainData, validationData, rank + (TrainerOptions.UseBiases ? 2 : 0), predictsLabels);
    }

    /// <summary>True: embeddings and biases begin as the model has them.</summary>
    public override bool CanWarmStart => true;

    /// <inheritdoc/>
    protected override void StartFrom(SgdMatrixFactorizationModel initial, Options options) =>
        initial.CheckStart(options.ApproximationRank, options.UseBiases);

    /// <inheritdoc/>
    protected override SgdMatrixFactorizationModel Train(TrainingInput input)
    {
        var (train, options, settings) = (input.Train, TrainerOptions, TrainerOptions.Settings);
        var descent = new StochasticGradientDescent(train.ByUser, train.Items.Count, settings, options.ApproximationRank, options.Threads, options.CancellationToken);
        if (input.Initial is SgdMatrixFactorizationModel initial)
        {
            var (users, items) = input.IndicesInInitial();
            descent.StartFrom(initial, users, items);
        }
        var predictsLabels = settings.Loss == SgdLoss.SquaredError;
        return new TrainingLoop<SgdMatrixFactorizationModel>(options, input)
        {
            IsRmse = predictsLabels,
            Remedy = $"Lower {nameof(Options.LearningRate)} (now {options.LearningRate}), or scale labels and weights down."
                + (settings.Schedule == SgdSchedule.PerRow ? "" : $" {nameof(Options.Schedule)} = {nameof(SgdSchedule.PerRow)} takes larger labels."),
        }.Run(descent.Iterate, Model, ValidationMeasure.For(input.Validation, predictsLabels, options.Threads, options.CancellationToken));

        SgdMatrixFactorizationModel Model()
        {
            var (users, items) = descent.CopyFactors();
            return new(train.Users, train.Items, train.ByUser, users, items, descent.Mean, settings);
        }
    }
}
