using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Recommendation as one classification with a class per item: a network turns what somebody took into a query embedding, and the softmax
/// of its
/// dot products with all item embeddings is the probability of each item.
/// </summary>
/// <remarks>
/// <para>Minimises, over examples of a history x and labels with target probabilities t that sum to 1, the cross-entropy
/// <code>
/// −Σ_i t_i log p_i,  p_i = exp⟨ψ(x), v_i⟩ / Σ_j exp⟨ψ(x), v_j⟩,
/// ψ(x) = layers(m),  m = mean of H_i over the history + Σ_f c_f F_f,  v_i = V_i + Σ_g c_g G_g
/// </code>
/// or ψ(x) = m + layers(m) with <see cref="Options.SkipConnection"/>. H is learned like V, or with
/// <see cref="Options.ShareItemEmbeddings"/> H_i = V_i + Σ_g c_g G_g.</para>
/// <list type="bullet">
/// <item>j runs over the labels and over every item in neither labels nor history: what somebody has is not recommended, so it does not
/// compete. Items that nobody took compete with <see cref="Options.UntakenItemsCompete"/>.</item>
/// <item>Sampled, the labels count exactly, and an item drawn c times where E draws were expected counts as c/E items (logQ correction; E
/// follows from
/// the mixture that is drawn from), unless the example has it as label or history.</item>
/// <item>f runs over the features of the user and g over those of the item, where there are any: n categories of one column have c = 1/n
/// each, a number
/// (value − mean) / deviation; what is missing, or a category that training did not see, has no term. An item that nobody took has V = 0,
/// and so a vector by its features.</item>
/// <item>Weights, where there are, weigh labels in t and entries in the mean. Labels of ratings are not looked at: every row is a
/// positive.</item>
/// <item>With <see cref="Options.RecencyHalfLife"/> q, the weight of entry i in the mean is multiplied by 2^(−r_i / q), r_i being how many
/// entries of the history are later; with <see cref="Options.RecencyHalfLifeDays"/> r_i is how many days older i is than the newest entry
/// of the history. In training that is the example's history, without its labels.</item>
/// </list>
/// <para>Four options follow the data where they are null, the default. A number given is taken as it is. Of I items with an entry:
/// <code>
/// K = 256 where I ≥ 10,000, else 128; half of it, and again, down to 32, while that is no less than the users or I, or as long as
///     training with a validation part as large as the data would pass <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>
/// τ = 0.15·min(1, (4,000 / I)^0.25), but not below 0.05
/// </code>
/// The target is <see cref="SoftmaxDnnTarget.NextItem"/> where timestamps say what comes next, else
/// <see cref="SoftmaxDnnTarget.MultiHot"/>. They say it where two things hold. More than half of the steps from one item of a user to the
/// next take longer than 1/10,000 of the time that the data spans, 53 minutes of a year: where most items come in baskets, or are entered
/// in one sitting, order says little about interest. And pairs of items that one user took in turn recur with others 1.75 times as often
/// as in shuffled histories. <see cref="Options.RecencyHalfLife"/> is 3 with <c>NextItem</c>, else 0, and 0 with
/// <see cref="Options.RecencyHalfLifeDays"/>. The values taken are logged, and
/// <c>Tune</c> begins there. Where the next item within a sitting is what you want, ask for <c>NextItem</c> yourself.</para>
/// <para>A training that starts from a model begins with its layers, its vectors of items, by id, and those of categories and numbers of
/// users; what is new begins as without it. An open K or τ is the model's. A vector of an item contains what its features said: they begin
/// at zero, and say something of other items once they have learned to. What the optimiser keeps of gradients begins at zero too.
/// <see cref="Options.CheckpointPath"/> resumes such a training with the same model.</para>
/// <para>Memory, in bytes, with rank and widths rounded up to a multiple of 16:
/// <code>
///   8·rank·rows                    tables of items, once more without ShareItemEmbeddings, and of features; half with Adagrad
/// + 20·Σ inputs·outputs            the layers
/// + 4·rank·(users + 2·items)       the model
/// + 10·(rank + 2)·places           items that take part in a step: all of them by NegativeSampling.Full, else the negatives and labels
/// + 4·batch·(13·rank + 2·Σ widths) what a step computes, and its gradients
/// + batch·(250·history + 400)      what is drawn for it: history is the mean length, of up to MaxHistoryLength
/// + 150·places·each                features of items: so many has each,
/// + 125·batch·different            and with ShareItemEmbeddings all items of a history together
/// + 4·interactions + 16·examples + 80·items + 32·entries of features
/// + 256·threads·(2·rank + Σ widths)
/// </code>
/// 4·interactions more with weights, and 8·interactions with RecencyHalfLifeDays. A validation part takes the model once more, 8·rank·items to search the items of the best and the
/// last, and 24·users + 12·pairs of it to judge. Features of users in columns of the training rows are not counted.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; weight, timestamp and features of the user: optional |
/// | Column out | <c>Score</c>: Single, ⟨ψ, v_i⟩ |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Covington, Adams, Sargin: Deep Neural Networks for YouTube Recommendations, RecSys 2016. Bengio, Senécal: Adaptive Importance
/// Sampling to
/// Accelerate Training of a Neural Probabilistic Language Model, 2008 (logQ). Yang et al.: Mixed Negative Sampling for Learning Two-tower
/// Neural
/// Networks in Recommendations, WWW 2020.</para>
/// </remarks>
public sealed class SoftmaxDnnTrainer : RecommenderTrainer<SoftmaxDnnModel, SoftmaxDnnTrainer.Options>
{
    private const int LargestFullSoftmax = 10_000;

