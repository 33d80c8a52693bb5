namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class TrainingBatchTests
{
    private const int Users = 150, Items = 400, FirstItemGradient = 192;

    [Theory]
    [InlineData(NegativeSampling.None)]
    [InlineData(NegativeSampling.Full)]
    [InlineData(NegativeSampling.Uniform)]
    [InlineData(NegativeSampling.InBatch)]
    [InlineData(NegativeSampling.Mixed)]
    public void Draw_BatchAfterBatch_EqualsWhatItsExamplesAndPoolSay(NegativeSampling sampling)
    {
        var random = new Random((int)sampling);
        var pairs = Enumerable.Range(0, Users).SelectMany(user => Enumerable.Range(0, Items).Where(_ => random.Next(25) == 0).Prepend(user).Distinct().Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)]);
        var options = new SoftmaxDnnTrainer.Options { LabelShare = 0.3f };
        options.CompleteFrom(data);
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        var counts = data.ByUser.CountColumns(Items);
        var negatives = new NegativeSampler(sampling, 300, 0.5, counts, sampler.LabelShares(Items));
        // Every third user has feature 0, every other item feature 1 twice as strongly.
        var users = new FeatureTable((Every(Users, 3, feature: 0, 1), 2), 4, SoftmaxDnnOptimizer.Adam);
        var items = new FeatureTable((Every(Items, 2, feature: 1, 2), 2), 4, SoftmaxDnnOptimizer.Adam);
        var isTaken = Enumerable.Range(0, Items).Select(item => item % 7 != 0).ToArray();
        foreach (var shared in new[] { false, true })
        {
            var batch = new TrainingBatch(Users, FirstItemGradient, isTaken, shared, users, items);
            foreach (var size in new[] { Users, 1, 70 })
            {
                var order = Enumerable.Range(0, Users).OrderBy(_ => random.Next()).Take(size).ToArray();
                batch.Draw(sampler, negatives, order, seed: 4, stream: 1000);

                var examples = batch.Examples.ToArray();
                Assert.Equal(order, examples.Select(example => example.User));
                Assert.Equal(batch.Pool.Concat(examples.SelectMany(example => example.Labels)).Distinct(), batch.Items);
                Assert.All(examples, example => Assert.Equal(example.Labels, example.Places.Select(place => batch.Items[place])));

                for (int group = 0; group * ItemSoftmax.GroupSize < size; group++)
                {
                    List<int> masked = [];
                    var first = group * ItemSoftmax.GroupSize;
                    for (int block = 0; block * ItemSoftmax.BlockCells < batch.Pool.Count * ItemSoftmax.GroupSize; block++)
                        masked.AddRange(batch.Masked(block, group).ToArray().Select(cell => block * ItemSoftmax.BlockCells + cell));
                    var expected =
                        from place in Enumerable.Range(0, batch.Pool.Count)
                        from b in Enumerable.Range(0, Math.Min(ItemSoftmax.GroupSize, size - first))
                        let example = examples[first + b]
                        where example.Labels.Contains(batch.Pool[place]) || example.History.Contains(batch.Pool[place])
                        select place * ItemSoftmax.GroupSize + b;
                    Assert.Equal(expected, masked.Order());
                }

                var ofItems = batch.Items.Select((item, place) => (Row: item, Source: FirstItemGradient + place, Coefficient: 1f)).ToArray();
                var ofHistories = examples.SelectMany((example, b) => example.History.Select((item, i) => (item, b, example.Shares[i])));
                var own = ofItems.Where(term => isTaken[term.Row]);
                Assert.Equal(Sorted(shared ? own.Concat(ofHistories) : own), Terms(batch.ItemTerms));
                Assert.Equal(Sorted(shared ? own.Concat(ofHistories) : ofHistories), Terms(batch.HistoryTerms));
                // A feature that several items of a history have is one term.
                var ofFeatures = ofItems.Where(term => term.Row % 2 == 0).Select(term => (1, term.Source, 2f));
                var inHistories = ofHistories.Where(term => term.item % 2 == 0).GroupBy(term => term.b).Select(terms => (1, terms.Key, terms.Aggregate(0f, (sum, term) => sum + 2 * term.Item3)));
                Assert.Equal(Sorted(shared ? ofFeatures.Concat(inHistories) : ofFeatures), Terms(batch.ItemFeatureTerms));
                Assert.Equal(Sorted(order.Select((user, b) => (user, b)).Where(term => term.user % 3 == 0).Select(term => (0, term.b, 1f))), Terms(batch.UserFeatureTerms));
            }
        }
    }

    private static FeatureRows Every(int count, int step, int feature, float coefficient)
    {
        var owners = (count + step - 1) / step;
        return new FeatureRows([.. Enumerable.Range(0, count + 1).Select(index => (index + step - 1) / step)], [.. Enumerable.Repeat(feature, owners)], [.. Enumerable.Repeat(coefficient, owners)]);
    }

    private static IEnumerable<(int, int, float)> Sorted(IEnumerable<(int Row, int Source, float Coefficient)> terms) => terms.OrderBy(term => term.Row);

    private static IEnumerable<(int, int, float)> Terms(RowTerms terms)
    {
        for (int term = 0; term < terms.Count; term++)
            yield return (terms.SortedRows[term], terms.SortedSources[term], terms.SortedCoefficients[term]);
    }
}
