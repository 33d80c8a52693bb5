using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class SoftmaxDnnTrainingTests
{
    private const int Users = 90, Items = 150;

    private static Interactions Data(int seed, bool weights = false)
    {
        var random = new Random(seed);
        List<(int User, int Item)> pairs = [];
        for (int user = 0; user < Users; user++)
            for (int item = 0; item < Items; item++)
                if (item != 3 && (random.NextDouble() < 5.0 / (item + 20) || item == 5 + user % 140))
                    pairs.Add((user, item));
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            weights: weights ? [.. pairs.Select(_ => 0.2f + random.NextSingle())] : default, timestamps: [.. pairs.Select(_ => (long)random.Next(1000))]);
    }

    private static SoftmaxDnnTrainer.Options RandomOptions(Random random, NegativeSampling sampling) => new()
    {
        ApproximationRank = 1 + random.Next(20),
        HiddenLayers = [.. Enumerable.Range(0, random.Next(3)).Select(_ => 1 + random.Next(40))],
        SkipConnection = random.Next(2) == 0,
        Dropout = 0,
        ShareItemEmbeddings = random.Next(2) == 0,
        Temperature = random.Next(2) == 0 ? 0 : 0.3f,
        Target = (SoftmaxDnnTarget)random.Next(2),
        LabelShare = 0.3f,
        RecencyHalfLife = random.Next(2) * 3f,
        NegativeSampling = sampling,
        UntakenItemsCompete = random.Next(2) == 0,
        NumberOfNegatives = 60,
        BatchSize = 70 + random.Next(100),
        Seed = random.Next(),
        NumberOfThreads = 2,
    };

    private static SoftmaxDnnTraining Training(Interactions data, SoftmaxDnnTrainer.Options options, NegativeSampling sampling,
        (FeatureRows, int)? userFeatures = null, (FeatureRows, int)? itemFeatures = null)
    {
        options.CompleteFrom(data);
        return new(data, options, sampling, userFeatures, itemFeatures);
    }

    /// <summary>Up to four of 30 embeddings each; some have none.</summary>
    private static (FeatureRows, int) RandomFeatures(Random random, int count)
    {
        List<int> offsets = [0], rows = [];
        for (int index = 0; index < count; index++)
        {
            rows.AddRange(Enumerable.Range(0, 30).OrderBy(_ => random.Next()).Take(random.Next(5)));
            offsets.Add(rows.Count);
        }
        return (new FeatureRows([.. offsets], [.. rows], [.. rows.Select(_ => 2 * random.NextSingle() - 1)]), 30);
    }

    private static void Randomise(AlignedMatrix matrix, Random random)
    {
        for (int row = 0; row < matrix.Rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle() - 0.5f;
    }

    private static unsafe float[] Sum(RowTerms gradient, AlignedMatrix sources, int first, int end)
    {
        var sum = new float[sources.Stride];
        fixed (float* values = sum)
            gradient.AddTo(values, sources, first, end);
        return sum;
    }

    public static TheoryData<NegativeSampling> Samplings => [.. Enum.GetValues<NegativeSampling>().Where(sampling => sampling != NegativeSampling.Auto)];

    [Theory, MemberData(nameof(Samplings))]
    public void Gradient_EveryWeight_EqualsFiniteDifferences(NegativeSampling sampling)
    {
        var random = new Random((int)sampling);
        // With weights and without, each with features and without.
        for (int trial = 0; trial < 4; trial++)
        {
            var options = RandomOptions(random, sampling);
            var data = Data(trial, weights: trial % 2 == 0);
            var training = trial % 3 == 0
                ? Training(data, options, sampling)
                : Training(data, options, sampling, RandomFeatures(random, Users), RandomFeatures(random, Items));
            Randomise(training.UserFeatures.Table.Values, random);
            Randomise(training.ItemFeatures.Table.Values, random);
            if (options.SkipConnection && training.Layers.Length > 0)
                Randomise(training.Layers[^1].Values, random);
            // Without a bias an empty history has no direction, and where that is normalised no derivative.
            foreach (var layer in training.Layers)
                foreach (ref var bias in layer.Values[layer.Values.Rows - 1])
                    bias = random.NextSingle() - 0.5f;
            var order = Enumerable.Range(0, options.BatchSize).Select(_ => random.Next(Users)).ToArray();
            training.Sample(order, stream: 1000);
            var loss = training.Gradient();
            var dense = new DenseNetwork(training, options, options.BatchSize);
            Assert.Equal(dense.Loss(), loss, 1e-4);

            CheckRows(training.Batch.ItemTerms, dense.Items, 40);
            CheckRows(training.Batch.HistoryTerms, dense.Histories, 40);
            Assert.Equal(trial % 3 != 0, training.Batch.UserFeatureTerms.Count > 0);
            CheckRows(training.Batch.UserFeatureTerms, dense.UserFeatures, 10);
            CheckRows(training.Batch.ItemFeatureTerms, dense.ItemFeatures, 10);
            for (int layer = 0; layer < dense.Layers.Length; layer++)
                for (int row = dense.Layers[layer].Length - 1; row >= 0; row -= 1 + random.Next(40))
                    Check(dense.Layers[layer][row], training.WeightGradients[layer][row]);

            void CheckRows(RowTerms gradient, double[][] weights, int step)
            {
                for (int term = 0, next; term < gradient.Count; term = next)
                {
                    next = gradient.EndOfRow(term);
                    if (random.Next(step) == 0)
                        Check(weights[gradient.SortedRows[term]], Sum(gradient, training.GradientSources, term, next));
                }
            }

            void Check(double[] weights, ReadOnlySpan<float> gradient)
            {
                var k = random.Next(weights.Length);
                var slope = dense.Slope(weights, k);
                Assert.True(Math.Abs(slope - gradient[k]) < 2e-5, $"{sampling}, trial {trial}: {slope}, {gradient[k]}");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01f)]
    [InlineData(100)]
    public void Step_AnyClipping_TakesTheWholeGradientDownToIt(float clipping)
    {
        foreach (var shared in new[] { false, true })
        {
            var options = new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 5,
                HiddenLayers = [7],
                BatchSize = 40,
                ShareItemEmbeddings = shared,
                GradientClipping = clipping,
            };
            var training = Training(Data(1), options, NegativeSampling.Full, RandomFeatures(new Random(4), Users), RandomFeatures(new Random(5), Items));
            training.Sample([.. Enumerable.Range(0, 40)], stream: 3);
            training.Gradient();
            List<(float Gradient, ParameterTable Table, int Row, int Column)> all = [];
            foreach (var (table, terms) in new[] { (training.Items, training.Batch.ItemTerms), (training.Histories, training.Batch.HistoryTerms),
                (training.UserFeatures.Table, training.Batch.UserFeatureTerms), (training.ItemFeatures.Table, training.Batch.ItemFeatureTerms) }.Distinct())
                for (int term = 0, next; term < terms.Count; term = next)
                {
                    next = terms.EndOfRow(term);
                    var sum = Sum(terms, training.GradientSources, term, next);
                    all.AddRange(Enumerable.Range(0, 5).Select(k => (sum[k], table, terms.SortedRows[term], k)));
                }
            for (int layer = 0; layer < training.Layers.Length; layer++)
                for (int row = 0; row < training.WeightGradients[layer].Rows; row++)
                    for (int k = 0; k < training.WeightGradients[layer].Columns; k++)
                        all.Add((training.WeightGradients[layer][row][k], training.Layers[layer], row, k));

            training.Step();

            var length = Math.Sqrt(all.Sum(entry => (double)entry.Gradient * entry.Gradient));
            var scale = clipping == 0 ? 1 : Math.Min(1, clipping / length);
            Assert.Equal(clipping == 0.01f, scale < 1);
            foreach (var (gradient, table, row, k) in all)
                Assert.Equal(0.1 * scale * gradient, table.Momenta[row][k], 1e-7 * length);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25f)]
    [InlineData(1)]
    public void Step_FinalLearningRate_IsReachedEvenlyAtTheEnd(float final)
    {
        var data = Data(1);
        var steps = 10 * ((Enumerable.Range(0, Users).Sum(user => Math.Min(4, data.ByUser.Length(user))) + Users - 1) / Users);
        foreach (var step in new[] { 1, steps / 2, steps, steps + 5 })
        {
            // A first step of Adagrad is, by the mean square of a row, as long as the learning rate.
            float Moved(float final)
            {
                var options = new SoftmaxDnnTrainer.Options
                {
                    ApproximationRank = 6,
                    BatchSize = Users,
                    HiddenLayers = [],
                    MaxExamplesPerUser = 4,
                    NumberOfIterations = 10,
                    Optimizer = SoftmaxDnnOptimizer.Adagrad,
                    LearningRate = 0.5f,
                    WarmUpSteps = 0,
                    FinalLearningRate = final,
                };
                var training = Training(data, options, NegativeSampling.Full);
                training.Steps = step - 1;
                training.Sample([.. Enumerable.Range(0, Users)], stream: 5);
                training.Gradient();
                var before = training.Items.Values[0][0];
                training.Step();
                return training.Items.Values[0][0] - before;
            }
            Assert.Equal(1 - (1 - final) * Math.Min(1, step / (double)steps), Moved(final) / Moved(1), 1e-4);
        }
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(8, 1, 0.125)]
    [InlineData(8, 6, 0.75)]
    [InlineData(8, 8, 1)]
    [InlineData(8, 30, 1)]
    public void Step_WarmUpSteps_RaiseTheLearningRateEvenly(int warmUpSteps, int step, double share)
    {
        var (before, after) = FirstStep(new() { WarmUpSteps = warmUpSteps }, step);
        var (_, whole) = FirstStep(new() { WarmUpSteps = 0 }, step);
        Assert.Equal(share, (after - before) / (whole - before), 1e-4);
    }

    [Fact]
    public void Step_WeightDecay_ShrinksAWeightBeforeItMoves()
    {
        var (before, after) = FirstStep(new() { WarmUpSteps = 0, WeightDecay = 0.3f }, 1);
        var (_, expected) = FirstStep(new() { WarmUpSteps = 0 }, 1);
        Assert.Equal(expected - 0.5 * 0.3 * before, after, 1e-5);
    }

    [Theory]
    [InlineData(SoftmaxDnnOptimizer.Adam)]
    [InlineData(SoftmaxDnnOptimizer.Adagrad)]
    public void Step_RowsThatTheBatchDoesNotTouch_StayAsTheyAre(SoftmaxDnnOptimizer optimizer)
    {
        var options = new SoftmaxDnnTrainer.Options { ApproximationRank = 6, HiddenLayers = [], ShareItemEmbeddings = false, BatchSize = 3, Optimizer = optimizer, WeightDecay = 0.3f, WarmUpSteps = 0 };
        var training = Training(Data(1), options, NegativeSampling.InBatch, RandomFeatures(new Random(4), Users), RandomFeatures(new Random(5), Items));
        foreach (var table in new[] { training.UserFeatures.Table, training.ItemFeatures.Table })
            Randomise(table.Values, new Random(6));
        // What is kept of an earlier gradient does not move a row either.
        training.Sample([7, 8, 9], stream: 90);
        training.Gradient();
        training.Step();
        training.Sample([1, 2, 3], stream: 5);
        training.Gradient();
        var before = training.AllTables.Select(table => (Values: table.Values.Copy(), Momenta: table.Momenta.Copy(), Squares: (float[])table.Squares.Clone())).ToArray();

        training.Step();

        var examples = training.Batch.Examples.ToArray();
        var items = training.Batch.Pool.Concat(examples.SelectMany(example => example.Labels)).ToHashSet();
        HashSet<int>[] touched =
        [
            items, [.. examples.SelectMany(example => example.History)],
            [.. examples.SelectMany(example => training.UserFeatures.Of.Rows(example.User).ToArray())], [.. items.SelectMany(item => training.ItemFeatures.Of.Rows(item).ToArray())],
        ];
        foreach (var (rows, (table, (values, momenta, squares))) in touched.Zip(training.AllTables.Zip(before)))
        {
            Assert.InRange(rows.Count, 1, table.Values.Rows - 1);
            for (int row = 0; row < table.Values.Rows; row++)
            {
                Assert.Equal(rows.Contains(row), !values[row].SequenceEqual(table.Values[row]));
                Assert.Equal(rows.Contains(row), squares[row] != table.Squares[row]);
                if (optimizer == SoftmaxDnnOptimizer.Adam)
                    Assert.Equal(rows.Contains(row), !momenta[row].SequenceEqual(table.Momenta[row]));
            }
        }
    }

    /// <summary>A weight before and after a step, the first that moves it.</summary>
    private static (float Before, float After) FirstStep(SoftmaxDnnTrainer.Options options, int step)
    {
        (options.ApproximationRank, options.BatchSize, options.Optimizer, options.LearningRate, options.FinalLearningRate) = (6, Users, SoftmaxDnnOptimizer.Adagrad, 0.5f, 1);
        var training = Training(Data(1), options, NegativeSampling.Full);
        training.Steps = step - 1;
        training.Sample([.. Enumerable.Range(0, Users)], stream: 5);
        training.Gradient();
        var before = training.Items.Values[0][0];
        training.Step();
        return (before, training.Items.Values[0][0]);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(7, true)]
    [InlineData(126, false)]
    [InlineData(200, true)]
    public void Epoch_AnyNumberOfThreads_GivesTheSameBits(int batch, bool shared)
    {
        float[][] Weights(int threads)
        {
            var options = new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 17,
                HiddenLayers = [30],
                BatchSize = batch,
                Dropout = 0.2f,
                ShareItemEmbeddings = shared,
                NegativeSampling = NegativeSampling.Mixed,
                NumberOfNegatives = 300,
                NumberOfThreads = threads,
                GradientClipping = 1,
            };
            var training = Training(Data(1), options, NegativeSampling.Mixed, RandomFeatures(new Random(4), Users), RandomFeatures(new Random(5), Items));
            training.Epoch(0);
            return [training.UserFeatures.Table.Values.Padded.ToArray(), training.ItemFeatures.Table.Values.Padded.ToArray(), training.Items.Values.Padded.ToArray(), training.Histories.Values.Padded.ToArray(), .. training.Layers.Select(layer => layer.Values.Padded.ToArray())];
        }
        Assert.Equal(Weights(1), Weights(2));
        Assert.Equal(Weights(1), Weights(5));
    }

    [Fact]
    public void Epoch_BatchesDrawnAhead_EqualThoseDrawnInTheirTurn()
    {
        var data = Data(1);
        var options = RandomOptions(new Random(2), NegativeSampling.Mixed);
        var (ahead, inTurn) = (Training(data, options, NegativeSampling.Mixed), Training(data, options, NegativeSampling.Mixed));
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var (stream, loss) = ((long)epoch * sampler.Count, 0.0);
            foreach (var users in sampler.Order(epoch).Chunk(options.BatchSize))
            {
                inTurn.Sample(users, stream);
                loss += inTurn.Gradient() * users.Length / sampler.Count;
                inTurn.Step();
                stream += users.Length;
            }
            Assert.Equal(loss, ahead.Epoch(epoch), 1e-12 * loss);
        }
        foreach (var (table, other) in ahead.AllTables.Zip(inTurn.AllTables))
            Assert.Equal(table.Values.Padded, other.Values.Padded);
    }

    [Fact]
    public void ItemOrder_AnyData_IsByPopularityThenIndex()
    {
        var data = Data(1);
        var counts = data.ByUser.CountColumns(Items);
        var (features, tableRows) = RandomFeatures(new Random(5), Items);
        var training = Training(data, new SoftmaxDnnTrainer.Options { ApproximationRank = 6 }, NegativeSampling.Full, itemFeatures: (features, tableRows));

        Assert.Equal(Enumerable.Range(0, Items).OrderBy(item => -counts[item]).ThenBy(item => item), training.ItemOrder);
        var byItem = training.CopyByItem(training.Items);
        for (int row = 0; row < Items; row++)
        {
            var item = training.ItemOrder[row];
            Assert.Equal(training.Items.Values[row], byItem[item]);
            Assert.Equal(features.Rows(item), training.ItemFeatures.Of.Rows(row));
            Assert.Equal(features.Coefficients(item), training.ItemFeatures.Of.Coefficients(row));
        }
    }

    [Fact]
    public void Sample_AnyExample_HasNoLabelInItsHistory()
    {
        foreach (var target in Enum.GetValues<SoftmaxDnnTarget>())
        {
            var data = Data(2);
            var options = new SoftmaxDnnTrainer.Options { Target = target, BatchSize = Users, MaxHistoryLength = 4, LabelShare = 0.5f };
            var training = Training(data, options, NegativeSampling.Full);
            training.Sample([.. Enumerable.Range(0, Users)], stream: 5);
            foreach (var example in training.Batch.Examples)
            {
                int[] history = [.. example.History.Select(row => training.ItemOrder[row])], labels = [.. example.Labels.Select(row => training.ItemOrder[row])];
                Assert.Empty(history.Intersect(labels));
                Assert.Empty(history.Concat(labels).Except(data.ByUser.Indices(example.User).ToArray()));
                Assert.InRange(history.Length, 0, 4);
                Assert.NotEmpty(labels);
                Assert.Equal(1, example.Targets.Sum(), 1e-5);
                var times = history.Select(item => data.ByUser.Timestamps(example.User)[data.ByUser.Indices(example.User).BinarySearch(item)]).ToArray();
                Assert.Equal(times.Order(), times);
                if (target == SoftmaxDnnTarget.NextItem && times.Length > 0)
                    Assert.True(data.ByUser.Timestamps(example.User)[data.ByUser.Indices(example.User).BinarySearch(Assert.Single(labels))] >= times[^1]);
            }
        }
    }

    [Theory]
    [InlineData(NegativeSampling.Full)]
    [InlineData(NegativeSampling.Uniform)]
    [InlineData(NegativeSampling.Popularity)]
    [InlineData(NegativeSampling.Mixed)]
    public void Gradient_UntakenItemThatCompetes_MovesItsFeaturesAlone(NegativeSampling sampling)
    {
        // Item 3 is nobody's, and the only one with features.
        var features = (new FeatureRows([.. Enumerable.Range(0, Items + 1).Select(item => item > 3 ? 1 : 0)], [0], [1f]), 1);
        foreach (var compete in new[] { true, false })
        {
            var options = new SoftmaxDnnTrainer.Options { ApproximationRank = 6, HiddenLayers = [], ShareItemEmbeddings = false, Temperature = 0, BatchSize = Users, NumberOfNegatives = 4000, NegativePopularityExponent = 0.2f, UntakenItemsCompete = compete };
            var training = Training(Data(1), options, sampling, null, features);

            training.Sample([.. Enumerable.Range(0, Users)], stream: 5);
            training.Gradient();
            training.Step();

            var row = Array.IndexOf(training.ItemOrder, 3);
            Assert.Equal(compete, training.Batch.Pool.Contains(row));
            Assert.False(training.Items.Values[row].ContainsAnyExcept(0f));
            Assert.Equal(compete, training.ItemFeatures.Table.Values[0].ContainsAnyExcept(0f));
        }
    }
}