    /// <summary>Options of <see cref="SoftmaxDnnTrainer"/>.</summary>
    public sealed class Options : IterativeTrainerOptions
    {
        /// <summary>The defaults, with at most 10 iterations: epochs.</summary>
        public Options()
            : base(numberOfIterations: 10)
        {
        }

        /// <summary>Length K of the embeddings. Null: by the rule of <see cref="SoftmaxDnnTrainer"/>. Time and memory grow with
        /// it.</summary>
        /// <value>Default null; range [1, 1024].</value>
        [OptionRange(1, 1024), TuneRange(32, 256, Logarithmic = true)]
        public int? ApproximationRank;

        /// <summary>Widths of the ReLU layers between the mean of the history and the query embedding. Empty: one linear map, or nothing
        /// at all with
        /// <see cref="SkipConnection"/>.</summary>
        /// <value>Default [128]; at most 16 layers of width [1, 4096].</value>
        [TuneRange(16, 512, Logarithmic = true)]
        public int[] HiddenLayers = [128];

        /// <summary>
        /// Whether the mean of the history, with the features, is added to what the layers give, so that they only have to correct it.
        /// Without
        /// <see cref="HiddenLayers"/> that mean is the query embedding. It works best with <see cref="ShareItemEmbeddings"/>: then a query
        /// embedding points to the items that were taken, and to those like them, before anything is learned.
        /// </summary>
        /// <value>Default true.</value>
        public bool SkipConnection = true;

        /// <summary>Share of a hidden layer's values that training drops at random.</summary>
        /// <value>Default 0.3; range [0, 0.9].</value>
        [OptionRange(0, 0.9)]
        public float Dropout = 0.3f;

        /// <summary>
        /// Whether an item has one embedding for both its roles, as a part of histories and as a label, or one for each. With features a
        /// shared embedding contains them. Then an item that is like those of a history by its features alone lies near it, and items
        /// that nobody took in training count in the histories of queries.
        /// </summary>
        /// <value>Default true.</value>
        public bool ShareItemEmbeddings = true;

        /// <summary>τ: scores are cosines divided by it. 0: scores are plain dot products. Null: by the rule of
        /// <see cref="SoftmaxDnnTrainer"/>.</summary>
        /// <value>Default null; range [0, 10]. Useful values are 0.05…0.3; the larger the catalogue, the smaller.</value>
        [OptionRange(0, 10), TuneRange(0.05, 0.5, Logarithmic = true)]
        public float? Temperature;

        /// <summary>What is predicted. Null: by the rule of <see cref="SoftmaxDnnTrainer"/>.</summary>
        /// <value>Default null.</value>
        public SoftmaxDnnTarget? Target;

        /// <summary>With <see cref="SoftmaxDnnTarget.MultiHot"/>: share of a user's items that become labels, at least one.</summary>
        /// <value>Default 0.2; range [0, 1].</value>
        [OptionRange(0, 1), TuneRange(0.1, 0.8, Needs = nameof(Target), NeededValue = SoftmaxDnnTarget.MultiHot)]
        public float LabelShare = 0.2f;

