namespace MLNetRecExt.Tests.SoftmaxDnn;

/// <summary>
/// The gradient by a query, over drawn items, tends to that over all of them, as fast as theory says. To the first order in the number of draws, with p the full softmax over labels and
/// competing items, m = Σ p v and E_i the expected draws of an item, the two differ by the sum over draws of X_i = p_i/E_i (v_i − m), of zero for what does not compete, less its mean:
/// the expectation of the squared distance is the sum of the draws' variances. What is left out is of the order of the relative variance of the sum of exponentials.
/// </summary>
/// <remarks>
/// A correction of the wrong sign or none, and a draw that counts beside the label that it is, are errors which more draws do not lower: the squared distance is then a multiple of that.
/// Of 1,000 items most are drawn once or not at all: where each is drawn many times, c/E is near 1, and its logarithm near 0, whatever its sign. Of 40 items, a label is enough of the whole to show.
/// </remarks>
public sealed class SampledGradientTests
{
    private const int Rank = 6, JudgedPerBatch = 32;
    private const double Exponent = 0.75;

    /// <summary>As many users as items, 8 to 20 items each; the first are the most popular.</summary>
    private static Interactions Data(int size)
    {
        var random = new Random(8);
        var (height, tail) = size == 40 ? (6.0, 15) : (15.0, 150);
        var pairs = (from user in Enumerable.Range(0, size) from item in Enumerable.Range(0, size) where random.NextDouble() < height / (item + tail) || item == user select (User: user, Item: item)).ToArray();
        return Interactions.Create(IdMap.FromKeys(size), IdMap.FromKeys(size), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            timestamps: [.. pairs.Select(_ => (long)random.Next(1000))]);
    }

