namespace MLNetRecExt.Tests.SoftmaxDnn;

/// <summary>
/// Σ_drawn (c/E)·f(item) must have the expectation Σ_all f(item), for f = exp(score): then the sampled softmax, and with it its gradient, converges to the full one.
/// Checked as a mean over many draws, which lies within 5 standard errors of its expectation but for 1 run in 10⁶; a correction left out, or of the wrong sign, is off by far more.
/// </summary>
public sealed class NegativeSamplerTests
{
    private const int Items = 60;

    private static Interactions Data()
    {
        var random = new Random(3);
        List<(int User, int Item)> pairs = [];
        for (int user = 0; user < 400; user++)
            for (int item = 0; item < Items; item++)
                if (item != 7 && (random.NextDouble() < 4.0 / (item + 5) || item == 8 + user % 52))
                    pairs.Add((user, item));
        return Interactions.Create(IdMap.FromKeys(400), IdMap.FromKeys(Items), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            timestamps: [.. pairs.Select(_ => (long)random.Next(1000))]);
    }

    public static TheoryData<NegativeSampling, SoftmaxDnnTarget> Cases()
    {
        var cases = new TheoryData<NegativeSampling, SoftmaxDnnTarget>();
        foreach (var sampling in (NegativeSampling[])[NegativeSampling.Full, NegativeSampling.Uniform, NegativeSampling.Popularity, NegativeSampling.InBatch, NegativeSampling.Mixed])
            foreach (var target in Enum.GetValues<SoftmaxDnnTarget>())
                cases.Add(sampling, target);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Draw_ManyBatches_CountsEveryItemOnceOnAverage(NegativeSampling sampling, SoftmaxDnnTarget target)
    {
        const int Batch = 64, Batches = 4000;
        var data = Data();
        var options = new SoftmaxDnnTrainer.Options { Target = target, MaxExamplesPerUser = 3, LabelShare = 0.3f };
        options.CompleteFrom(data);
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        var negatives = new NegativeSampler(sampling, 40, 0.75, data.ByUser.CountColumns(Items), sampler.LabelShares(Items));
        var scores = Enumerable.Range(0, Items).Select(item => Math.Exp(Math.Sin(item))).ToArray();
        var examples = Enumerable.Range(0, Batch).Select(_ => new TrainingExample()).ToArray();
        // The batch's own draws are one more than those of an example's others, which the correction is for.
        var own = sampling is NegativeSampling.InBatch ? Batch / (Batch - 1.0) : 1;
        var order = sampler.Order(0);
        var random = new Random(1);

        double sum = 0, squares = 0;
        List<int> items = [];
        List<float> offsets = [];
        for (int batch = 0; batch < Batches; batch++)
        {
            for (int b = 0; b < Batch; b++)
                sampler.Sample(order[random.Next(order.Length)], 2L * (batch * Batch + b), examples[b]);
            negatives.Draw(examples, seed: 9, 2L * batch + 1, items, offsets);
            var estimate = items.Select((item, i) => Math.Exp(offsets[i]) * scores[item]).Sum() / own;
            sum += estimate;
            squares += estimate * estimate;
        }

        var mean = sum / Batches;
        var error = Math.Sqrt(Math.Max(0, squares / Batches - mean * mean) / Batches);
        var expected = Enumerable.Range(0, Items).Where(item => item != 7).Sum(item => scores[item]);
        // Mixed: 40 of 103 expected draws are not the batch's own, which leaves at most 1/64 of the rest.
        var slack = sampling == NegativeSampling.Mixed ? expected / Batch : 0;
        Assert.InRange(mean, expected - 5 * error - 1e-4, expected + 5 * error + 1e-4 + slack);
        if (sampling is NegativeSampling.Full)
            Assert.Equal(Items - 1, items.Count);
        Assert.DoesNotContain(7, items);
    }

    [Theory]
    [InlineData(NegativeSampling.Uniform, 0.75)]
    [InlineData(NegativeSampling.Popularity, 0)]
    [InlineData(NegativeSampling.Popularity, 0.75)]
    [InlineData(NegativeSampling.Popularity, 2)]
    [InlineData(NegativeSampling.Mixed, 0.75)]
    public void Draw_OneItem_IsInProportionToPopularityToTheExponent(NegativeSampling sampling, double exponent)
    {
        const int Batches = 100_000;
        var data = Data();
        var counts = data.ByUser.CountColumns(Items);
        var negatives = new NegativeSampler(sampling, 1, exponent, counts, new double[Items]);
        var drawn = new int[Items];
        List<int> items = [];
        for (int batch = 0; batch < Batches; batch++)
        {
            negatives.Draw([], seed: 4, batch, items, []);
            drawn[Assert.Single(items)]++;
        }

        double Weight(int item) => counts[item] == 0 ? 0 : Math.Pow(counts[item], sampling == NegativeSampling.Uniform ? 0 : exponent);
        for (int item = 0; item < Items; item++)
        {
            var share = Weight(item) / Enumerable.Range(0, Items).Sum(Weight);
            // 5 standard deviations of a binomial number.
            Assert.Equal(share * Batches, drawn[item], 5 * Math.Sqrt(Batches * share * (1 - share)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(300)]
    public void Draw_NumberOfNegatives_IsHowManyAreDrawnWithRepeats(int draws)
    {
        const int Batches = 2000;
        var data = Data();
        var negatives = new NegativeSampler(NegativeSampling.Uniform, draws, 0, data.ByUser.CountColumns(Items), new double[Items]);
        double sum = 0;
        List<int> items = [];
        for (int batch = 0; batch < Batches; batch++)
        {
            negatives.Draw([], seed: 4, batch, items, []);
            Assert.Equal(items.Count, items.Distinct().Count());
            sum += items.Count;
        }

        // Different ones among so many of 59, whose number varies by less than half a draw.
        var missed = Math.Pow(1 - 1.0 / (Items - 1), draws);
        Assert.Equal((Items - 1) * (1 - missed), sum / Batches, 5 * Math.Sqrt(draws * missed / Batches) + 1e-9);
    }
}