        /// <summary>
        /// Examples per user and epoch at most; a user has no more than one per item. A small number makes all users weigh alike. A
        /// number as large as the longest history makes all interactions weigh alike: lists become better, of dense and of sparse data,
        /// in fewer but longer epochs.
        /// </summary>
        /// <value>Default 50; range [1, 100000].</value>
        [OptionRange(1, 100000), TuneRange(5, 500, Logarithmic = true)]
        public int MaxExamplesPerUser = 50;

        /// <summary>Entries of a history that training looks at: the latest, or random ones where there are no timestamps. Embedding a
        /// query looks at all.</summary>
        /// <value>Default 200; range [1, 100000].</value>
        [OptionRange(1, 100000)]
        public int MaxHistoryLength = 200;

        /// <summary>How many later entries halve the weight of a history entry. 0: all entries count alike; more than 0 needs timestamps.
        /// Null: by the rule of <see cref="SoftmaxDnnTrainer"/>.</summary>
        /// <value>Default null; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float? RecencyHalfLife;

        /// <summary>How many days an entry of a history must be older than the newest one to count half, in training and when asked; 0: all
        /// count alike. Needs timestamps that are points in time: <see cref="RecommenderTrainerOptions.TimestampColumnName"/> says which
        /// are. Not together with <see cref="RecencyHalfLife"/>, which is 0 by the rule then. Tuned where it is given, each value by a
        /// training; to search it from 0 by a range of its own, set <see cref="RecencyHalfLife"/> to 0, too.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1, 365, Logarithmic = true)]
        public float RecencyHalfLifeDays;

        /// <summary>Which items compete with the labels.</summary>
        /// <value>Default <see cref="NegativeSampling.Auto"/>.</value>
        public NegativeSampling NegativeSampling = NegativeSampling.Auto;

        /// <summary>Items drawn for each batch; all its examples share them, and an item may be drawn more than once. In-batch negatives
        /// come on top.</summary>
        /// <value>Default 2000; range [1, 1000000].</value>
        [OptionRange(1, 1000000)]
        public int NumberOfNegatives = 2000;

        /// <summary>β: items are drawn in proportion to popularity^β by <see cref="NegativeSampling.Popularity"/> and
        /// <see cref="NegativeSampling.Mixed"/>.</summary>
        /// <value>Default 0.5; range [0, 2].</value>
        [OptionRange(0, 2)]
        public float NegativePopularityExponent = 0.5f;

        /// <summary>
        /// Whether training pushes down items that nobody took; it concerns items that have features. False: they count as new, and lists
        /// rank them by their features. True: they count as passed over, and rank behind the items that were taken. With
        /// <see cref="ShareItemEmbeddings"/> true also pushes down their features, so that their order among themselves means nothing.
        /// Leave it false to recommend new items.
        /// </summary>
        /// <value>Default false. <see cref="NegativeSampling.InBatch"/> and <see cref="NegativeSampling.None"/> never draw such
        /// items.</value>
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
        /// What the learning rate has fallen to at the end of <see cref="IterativeTrainerOptions.NumberOfIterations"/>, as a share of
        /// <see cref="LearningRate"/>;
        /// it falls evenly. 0 lets the weights settle, so that the last epoch tends to be the best. 1: it does not fall.
        /// </summary>
        /// <value>Default 0; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float FinalLearningRate;

        /// <summary>How much weights shrink: each step multiplies those that it touches by 1 − learning rate · this.</summary>
        /// <value>Default 0; range [0, 1].</value>
        [OptionRange(0, 1), TuneRange(1e-3, 1, Logarithmic = true)]
        public float WeightDecay;

        /// <summary>A gradient longer than this is scaled down to it; 0: never.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float GradientClipping;

        /// <summary>
        /// A file for the state of the training, so that one that was cancelled or killed can be resumed: <c>Fit</c> with the same data
        /// and options goes on from it, and gives the same bits as without the interruption.
        /// <see cref="RecommenderTrainerOptions.NumberOfThreads"/> may differ, and
        /// <see cref="IterativeTrainerOptions.NumberOfIterations"/> where <see cref="FinalLearningRate"/> is 1. A training that ends
        /// deletes the file. Null: no
        /// file. The trials of a tuner have none.
        /// </summary>
        /// <value>Default null.</value>
        public string? CheckpointPath;

