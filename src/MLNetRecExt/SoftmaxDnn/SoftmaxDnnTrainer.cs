using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Recommendation as one classification with a class per item: a network turns what somebody took into a query embedding, and the softmax of its
/// dot products with all item embeddings is the probability of each item.
/// </summary>
/// <remarks>
/// <para>Minimises, over examples of a history x and labels with target probabilities t that sum to 1, the cross-entropy
/// <code>
/// −Σ_i t_i log p_i,  p_i = exp⟨ψ(x), v_i⟩ / Σ_j exp⟨ψ(x), v_j⟩,
/// ψ(x) = layers(m),  m = mean of H_i over the history + Σ_f c_f F_f,  v_i = V_i + Σ_g c_g G_g
/// </code>
/// or ψ(x) = m + layers(m) with <see cref="Options.SkipConnection"/>. H is learned like V, or with <see cref="Options.ShareItemEmbeddings"/> H_i = V_i + Σ_g c_g G_g.</para>
/// <list type="bullet">
/// <item>j runs over the labels and over every item in neither labels nor history: what somebody has is not recommended, so it does not compete. Items that nobody took compete with <see cref="Options.UntakenItemsCompete"/>.</item>
/// <item>Sampled, the labels count exactly, and an item drawn c times where E draws were expected counts as c/E items (logQ correction; E follows from
/// the mixture that is drawn from), unless the example has it as label or history.</item>
/// <item>f runs over the features of the user and g over those of the item, where there are any: n categories of one column have c = 1/n each, a number
/// (value − mean) / deviation; what is missing, or a category that training did not see, has no term. An item that nobody took has V = 0, and so a vector by its features.</item>
/// <item>Weights, where there are, weigh labels in t and entries in the mean. Labels of ratings are not looked at: every row is a positive.</item>
/// </list>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; weight, timestamp and features of the user: optional |
/// | Column out | <c>Score</c>: Single, ⟨ψ, v_i⟩ |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Covington, Adams, Sargin: Deep Neural Networks for YouTube Recommendations, RecSys 2016. Bengio, Senécal: Adaptive Importance Sampling to
/// Accelerate Training of a Neural Probabilistic Language Model, 2008 (logQ). Yang et al.: Mixed Negative Sampling for Learning Two-tower Neural
/// Networks in Recommendations, WWW 2020.</para>
/// </remarks>
public sealed class SoftmaxDnnTrainer : RecommenderTrainer<SoftmaxDnnModel, SoftmaxDnnTrainer.Options>
{
    private const int LargestFullSoftmax = 20_000;

    /// <summary>Options of <see cref="SoftmaxDnnTrainer"/>.</summary>
    public sealed class Options : IterativeTrainerOptions
    {
        /// <summary>The defaults, with at most 10 iterations: epochs.</summary>
        public Options()
            : base(numberOfIterations: 10)
        {
        }

        /// <summary>Length K of the embeddings.</summary>
        /// <value>Default 64; range [1, 1024].</value>
        [OptionRange(1, 1024)]
        public int ApproximationRank = 64;

        /// <summary>Widths of the ReLU layers between the history's mean and the query embedding. Empty: one linear map, or with <see cref="SkipConnection"/> nothing.</summary>
        /// <value>Default [128]; at most 16 layers of width [1, 4096].</value>
        public int[] HiddenLayers = [128];

        /// <summary>
        /// Whether the history's mean, with the features, is also added to the query embedding as it is: layers only correct it. Without <see cref="HiddenLayers"/> it is the query embedding.
        /// Goes with <see cref="ShareItemEmbeddings"/>, by which what was taken and what is like it lie in one direction before anything is learned.
        /// </summary>
        /// <value>Default true.</value>
        public bool SkipConnection = true;

        /// <summary>Share of a hidden layer's values that training drops at random.</summary>
        /// <value>Default 0.3; range [0, 0.9].</value>
        [OptionRange(0, 0.9)]
        public float Dropout = 0.3f;

        /// <summary>
        /// Whether an item has one embedding, in histories and as a label, or one for each role. The one holds its features, too: what is like the items of a history by features alone
        /// lies near it, and items that nobody took count in the histories of queries.
        /// </summary>
        /// <value>Default true.</value>
        public bool ShareItemEmbeddings = true;

        /// <summary>τ: scores are cosines divided by it. 0: scores are plain dot products.</summary>
        /// <value>Default 0.15; range [0, 10]. Useful values are 0.05…0.2, small ones of large catalogues.</value>
        [OptionRange(0, 10), TuneRange(0.05, 0.5, Logarithmic = true)]
        public float Temperature = 0.15f;

