using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Recommendation as one classification with a class per item: a network turns what somebody took into a query embedding, and the softmax of its
/// dot products with all item embeddings is the probability of each item.
/// </summary>
/// <remarks>
/// <para>Minimises, over examples of a history x and labels with target probabilities t that sum to 1, the cross-entropy
/// <code>
/// −Σ_i t_i log p_i,  p_i = exp⟨ψ(x), V_i⟩ / Σ_j exp⟨ψ(x), V_j⟩,  ψ(x) = layers(mean of the history's embeddings)
/// </code></para>
/// <list type="bullet">
/// <item>j runs over the labels and over every item in neither labels nor history: what somebody has is not recommended, so it does not compete.</item>
/// <item>Sampled, the labels count exactly, and an item drawn c times where E draws were expected counts as c/E items (logQ correction; E follows from
/// the mixture that is drawn from), unless the example has it as label or history.</item>
/// <item>Weights, where there are, weigh labels in t and entries in the mean. Labels of ratings are not looked at: every row is a positive.</item>
/// </list>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; weight and timestamp: optional |
/// | Column out | <c>Score</c>: Single, ⟨ψ, V_i⟩ |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Covington, Adams, Sargin: Deep Neural Networks for YouTube Recommendations, RecSys 2016. Bengio, Senécal: Adaptive Importance Sampling to
/// Accelerate Training of a Neural Probabilistic Language Model, 2008 (logQ). Yang et al.: Mixed Negative Sampling for Learning Two-tower Neural
/// Networks in Recommendations, WWW 2020.</para>
/// </remarks>
public sealed class SoftmaxDnnTrainer : RecommenderTrainer<SoftmaxDnnModel>
{
    private const int LargestFullSoftmax = 100_000;

    private readonly Options _options;

    /// <summary>Options of <see cref="SoftmaxDnnTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>Length K of the embeddings.</summary>
        /// <value>Default 64; range [1, 1024].</value>
        [OptionRange(1, 1024)]
        public int ApproximationRank = 64;

        /// <summary>Widths of the ReLU layers between the history's mean and the query embedding. Empty: one linear map.</summary>
        /// <value>Default empty; at most 16 layers of width [1, 4096].</value>
        public int[] HiddenLayers = [];

        /// <summary>Share of a hidden layer's values that training drops at random.</summary>
        /// <value>Default 0; range [0, 0.9].</value>
        [OptionRange(0, 0.9)]
        public float Dropout;

        /// <summary>Whether an item has one embedding, in histories and as a label, or one for each role.</summary>
        /// <value>Default false.</value>
        public bool ShareItemEmbeddings;

        /// <summary>τ: scores are cosines divided by it. 0: scores are plain dot products.</summary>
        /// <value>Default 0; range [0, 10]. Useful values are 0.05…0.2.</value>
        [OptionRange(0, 10)]
        public float Temperature;

        /// <summary>What is predicted.</summary>
        /// <value>Default <see cref="SoftmaxDnnTarget.MultiHot"/>.</value>
        public SoftmaxDnnTarget Target = SoftmaxDnnTarget.MultiHot;

        /// <summary>With <see cref="SoftmaxDnnTarget.MultiHot"/>: share of a user's items that become labels, at least one.</summary>
        /// <value>Default 0.2; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float LabelShare = 0.2f;

        /// <summary>Examples that an epoch makes of a user, who has at most one per item.</summary>
        /// <value>Default 4; range [1, 100000].</value>
        [OptionRange(1, 100000)]
        public int MaxExamplesPerUser = 4;

        /// <summary>Entries of a history in training: the latest, or without timestamps random ones. Embedding a query takes all.</summary>
        /// <value>Default 200; range [1, 100000].</value>
        [OptionRange(1, 100000)]
        public int MaxHistoryLength = 200;

        /// <summary>The weight of a history entry is halved for every so many entries after it. 0: all count alike. Needs timestamps.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float RecencyHalfLife;

        /// <summary>Which items compete with the labels.</summary>
        /// <value>Default <see cref="NegativeSampling.Auto"/>.</value>
        public NegativeSampling NegativeSampling = NegativeSampling.Auto;

        /// <summary>Items drawn per batch, with repeats, for all its examples together; in-batch ones are not counted.</summary>
        /// <value>Default 2000; range [1, 1000000].</value>
        [OptionRange(1, 1000000)]
        public int NumberOfNegatives = 2000;

        /// <summary>β: items are drawn in proportion to popularity^β by <see cref="NegativeSampling.Popularity"/> and <see cref="NegativeSampling.Mixed"/>.</summary>
        /// <value>Default 0.5; range [0, 2].</value>
        [OptionRange(0, 2)]
        public float NegativePopularityExponent = 0.5f;

        /// <summary>Epochs at most.</summary>
        /// <value>Default 30; range [1, 10000].</value>
        [OptionRange(1, 10000)]
        public int NumberOfIterations = 30;

        /// <summary>Examples per step.</summary>
        /// <value>Default 256; range [1, 65536].</value>
        [OptionRange(1, 65536)]
        public int BatchSize = 256;