        /// <summary>After how many epochs <see cref="CheckpointPath"/> is written anew.</summary>
        /// <value>Default 1; range [1, 10000].</value>
        [OptionRange(1, 10000)]
        public int CheckpointEvery = 1;

        /// <summary>Columns of the training rows that say something about their user: categories (text, keys, Boolean) or numbers (Single),
        /// one value or a vector.
        /// Of a user's rows the last counts.</summary>
        /// <value>Default empty.</value>
        public string[] UserFeatureColumnNames = [];

        /// <summary>Features of users, where they are not columns of the training rows. The model knows users with features even if they
        /// took nothing.</summary>
        /// <value>Default null. From <c>Data.ReadFeatures</c>.</value>
        public SideFeatures? UserFeatures;

        /// <summary>
        /// Features of items. Items with features are recommended even if nobody took them. <c>Fit</c> of a view knows all of them.
        /// Interactions that are read before know them only if they were read with
        /// <c>ReadInteractions(…, new() { Items = features.Ids })</c>;
        /// features of items that they lack are left out.
        /// </summary>
        /// <value>Default null. From <c>Data.ReadFeatures</c>.</value>
        public SideFeatures? ItemFeatures;

        /// <inheritdoc/>
        // Half-lives in entries are among the settings, where files have them.
        protected internal override Recency Recency => new(0, RecencyHalfLifeDays);

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

        /// <summary>What <see cref="CompleteFrom"/> took from the data, in a line; null: nothing.</summary>
        internal string? FromData { get; private set; }

        /// <summary>What a query is embedded by, once no option of it is null.</summary>
        internal SoftmaxDnnSettings Settings => new(RecencyHalfLife!.Value, Temperature!.Value, SkipConnection);

        /// <summary>The rank that is taken where memory is short.</summary>
        internal int LeastRank => ApproximationRank ?? SoftmaxDnnDefaults.LeastRank;

        /// <inheritdoc/>
        internal override void CompleteFrom(Interactions train)
        {
            var found = SoftmaxDnnDefaults.From(train, this);
            List<string> taken = [];
            Temperature ??= Taken(nameof(Temperature), found.Temperature);
            Target ??= Taken(nameof(Target), found.Target);
            RecencyHalfLife ??= Taken(nameof(RecencyHalfLife), found.RecencyHalfLife);
            if (ApproximationRank is null)
            {
                ApproximationRank = found.Rank;
                // Whether a validation part is given must not show in the rank: with the best options one trains on both parts.
                while (ApproximationRank > SoftmaxDnnDefaults.LeastRank && MemoryFor(train, train) > MemoryLimit)
                    ApproximationRank /= 2;
                Taken(nameof(ApproximationRank),
                    $"{ApproximationRank}{(ApproximationRank < found.Rank ? $" ({found.Rank} would pass the memory limit)" : "")}");
            }
            FromData = taken.Count > 0 ? $"From the data: {string.Join(", ", taken)}" : null;

            T Taken<T>(string name, T value)
            {
                taken.Add(FormattableString.Invariant($"{name} {value}"));
                return value;
            }
        }

        /// <summary>The bytes that training takes, once no option is null.</summary>
        internal long MemoryFor(Interactions train, Interactions? validation)
        {
            // Beside the embeddings of items a model has those of histories, its layers and the features.
            var more = AlignedMatrix.BytesOf(
                train.Items.Count + (UserFeatures?.PlaceCount ?? 0) + (ItemFeatures?.PlaceCount ?? 0), ApproximationRank!.Value);
            return SoftmaxDnnTraining.MemoryFor(train, this, SamplingFor(train.Items.Count))
                + FactorModel.MemoryFor(train, validation, ApproximationRank.Value, predictsLabels: false)
                + (validation is null ? more : 2 * more);
        }

