using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.SoftmaxDnn;

/// <summary>
/// The gradient by a query, over drawn items, tends to that over all of them, as fast as theory says. To the first order in the number of draws, with p the full softmax over labels and
/// competing items, m = Σ p v and E_i the expected draws of an item, the two differ by the sum over draws of X_i = p_i/E_i (v_i − m), of zero for what does not compete, less its mean:
/// the expectation of the squared distance is the sum of the draws' variances. What is left out is of the order of the relative variance of the sum of exponentials.
/// </summary>
/// <remarks>A correction of the wrong sign or none, and a draw that counts beside the label that it is, are errors which more draws do not lower: at 2,048 draws the squared distance is then a multiple of that.</remarks>
public sealed class SampledGradientTests
{
    private const int Users = 300, Items = 120, Rank = 6, JudgedPerBatch = 64;
    private const double Exponent = 0.75;

    private static Interactions Data()
    {
        var random = new Random(8);
        var pairs = (from user in Enumerable.Range(0, Users) from item in Enumerable.Range(0, Items) where random.NextDouble() < 5.0 / (item + 10) || item == user % Items select (User: user, Item: item)).ToArray();
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            timestamps: [.. pairs.Select(_ => (long)random.Next(1000))]);
    }

    public static TheoryData<NegativeSampling, SoftmaxDnnTarget> Cases()
    {
        var cases = new TheoryData<NegativeSampling, SoftmaxDnnTarget>();
        foreach (var sampling in (NegativeSampling[])[NegativeSampling.Uniform, NegativeSampling.Popularity, NegativeSampling.InBatch, NegativeSampling.Mixed])
            foreach (var target in Enum.GetValues<SoftmaxDnnTarget>())
                cases.Add(sampling, target);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradient_MoreDraws_TendsToThatOverAllItems(NegativeSampling sampling, SoftmaxDnnTarget target)
    {
        var data = Data();
        var counts = data.ByUser.CountColumns(Items);
        var drawn = Shares(counts, sampling switch { NegativeSampling.InBatch => null, NegativeSampling.Uniform => 0, _ => Exponent });
        List<double> distances = [];
        foreach (var draws in new[] { 64, 512, 2048 })
        {
            var options = new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = Rank,
                SkipConnection = true,
                Target = target,
                LabelShare = 0.3f,
                NumberOfNegatives = draws,
                NegativePopularityExponent = (float)Exponent,
                // Of in-batch draws an example has those of the others.
                BatchSize = sampling is NegativeSampling.InBatch or NegativeSampling.Mixed ? draws + 1 : JudgedPerBatch,
                NumberOfThreads = 2,
            };
            var examples = new ExampleSampler(data.ByUser, options, options.Settings);
            var ofBatch = sampling is NegativeSampling.InBatch or NegativeSampling.Mixed ? examples.LabelShares(Items) : new double[Items];
            var (full, sampled) = (Training(NegativeSampling.Full), Training(sampling));
            var vectors = Enumerable.Range(0, Items).Select(item => full.Items.Values[item].ToArray()).ToArray();
            var (all, random) = (examples.Order(0), new Random(draws));
            var batches = Math.Max(32, 4096 / options.BatchSize);
            var (found, expected, left) = (new double[batches], new double[batches], 0.0);
            for (int batch = 0; batch < batches; batch++)
            {
                var order = Enumerable.Range(0, options.BatchSize).Select(_ => all[random.Next(all.Length)]).ToArray();
                foreach (var training in new[] { full, sampled })
                {
                    training.Sample(order, stream: (long)batch * order.Length);
                    training.Gradient();
                }
                for (int b = 0; b < JudgedPerBatch; b++)
                {
                    var (variance, second) = Variance(full.Batch.Examples[b], full.Histories.Values);
                    expected[batch] += variance;
                    left += second / (batches * JudgedPerBatch);
                    for (int k = 0; k < Rank; k++)
                        found[batch] += Math.Pow((sampled.GradientSources[b][k] - full.GradientSources[b][k]) * order.Length, 2);
                }
            }

            var ratio = found.Sum() / expected.Sum();
            // Batches are independent of one another; the examples of one share their draws.
            var error = Math.Sqrt(found.Zip(expected, (f, e) => Math.Pow(f - ratio * e, 2)).Sum()) / expected.Sum();
            Assert.True(Math.Abs(ratio - 1) < 5 * error + 10 * left, $"{draws} draws: {ratio}, standard error {error}, left out {left}");
            distances.Add(found.Sum() / batches);

            SoftmaxDnnTraining Training(NegativeSampling sampling)
            {
                var training = new SoftmaxDnnTraining(data, options, sampling);
                foreach (var table in new[] { training.Items.Values, training.Histories.Values })
                    foreach (ref var value in table.Padded)
                        value *= 2;
                return training;
            }

            (double Distance, double Sum) Variance(TrainingExample example, AlignedMatrix histories)
            {
                var psi = new double[Rank];
                for (int e = 0; e < example.History.Count; e++)
                    for (int k = 0; k < Rank; k++)
                        psi[k] += example.Shares[e] * histories[example.History[e]][k];
                var p = Enumerable.Range(0, Items).Select(item => example.History.Contains(item) ? 0 : Math.Exp(psi.Zip(vectors[item], (x, y) => x * y).Sum())).ToArray();
                var sum = p.Sum();
                var mean = new double[Rank];
                for (int item = 0; item < Items; item++)
                    for (int k = 0; k < Rank; k++)
                        mean[k] += p[item] / sum * vectors[item][k];
                // One column per element of X, and one for the sum of exponentials.
                var (distance, relative) = (0.0, 0.0);
                for (int k = 0; k <= Rank; k++)
                    foreach (var (number, shares) in new[] { (sampling == NegativeSampling.InBatch ? 0 : draws, drawn), (options.BatchSize - 1, ofBatch) })
                    {
                        double first = 0, squares = 0;
                        for (int item = 0; item < Items; item++)
                        {
                            if (p[item] == 0 || example.Labels.Contains(item))
                                continue;
                            var x = p[item] / sum / (draws * drawn[item] + (options.BatchSize - 1) * ofBatch[item]) * (k < Rank ? vectors[item][k] - mean[k] : 1);
                            (first, squares) = (first + shares[item] * x, squares + shares[item] * x * x);
                        }
                        var variance = number * (squares - first * first);
                        (distance, relative) = k < Rank ? (distance + variance, relative) : (distance, relative + variance);
                    }
                return (distance, relative);
            }
        }
        Assert.InRange(distances[0] / distances[2], 16, 64);
    }

    private static double[] Shares(int[] counts, double? exponent)
    {
        var weights = Array.ConvertAll(counts, count => exponent is { } power ? Math.Pow(count, power) : 0);
        return Array.ConvertAll(weights, weight => exponent is null ? 0 : weight / weights.Sum());
    }
}