        /// <summary>How gradients become steps.</summary>
        /// <value>Default <see cref="SoftmaxDnnOptimizer.Adam"/>.</value>
        public SoftmaxDnnOptimizer Optimizer = SoftmaxDnnOptimizer.Adam;

        /// <summary>Length of the optimiser's steps.</summary>
        /// <value>Default 0.001; range (0, 10].</value>
        [OptionRange(0, 10, MinExclusive = true), TuneRange(3e-4, 1e-2, Logarithmic = true)]
        public float LearningRate = 0.001f;

        /// <summary>Steps over which the learning rate rises to its value.</summary>
        /// <value>Default 100; range [0, 1000000].</value>
        [OptionRange(0, 1000000)]
        public int WarmUpSteps = 100;

        /// <summary>Each step multiplies the weights that it touches by 1 − learning rate · this.</summary>
        /// <value>Default 0; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float WeightDecay;

        /// <summary>A gradient longer than this is scaled down to it; 0: never.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float GradientClipping;

        /// <summary>
        /// With a validation part given to <c>Fit</c>: stops after so many epochs without a better NDCG@20 on it; 0: never.
        /// The model is that of the best epoch, stopped early or not. Without a validation part it does nothing.
        /// </summary>
        /// <value>Default 3; range [0, 10000].</value>
        [OptionRange(0, 10000)]
        public int EarlyStoppingRounds = 3;

        internal SoftmaxDnnSettings Settings => new(RecencyHalfLife, Temperature);

        internal override void Validate()
        {
            base.Validate();
            ArgumentNullException.ThrowIfNull(HiddenLayers);
            if (HiddenLayers.Length > 16 || HiddenLayers.Any(width => width is < 1 or > 4096))
                throw new ArgumentException($"{nameof(HiddenLayers)} is [{string.Join(", ", HiddenLayers)}]; at most 16 layers of width [1, 4096] are needed.", nameof(HiddenLayers));
        }
    }

    internal SoftmaxDnnTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
        _options = (Options)options.Clone();
        _options.HiddenLayers = [.. _options.HiddenLayers];
    }

    private protected override SoftmaxDnnModel Train(Interactions train, Interactions? validation, IChannel channel)
    {
        if (!train.ByUser.HasTimestamps && (_options.Target == SoftmaxDnnTarget.NextItem || _options.RecencyHalfLife > 0))
            throw new ArgumentException(
                $"{(_options.Target == SoftmaxDnnTarget.NextItem ? nameof(SoftmaxDnnTarget.NextItem) : nameof(Options.RecencyHalfLife))} needs to know the order of a user's items: "
                + $"name a column in {nameof(Options.TimestampColumnName)}, or give interactions with timestamps.");
        var training = new SoftmaxDnnTraining(train, _options, Choose(train, channel));
        var epoch = 0;
        return new TrainingLoop<SoftmaxDnnModel>(_options, _options.NumberOfIterations, _options.EarlyStoppingRounds, channel)
        {
            Remedy = $"Lower {nameof(Options.LearningRate)} (now {_options.LearningRate}), set {nameof(Options.GradientClipping)}"
                + $"{(_options.Temperature > 0 ? $", or raise {nameof(Options.Temperature)} (now {_options.Temperature})" : "")}.",
        }.Run(
            () => training.Epoch(epoch++),
            () => Model(train, training),
            validation is null ? null : model => RankingEvaluator.Ndcg(model, validation, threads: _options.Threads, cancellationToken: _options.CancellationToken));
    }

    private NegativeSampling Choose(Interactions train, IChannel channel)
    {
        var sampling = _options.NegativeSampling;
        if (sampling == NegativeSampling.Auto)
        {
            sampling = train.Items.Count <= LargestFullSoftmax ? NegativeSampling.Full : NegativeSampling.Mixed;
            channel.Info(MessageSensitivity.None, $"{train.Items.Count:N0} items: {nameof(NegativeSampling)}.{sampling}.");
        }
        if (sampling == NegativeSampling.None)
            channel.Warning(MessageSensitivity.None, $"{nameof(NegativeSampling)}.{nameof(NegativeSampling.None)} pushes nothing apart: items of unrelated groups will lie close together (folding). It is for demonstration.");
        return sampling;
    }

    private SoftmaxDnnModel Model(Interactions train, SoftmaxDnnTraining training)
    {
        var items = training.Items.Values.Copy();
        var tower = new QueryTower(training.Histories.Values.Copy(), Array.ConvertAll(training.Layers, layer => layer.Values.Copy()), _options.Temperature);
        if (_options.Temperature > 0)
            for (int item = 0; item < items.Rows; item++)
                QueryTower.Normalize(items[item], 1);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads, CancellationToken = _options.CancellationToken };
        return new SoftmaxDnnModel(train.Users, train.Items, train.ByUser, SoftmaxDnnModel.EmbedUsers(train.ByUser, tower, _options.Settings, parallel), items, tower, _options.Settings);
    }
}