        internal NegativeSampling SamplingFor(int items) => NegativeSampling != NegativeSampling.Auto
            ? NegativeSampling
            : items <= LargestFullSoftmax ? NegativeSampling.Full : NegativeSampling.Mixed;

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            CheckOneHalfLife(new(RecencyHalfLife ?? 0, RecencyHalfLifeDays));
            ArgumentNullException.ThrowIfNull(HiddenLayers);
            ArgumentNullException.ThrowIfNull(UserFeatureColumnNames);
            if (UserFeatureColumnNames.Length > 0 && UserFeatures is not null)
                throw new ArgumentException($"{nameof(UserFeatureColumnNames)} and {nameof(UserFeatures)} both say where features of users come from; leave one.", nameof(UserFeatures));
            if (CheckpointPath is not null && string.IsNullOrWhiteSpace(CheckpointPath))
                throw new ArgumentException($"{nameof(CheckpointPath)} must name a file, or be null.", nameof(CheckpointPath));
            if (HiddenLayers.Length > 16 || HiddenLayers.Any(width => width is < 1 or > SoftmaxDnnModel.MaxWidth))
                throw new ArgumentException(
                    $"{nameof(HiddenLayers)} is [{string.Join(", ", HiddenLayers)}]; at most 16 layers of width [1, {SoftmaxDnnModel.MaxWidth}] are needed.", nameof(HiddenLayers));
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
                throw new ArgumentOutOfRangeException(null,
                    $"There is no column '{name}' to read features from. The data has {string.Join(", ", inputSchema.Select(column => $"'{column.Name}'"))}; name one of them, or add the column before.");
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy => $"Lower {nameof(Options.ApproximationRank)} (now {TrainerOptions.LeastRank}) or "
        + $"{nameof(Options.BatchSize)} (now {TrainerOptions.BatchSize}), or leave out users and items that have few interactions"
        + (TrainerOptions.NegativeSampling == NegativeSampling.Full
            ? $"; or set {nameof(Options.NegativeSampling)} to {NegativeSampling.Mixed}." : ".");

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData) =>
        OptionsFor(trainData).MemoryFor(trainData, validationData);

    /// <summary>The options, with numbers where they follow from the data.</summary>
    private Options OptionsFor(Interactions train)
    {
        var options = (Options)TrainerOptions.Clone();
        options.CompleteFrom(train);
        return options;
    }

    /// <summary>True: embeddings and layers begin as the model has them.</summary>
    public override bool CanWarmStart => true;

    /// <inheritdoc/>
    protected override void StartFrom(SoftmaxDnnModel initial, Options options)
    {
        options.ApproximationRank ??= initial.ApproximationRank;
        options.Temperature ??= initial.Settings.Temperature;
        initial.CheckStart(options.ApproximationRank.Value, hasBiases: false);
        int[] widths = options.SkipConnection && options.HiddenLayers.Length == 0
            ? [] : [.. options.HiddenLayers, options.ApproximationRank.Value];
        var itsWidths = Array.ConvertAll(initial.Tower.Layers, layer => layer.Columns);
        var itsSkips = initial.Settings.SkipConnection;
        if (options.SkipConnection != itsSkips || !widths.SequenceEqual(itsWidths))
            throw new ArgumentException(
                $"The initial model has {Network(itsWidths, itsSkips)}, and training is to have {Network(widths, options.SkipConnection)}. "
                + "Set both as the model has them, or leave the model out.", nameof(initial));

        static string Network(int[] widths, bool skips) =>
            $"{nameof(Options.HiddenLayers)} [{string.Join(", ", widths.SkipLast(1))}] and {nameof(Options.SkipConnection)} {skips}";
    }

    /// <inheritdoc/>
    protected override SoftmaxDnnModel Train(TrainingInput input)
    {
        var (train, options) = (input.Train, OptionsFor(input.Train));
        if (options.FromData is { } line)
            input.Log(line);
        CheckOrder(train, options);
        var (encoder, ofUsers) = Encode(UserFeatures(input), train.Users, "users", input);
        var (itemEncoder, ofItems) = Encode(options.ItemFeatures, train.Items, "items", input);
        var training = new SoftmaxDnnTraining(train, options, Choose(input), (ofUsers, encoder.TableRows), (ofItems, itemEncoder.TableRows));
        if (input.Initial is SoftmaxDnnModel initial)
            training.StartFrom(initial, input.IndicesInInitial().Items, encoder.RowsIn(initial.Encoder));
        var checkpoint = options.CheckpointPath is null ? null : new SoftmaxDnnCheckpoint(options, input, training, encoder);
        var from = checkpoint?.Load();
        if (from?.Iteration >= options.NumberOfIterations)
            throw new ArgumentException(
                $"The checkpoint {options.CheckpointPath} stands after {from.Iteration} epochs, and {nameof(Options.NumberOfIterations)} is {options.NumberOfIterations}: raise it, or delete the file to train from the start.", nameof(Options.NumberOfIterations));
        if (from is not null)
            input.Log($"Goes on after iteration {from.Iteration}, from {options.CheckpointPath}.");
        var epoch = from?.Iteration ?? 0;
        var model = new TrainingLoop<SoftmaxDnnModel>(options, input)
        {
            Remedy = $"Lower {nameof(Options.LearningRate)} (now {options.LearningRate}), set {nameof(Options.GradientClipping)}"
                + $"{(options.Temperature > 0 ? $", or raise {nameof(Options.Temperature)} (now {options.Temperature})" : "")}.",
            From = from,
            GoesOn = state =>
            {
                if (state.Iteration % options.CheckpointEvery == 0)
                    checkpoint?.Save(state);
            },
        }.Run(
            () => training.Epoch(epoch++),
            () => Model(train, options, training, encoder, itemEncoder),
            ValidationMeasure.For(input.Validation, predictsLabels: false, options.Threads, options.CancellationToken));
        checkpoint?.Delete();
        return model;
    }

