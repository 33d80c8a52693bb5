namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class ExampleSamplerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100000)]
    public void Order_AnyEpoch_HasEachUserAtMostSoOftenAndOncePerItem(int maxExamplesPerUser)
    {
        // User u took u items.
        const int Users = 9;
        var pairs = Enumerable.Range(0, Users).SelectMany(user => Enumerable.Range(0, user).Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Users), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)]);
        var options = new SoftmaxDnnTrainer.Options { MaxExamplesPerUser = maxExamplesPerUser };
        options.CompleteFrom(data);
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        var expected = Enumerable.Range(0, Users).SelectMany(user => Enumerable.Repeat(user, Math.Min(user, maxExamplesPerUser))).ToArray();

        Assert.Equal(expected.Length, sampler.Count);
        Assert.Equal(expected, sampler.Order(0).Order());
        Assert.Equal(expected, sampler.Order(1).Order());
        Assert.NotEqual(sampler.Order(0), sampler.Order(1));
        Assert.Equal(sampler.Order(1), sampler.Order(1));
    }

    [Theory]
    [InlineData(SoftmaxDnnTarget.MultiHot, 100000, 0)]
    [InlineData(SoftmaxDnnTarget.MultiHot, 4, 0)]
    [InlineData(SoftmaxDnnTarget.NextItem, 100000, 0)]
    [InlineData(SoftmaxDnnTarget.NextItem, 4, 0)]
    [InlineData(SoftmaxDnnTarget.MultiHot, 100000, 7)]
    [InlineData(SoftmaxDnnTarget.MultiHot, 4, 7)]
    [InlineData(SoftmaxDnnTarget.NextItem, 100000, 7)]
    // Counted from the newest of the data, all weights of most histories would vanish.
    [InlineData(SoftmaxDnnTarget.NextItem, 4, 0.1f)]
    public void Sample_TimestampsAndWeights_CutsAsTheDefinitionSays(SoftmaxDnnTarget target, int maxHistoryLength, float days)
    {
        const int Items = 20;
        var random = new Random(3);
        // User u took u + 1 items, at times that differ.
        var data = Weighted(random, Items, timestamps: true);
        var options = new SoftmaxDnnTrainer.Options { Target = target, LabelShare = 0.3f, MaxHistoryLength = maxHistoryLength, RecencyHalfLife = days > 0 ? 0 : 3, RecencyHalfLifeDays = days };
        options.CompleteFrom(data);
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        var example = new TrainingExample();
        for (int user = 0; user < Items; user++)
        {
            var entries = Enumerable.Range(0, user + 1).OrderBy(entry => data.ByUser.Timestamps(user)[entry]).ToArray();
            var items = entries.Select(entry => data.ByUser.Indices(user)[entry]).ToArray();
            var weights = entries.ToDictionary(entry => data.ByUser.Indices(user)[entry], entry => (double)data.ByUser.Weights(user)[entry]);
            var times = entries.ToDictionary(entry => data.ByUser.Indices(user)[entry], entry => data.ByUser.Timestamps(user)[entry]);
            var labels = new HashSet<int>();
            for (int stream = 0; stream < 200; stream++)
            {
                sampler.Sample(user, stream, example);

                Assert.Equal(user, example.User);
                labels.UnionWith(example.Labels);
                var before = target == SoftmaxDnnTarget.NextItem
                    ? items.TakeWhile(item => item != Assert.Single(example.Labels))
                    : items.Except(example.Labels);
                Assert.Equal(before.TakeLast(maxHistoryLength), example.History);
                if (target == SoftmaxDnnTarget.MultiHot)
                    Assert.Equal(user == 0 ? 1 : Math.Clamp((int)Math.Round(0.3f * (user + 1)), 1, user), example.Labels.Distinct().Count());
                AssertShares(example.Labels.Select(label => weights[label]), example.Targets);
                AssertShares(example.History.Select((item, place) => weights[item] * Math.Pow(0.5, days > 0
                    ? (example.History.Max(other => times[other]) - times[item]) / 86_400.0 / days
                    : (example.History.Count - 1 - place) / 3.0)), example.Shares);
            }
            // Every item gets its turn; with nothing before it, the first is no next one.
            Assert.Equal(target == SoftmaxDnnTarget.NextItem && user > 0 ? items[1..].Order() : items.Order(), labels.Order());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sample_NoTimestamps_HistoryIsARandomPartOfTheRest(bool hasWeights)
    {
        const int Items = 20;
        var data = Weighted(new Random(4), Items, timestamps: false, hasWeights);
        var weights = Enumerable.Range(0, Items).ToDictionary(entry => data.ByUser.Indices(Items - 1)[entry], entry => hasWeights ? (double)data.ByUser.Weights(Items - 1)[entry] : 1);
        var options = new SoftmaxDnnTrainer.Options { LabelShare = 0.5f, MaxHistoryLength = 3 };
        options.CompleteFrom(data);
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        var example = new TrainingExample();
        var inHistory = new HashSet<int>();
        for (int stream = 0; stream < 300; stream++)
        {
            sampler.Sample(Items - 1, stream, example);
            Assert.Equal((10, 3), (example.Labels.Distinct().Count(), example.History.Distinct().Count()));
            Assert.Empty(example.History.Intersect(example.Labels));
            AssertShares(example.Labels.Select(item => weights[item]), example.Targets);
            AssertShares(example.History.Select(item => weights[item]), example.Shares);
            inHistory.UnionWith(example.History);
        }
        Assert.Equal(Items, inHistory.Count);
    }

    private static Interactions Weighted(Random random, int items, bool timestamps, bool hasWeights = true)
    {
        var pairs = Enumerable.Range(0, items).SelectMany(user => Enumerable.Range(0, items).OrderBy(_ => random.Next()).Take(user + 1).Select(item => (User: user, Item: item))).ToArray();
        return Interactions.Create(IdMap.FromKeys(items), IdMap.FromKeys(items), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            weights: hasWeights ? [.. pairs.Select(_ => 0.2f + random.NextSingle())] : default,
            timestamps: timestamps ? [.. Enumerable.Range(0, pairs.Length).OrderBy(_ => random.Next()).Select(time => 1_600_000_000L + time * 30_000L)] : default);
    }

    private static void AssertShares(IEnumerable<double> weights, List<float> shares)
    {
        double[] all = [.. weights];
        Assert.Equal(all.Length, shares.Count);
        for (int place = 0; place < all.Length; place++)
            Assert.Equal(all[place] / all.Sum(), shares[place], 1e-5);
    }
}