        /// <summary>What is predicted.</summary>
        /// <value>Default <see cref="SoftmaxDnnTarget.MultiHot"/>.</value>
        public SoftmaxDnnTarget Target = SoftmaxDnnTarget.MultiHot;

        /// <summary>With <see cref="SoftmaxDnnTarget.MultiHot"/>: share of a user's items that become labels, at least one.</summary>
        /// <value>Default 0.2; range [0, 1].</value>
        [OptionRange(0, 1), TuneRange(0.1, 0.8, Needs = nameof(Target), NeededValue = SoftmaxDnnTarget.MultiHot)]
        public float LabelShare = 0.2f;

        /// <summary>
        /// Examples that an epoch makes of a user, who has at most one per item. Few: all users weigh alike. As many as anybody has items: all interactions do, which makes better lists of dense
        /// and sparse data alike, in fewer but longer epochs.
        /// </summary>
        /// <value>Default 20; range [1, 100000].</value>
        [OptionRange(1, 100000)]
        public int MaxExamplesPerUser = 20;

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

        /// <summary>
        /// Whether items with features that nobody took compete with the labels, by their features alone. If not, they are new: in lists they rank by what their features
        /// say, the rest of a vector being unknown and as if 0. If so, they were passed over: they rank behind, among themselves still by features; but with <see cref="ShareItemEmbeddings"/> that is held against their features,
        /// and their order says nothing: leave it off where new items are to be found.
        /// </summary>
        /// <value>Default false. <see cref="NegativeSampling.InBatch"/> and <see cref="NegativeSampling.None"/> never draw them.</value>
        public bool UntakenItemsCompete;

        /// <summary>Examples per step.</summary>
        /// <value>Default 256; range [1, 65536].</value>
        [OptionRange(1, 65536)]
        public int BatchSize = 256;

        /// <summary>How gradients become steps.</summary>
        /// <value>Default <see cref="SoftmaxDnnOptimizer.Adam"/>.</value>
        public SoftmaxDnnOptimizer Optimizer = SoftmaxDnnOptimizer.Adam;

        /// <summary>Length of the optimiser's steps.</summary>
        /// <value>Default 0.003; range (0, 10].</value>
        [OptionRange(0, 10, MinExclusive = true), TuneRange(3e-4, 1e-2, Logarithmic = true)]
        public float LearningRate = 0.003f;

        /// <summary>Steps over which the learning rate rises to its value.</summary>
        /// <value>Default 100; range [0, 1000000].</value>
        [OptionRange(0, 1000000)]
        public int WarmUpSteps = 100;

        /// <summary>
        /// Share of <see cref="LearningRate"/> that it has fallen to, evenly, at the end of <see cref="IterativeTrainerOptions.NumberOfIterations"/>: 0 lets the weights settle, and the last epoch be the best. 1: it stays.
        /// </summary>
        /// <value>Default 0; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float FinalLearningRate;

        /// <summary>Each step multiplies the weights that it touches by 1 − learning rate · this.</summary>
        /// <value>Default 0; range [0, 1].</value>
        [OptionRange(0, 1), TuneRange(1e-3, 1, Logarithmic = true)]
        public float WeightDecay;

        /// <summary>A gradient longer than this is scaled down to it; 0: never.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float GradientClipping;

        /// <summary>
        /// File that holds the whole state of a training that was cancelled or killed: <c>Fit</c> with the same data and options goes on from there, to the same bits as without the interruption.
        /// <see cref="RecommenderTrainerOptions.NumberOfThreads"/> may differ, and <see cref="IterativeTrainerOptions.NumberOfIterations"/> unless <see cref="FinalLearningRate"/> depends on it. A training that ends deletes the file. Null: none. A tuner's trials have none.
        /// </summary>
        /// <value>Default null.</value>
        public string? CheckpointPath;

        /// <summary>Epochs after which <see cref="CheckpointPath"/> is written, each time.</summary>
        /// <value>Default 1; range [1, 10000].</value>
        [OptionRange(1, 10000)]
        public int CheckpointEvery = 1;

        /// <summary>Columns of the training rows that say something about their user: categories (text, keys, Boolean) or numbers (Single), one value or a vector.
        /// Of a user's rows the last counts.</summary>
        /// <value>Default empty.</value>
        public string[] UserFeatureColumnNames = [];

        /// <summary>Features of users that stand elsewhere than in the training rows. Users with features are known to the model without an interaction.</summary>
        /// <value>Default null. From <see cref="RecommenderDataCatalog.ReadFeatures"/>.</value>
        public SideFeatures? UserFeatures;

        /// <summary>
        /// Features of items. Items with features are recommended without an interaction. <c>Fit</c> gives them all an index when it reads the interactions from a view; interactions
        /// that are read before need <c>ReadInteractions(…, items: features.Ids)</c>, else features of items that they lack are left out.
        /// </summary>
        /// <value>Default null. From <see cref="RecommenderDataCatalog.ReadFeatures"/>.</value>
        public SideFeatures? ItemFeatures;