    private static void CheckOrder(Interactions train, Options options)
    {
        if (!train.ByUser.HasTimestamps && (options.Target == SoftmaxDnnTarget.NextItem || options.RecencyHalfLife > 0))
            throw new ArgumentException(
                $"{(options.Target == SoftmaxDnnTarget.NextItem ? nameof(SoftmaxDnnTarget.NextItem) : nameof(Options.RecencyHalfLife))} needs to know the order of a user's items: "
                + $"name a column in {nameof(Options.TimestampColumnName)}, or give interactions with timestamps.");
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
        var sampling = TrainerOptions.SamplingFor(input.Train.Items.Count);
        if (TrainerOptions.NegativeSampling == NegativeSampling.Auto)
            input.Log($"{input.Train.Items.Count:N0} items: {nameof(NegativeSampling)}.{sampling}.");
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
    /// Taken items get length 1. Of an item that nobody took only the features' part is known, and the rest is as if 0: it gets the share
    /// of that length which
    /// its features have of taken items' vectors, so that it does not pass for one whose features explain it fully.
    /// </summary>
    /// <returns>The mean length of taken items' vectors.</returns>
    private static float Normalize(AlignedMatrix items, int[] counts)
    {
        double lengths = 0;
        for (int item = 0; item < items.Rows; item++)
            if (counts[item] > 0)
                lengths += QueryTower.Normalize(items[item], 1);
        var length = (float)(lengths / counts.Count(count => count > 0));
        for (int item = 0; item < items.Rows; item++)
            if (counts[item] == 0)
                ItemFeatureTower.Shorten(items[item], length);
        return length;
    }

    private SoftmaxDnnModel Model(
        Interactions train, Options options, SoftmaxDnnTraining training, FeatureEncoder encoder, FeatureEncoder itemEncoder)
    {
        var items = training.CopyByItem(training.Items);
        var ofItems = training.ItemFeatures.Of;
        for (int row = 0; row < ofItems.Count; row++)
            QueryTower.Add(training.ItemFeatures.Table.Values, ofItems.Rows(row), ofItems.Coefficients(row), items, training.ItemOrder[row]);
        var tower = new QueryTower(options.ShareItemEmbeddings ? items.Copy() : training.CopyByItem(training.Histories), Array.ConvertAll(training.Layers, layer => layer.Values.Copy()), options.Settings,
            encoder.TableRows == 0 ? null : training.UserFeatures.Table.Values.Copy());
        var length = options.Temperature > 0 ? Normalize(items, train.ByUser.CountColumns(items.Rows)) : 0;
        var itemTower = itemEncoder.TableRows == 0
            ? null : new ItemFeatureTower(itemEncoder, training.ItemFeatures.Table.Values.Copy(), length, options.ShareItemEmbeddings);
        var ofUsers = training.UserFeatures.Of;
        var users = SoftmaxDnnModel.EmbedUsers(train.ByUser, ofUsers, tower, options.Settings, options.Recency, ParallelOptions);
        return new SoftmaxDnnModel(
            train.Users, train.Items, train.ByUser, users, items, tower, options.Settings, encoder, ofUsers, itemTower)
        {
            Recency = options.Recency,
        };
    }

    // The network is trained with it.
    internal override string? SweptOption => null;
}