    public static TheoryData<NegativeSampling, SoftmaxDnnTarget, int, int[]> Cases()
    {
        var cases = new TheoryData<NegativeSampling, SoftmaxDnnTarget, int, int[]>();
        foreach (var sampling in (NegativeSampling[])[NegativeSampling.Uniform, NegativeSampling.Popularity, NegativeSampling.InBatch, NegativeSampling.Mixed])
            foreach (var target in Enum.GetValues<SoftmaxDnnTarget>())
            {
                cases.Add(sampling, target, 1000, [64, 1024]);
                cases.Add(sampling, target, 40, [64, 4096]);
            }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_MoreDraws_TendsToThatOverAllItems(NegativeSampling sampling, SoftmaxDnnTarget target, int size, int[] numbers)
    {
        var data = Data(size);
        var counts = data.ByUser.CountColumns(size);
        var drawn = Shares(counts, sampling switch { NegativeSampling.InBatch => null, NegativeSampling.Uniform => 0, _ => Exponent });
        List<double> distances = [];
        foreach (var draws in numbers)
        {
            var options = new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = Rank,
                HiddenLayers = [],
                ShareItemEmbeddings = false,
                Temperature = 0,
                Target = target,
                LabelShare = 0.3f,
                NumberOfNegatives = draws,
                NegativePopularityExponent = (float)Exponent,
                // Of in-batch draws an example has those of the others.
                BatchSize = sampling is NegativeSampling.InBatch or NegativeSampling.Mixed ? draws + 1 : JudgedPerBatch,
                NumberOfThreads = 2,
            };
            options.CompleteFrom(data);
            var examples = new ExampleSampler(data.ByUser, options, options.Settings);
            var ofBatch = sampling is NegativeSampling.InBatch or NegativeSampling.Mixed ? examples.LabelShares(size) : new double[size];
            var training = new SoftmaxDnnTraining(data, options, sampling);
            foreach (var table in new[] { training.Items.Values, training.Histories.Values })
                foreach (ref var value in table.Padded)
                    value *= 2;
            var vectors = Enumerable.Range(0, size).Select(item => training.Items.Values[item].ToArray()).ToArray();
            var (all, random) = (examples.Order(0), new Random(draws));
            var batches = Math.Max(16, 2048 / options.BatchSize);
            var (found, expected, left) = (new double[batches], new double[batches], 0.0);
            for (int batch = 0; batch < batches; batch++)
            {
                var order = Enumerable.Range(0, options.BatchSize).Select(_ => all[random.Next(all.Length)]).ToArray();
                training.Sample(order, stream: (long)batch * order.Length);
                training.Gradient();
                for (int b = 0; b < JudgedPerBatch; b++)
                {
                    var (gradient, variance, second) = Full(training.Batch.Examples[b]);
                    expected[batch] += variance;
                    left += second / (batches * JudgedPerBatch);
                    for (int k = 0; k < Rank; k++)
                        found[batch] += Math.Pow(training.GradientSources[b][k] * order.Length - gradient[k], 2);
                }
            }

            var ratio = found.Sum() / expected.Sum();
            // Batches are independent of one another; the examples of one share their draws.
            var error = Math.Sqrt(found.Zip(expected, (f, e) => Math.Pow(f - ratio * e, 2)).Sum()) / expected.Sum();
            Assert.True(Math.Abs(ratio - 1) < 5 * error / Math.Max(1, ratio) + 10 * left, $"{draws} draws: {ratio}, standard error {error}, left out {left}");
            distances.Add(found.Sum() / batches);

            // The gradient Σ p v − Σ t v, the expected squared distance to it, and the relative variance of the sum of exponentials.
            (double[] Gradient, double Distance, double Sum) Full(TrainingExample example)
            {
                var psi = new double[Rank];
                for (int e = 0; e < example.History.Count; e++)
                    for (int k = 0; k < Rank; k++)
                        psi[k] += example.Shares[e] * training.Histories.Values[example.History[e]][k];
                var p = new double[size];
                for (int item = 0; item < size; item++)
                {
                    double score = 0;
                    for (int k = 0; k < Rank; k++)
                        score += psi[k] * vectors[item][k];
                    p[item] = example.History.Contains(item) ? 0 : Math.Exp(score);
                }
                var sum = p.Sum();
                var mean = new double[Rank];
                for (int item = 0; item < size; item++)
                    for (int k = 0; k < Rank; k++)
                        mean[k] += p[item] / sum * vectors[item][k];
                var gradient = (double[])mean.Clone();
                foreach (var (label, share) in example.Labels.Zip(example.Targets))
                {
                    for (int k = 0; k < Rank; k++)
                        gradient[k] -= share * vectors[label][k];
                    p[label] = 0;
                }
                // One column per element of X, and one for the sum of exponentials.
                var (distance, relative) = (0.0, 0.0);
                for (int k = 0; k <= Rank; k++)
                    foreach (var (number, shares) in new[] { (sampling == NegativeSampling.InBatch ? 0 : draws, drawn), (options.BatchSize - 1, ofBatch) })
                    {
                        double first = 0, squares = 0;
                        for (int item = 0; item < size; item++)
                        {
                            var x = p[item] / sum / (draws * drawn[item] + (options.BatchSize - 1) * ofBatch[item]) * (k < Rank ? vectors[item][k] - mean[k] : 1);
                            (first, squares) = (first + shares[item] * x, squares + shares[item] * x * x);
                        }
                        var variance = number * (squares - first * first);
                        (distance, relative) = k < Rank ? (distance + variance, relative) : (distance, relative + variance);
                    }
                return (gradient, distance, relative);
            }
        }
        Assert.InRange(distances[0] / distances[^1] * numbers[0] / numbers[^1], 0.5, 2);
    }

    private static double[] Shares(int[] counts, double? exponent)
    {
        var weights = Array.ConvertAll(counts, count => exponent is { } power ? Math.Pow(count, power) : 0);
        return Array.ConvertAll(weights, weight => exponent is null ? 0 : weight / weights.Sum());
    }
}