        /// <inheritdoc/>
        protected internal override RecommenderTrainerOptions Clone()
        {
            var copy = (Options)base.Clone();
            // Null is refused later, by name.
            copy.HiddenLayers = HiddenLayers is null ? null! : [.. HiddenLayers];
            copy.UserFeatureColumnNames = UserFeatureColumnNames is null ? null! : [.. UserFeatureColumnNames];
            return copy;
        }

        /// <inheritdoc/>
        protected internal override void PrepareForTrial()
        {
            base.PrepareForTrial();
            CheckpointPath = null;
        }

        internal SoftmaxDnnSettings Settings => new(RecencyHalfLife, Temperature, SkipConnection);

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            ArgumentNullException.ThrowIfNull(HiddenLayers);
            ArgumentNullException.ThrowIfNull(UserFeatureColumnNames);
            if (UserFeatureColumnNames.Length > 0 && UserFeatures is not null)
                throw new ArgumentException($"{nameof(UserFeatureColumnNames)} and {nameof(UserFeatures)} both say where features of users come from; leave one.", nameof(UserFeatures));
            if (CheckpointPath is not null && string.IsNullOrWhiteSpace(CheckpointPath))
                throw new ArgumentException($"{nameof(CheckpointPath)} must name a file, or be null.", nameof(CheckpointPath));
            if (HiddenLayers.Length > 16 || HiddenLayers.Any(width => width is < 1 or > 4096))
                throw new ArgumentException($"{nameof(HiddenLayers)} is [{string.Join(", ", HiddenLayers)}]; at most 16 layers of width [1, 4096] are needed.", nameof(HiddenLayers));
        }
    }

    internal SoftmaxDnnTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected internal override (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema)
    {
        SideFeatures.Check(schema, TrainerOptions.UserFeatureColumnNames);
        return (TrainerOptions.UserFeatures?.StartingIds(schema, TrainerOptions.UserColumnName), TrainerOptions.ItemFeatures?.StartingIds(schema, TrainerOptions.ItemColumnName));
    }

    /// <inheritdoc/>
    protected override void CheckColumns(SchemaShape inputSchema)
    {
        foreach (var name in TrainerOptions.UserFeatureColumnNames)
            if (inputSchema.All(column => column.Name != name))
                throw new ArgumentException($"There is no column '{name}' to read features from. The data has {string.Join(", ", inputSchema.Select(column => $"'{column.Name}'"))}; name one of them, or add the column before.");
    }

    /// <inheritdoc/>
    protected override SoftmaxDnnModel Train(TrainingInput input)
    {
        var (train, validation) = (input.Train, input.Validation);
        if (!train.ByUser.HasTimestamps && (TrainerOptions.Target == SoftmaxDnnTarget.NextItem || TrainerOptions.RecencyHalfLife > 0))
            throw new ArgumentException(
                $"{(TrainerOptions.Target == SoftmaxDnnTarget.NextItem ? nameof(SoftmaxDnnTarget.NextItem) : nameof(Options.RecencyHalfLife))} needs to know the order of a user's items: "
                + $"name a column in {nameof(Options.TimestampColumnName)}, or give interactions with timestamps.");
        var (encoder, ofUsers) = Encode(UserFeatures(input), train.Users, "users", input);
        var (itemEncoder, ofItems) = Encode(TrainerOptions.ItemFeatures, train.Items, "items", input);
        var training = new SoftmaxDnnTraining(train, TrainerOptions, Choose(input), (ofUsers, encoder.TableRows), (ofItems, itemEncoder.TableRows));
        var checkpoint = TrainerOptions.CheckpointPath is null ? null : new SoftmaxDnnCheckpoint(TrainerOptions, train, validation, training, encoder);
        var from = checkpoint?.Load();
        if (from?.Iteration >= TrainerOptions.NumberOfIterations)
            throw new ArgumentException(
                $"The checkpoint {TrainerOptions.CheckpointPath} stands after {from.Iteration} epochs, and {nameof(Options.NumberOfIterations)} is {TrainerOptions.NumberOfIterations}: raise it, or delete the file to train from the start.", nameof(Options.NumberOfIterations));
        if (from is not null)
            input.Log($"Goes on after iteration {from.Iteration}, from {TrainerOptions.CheckpointPath}.");
        var epoch = from?.Iteration ?? 0;
        var model = new TrainingLoop<SoftmaxDnnModel>(TrainerOptions, input)
        {
            Remedy = $"Lower {nameof(Options.LearningRate)} (now {TrainerOptions.LearningRate}), set {nameof(Options.GradientClipping)}"
                + $"{(TrainerOptions.Temperature > 0 ? $", or raise {nameof(Options.Temperature)} (now {TrainerOptions.Temperature})" : "")}.",
            From = from,
            GoesOn = state =>
            {
                if (state.Iteration % TrainerOptions.CheckpointEvery == 0)
                    checkpoint?.Save(state);
            },
        }.Run(
            () => training.Epoch(epoch++),
            () => Model(train, training, encoder),
            ValidationMeasure.For(input.Validation, predictsLabels: false, TrainerOptions.Threads, TrainerOptions.CancellationToken));
        checkpoint?.Delete();
        return model;
    }

    private SideFeatures? UserFeatures(TrainingInput input)
    {
        if (TrainerOptions.UserFeatureColumnNames.Length == 0)
            return TrainerOptions.UserFeatures;
        var view = input.View ?? throw new ArgumentException(
            $"{nameof(Options.UserFeatureColumnNames)} are columns of a view, and interactions have none: fit on the view, or give {nameof(Options.UserFeatures)} (mlContext.Recommenders().Data.ReadFeatures).");
        return SideFeatures.Read(view, TrainerOptions.UserColumnName, TrainerOptions.UserFeatureColumnNames, input.Train.Users, TrainerOptions.CancellationToken);
    }

    private NegativeSampling Choose(TrainingInput input)
    {
        var sampling = TrainerOptions.NegativeSampling;
        if (sampling == NegativeSampling.Auto)
        {
            sampling = input.Train.Items.Count <= LargestFullSoftmax ? NegativeSampling.Full : NegativeSampling.Mixed;
            input.Log($"{input.Train.Items.Count:N0} items: {nameof(NegativeSampling)}.{sampling}.");
        }
        if (sampling == NegativeSampling.None)
            input.Warn($"{nameof(NegativeSampling)}.{nameof(NegativeSampling.None)} pushes nothing apart: items of unrelated groups will lie close together (folding). It is for demonstration.");
        return sampling;
    }

    private static (FeatureEncoder Encoder, FeatureRows Of) Encode(SideFeatures? features, IdMap ids, string what, TrainingInput input)
    {
        if (features is null)
            return (FeatureEncoder.None, FeatureRows.None);
        var encoder = FeatureEncoder.Learn(features);
        var rows = encoder.Encode(features, ids, out var leftOut);
        if (leftOut > 0)
            input.Log($"Features of {leftOut:N0} {what} are left out: the interactions' ids lack them.");
        return (encoder, rows);
    }

    /// <summary>
    /// Taken items get length 1. Of an item that nobody took only the features' part is known, and the rest is as if 0: it gets the share of that length which
    /// its features have of taken items' vectors, so that it does not pass for one whose features explain it fully.
    /// </summary>
    private static void Normalize(AlignedMatrix items, int[] counts)
    {
        double lengths = 0;
        for (int item = 0; item < items.Rows; item++)
            if (counts[item] > 0)
                lengths += QueryTower.Normalize(items[item], 1);
        var length = (float)(lengths / counts.Count(count => count > 0));
        for (int item = 0; item < items.Rows; item++)
            if (counts[item] == 0)
                TensorPrimitives.Divide(items[item], Math.Max(length, TensorPrimitives.Norm<float>(items[item])), items[item]);
    }

    private SoftmaxDnnModel Model(Interactions train, SoftmaxDnnTraining training, FeatureEncoder encoder)
    {
        var items = training.CopyByItem(training.Items);
        var ofItems = training.ItemFeatures.Of;
        for (int row = 0; row < ofItems.Count; row++)
            QueryTower.Add(training.ItemFeatures.Table.Values, ofItems.Rows(row), ofItems.Coefficients(row), items, training.ItemOrder[row]);
        var tower = new QueryTower(TrainerOptions.ShareItemEmbeddings ? items.Copy() : training.CopyByItem(training.Histories), Array.ConvertAll(training.Layers, layer => layer.Values.Copy()), TrainerOptions.Settings,
            encoder.TableRows == 0 ? null : training.UserFeatures.Table.Values.Copy());
        if (TrainerOptions.Temperature > 0)
            Normalize(items, train.ByUser.CountColumns(items.Rows));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = TrainerOptions.Threads, CancellationToken = TrainerOptions.CancellationToken };
        var ofUsers = training.UserFeatures.Of;
        return new SoftmaxDnnModel(train.Users, train.Items, train.ByUser, SoftmaxDnnModel.EmbedUsers(train.ByUser, ofUsers, tower, TrainerOptions.Settings, parallel), items, tower, TrainerOptions.Settings, encoder, ofUsers);
    }
}
