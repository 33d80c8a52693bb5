using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class TakenItemsTests
{
    private readonly RecommenderTrainersCatalog _trainers = new MLContext(1).Recommenders().Trainers;

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    public void Items_TrainingAndQuery_AreJoinedByDictionary(bool hasLabels, bool hasWeights, bool hasTimestamps)
    {
        var random = new Random(1);
        for (int run = 0; run < 200; run++)
        {
            var model = Model(random, hasLabels, hasWeights, hasTimestamps);
            var news = Enumerable.Range(0, random.Next(12))
                .Select(_ => new ItemFeedback(random.Next(40), random.Next(1, 6), random.NextSingle())).ToArray();

            var taken = new TakenItems(model, RecommenderQuery.ForUser(0, news));

            // By item: label, weight, time; what is new comes after all that is old.
            var expected = new SortedDictionary<int, (float Label, float Weight, (long Time, int Place) Age)>();
            var row = model.History;
            for (int e = 0; e < row.Length(0); e++)
                expected[row.Indices(0)[e]] = (
                    hasLabels ? row.Labels(0)[e] : 1,
                    hasWeights ? row.Weights(0)[e] : 1,
                    (hasTimestamps ? row.Timestamps(0)[e] : 0, e));
            for (int e = 0; e < news.Length; e++)
                if (model.IsKnownItem(news[e].Item))
                    expected[news[e].Item] = (news[e].Label, news[e].Weight, (long.MaxValue, e));
            Assert.Equal(expected.Keys, taken.Items.ToArray());
            var entries = Enumerable.Range(0, taken.Count).ToArray();
            Assert.Equal(
                expected.Values.Select(entry => (entry.Label, entry.Weight, entry.Label * entry.Weight)),
                entries.Select(e => (taken.Label(e), taken.Weight(e), taken.Value(e))));
            Assert.Equal(expected.OrderBy(entry => entry.Value.Age).Select(entry => entry.Key), taken.InTime().Select(e => taken.Items[e]));
            Assert.Equal(expected.Values.Average(entry => (double)entry.Label), taken.MeanLabel(), 1e-6);
        }
    }

    [Fact]
    public void Items_NobodyOrUnknownUser_AreNone()
    {
        var model = Model(new Random(2), false, false, false);

        foreach (var user in new[] { 1, 7 })
            Assert.Empty(new TakenItems(model, RecommenderQuery.ForUser(user)).InTime());
        Assert.Empty(new TakenItems(model, RecommenderQuery.Nobody).InTime());
        Assert.Empty(new TakenItems(model, RecommenderQuery.ForHistory(99)).InTime());
    }

    private PopularityModel Model(Random random, bool hasLabels, bool hasWeights, bool hasTimestamps)
    {
        int[] items = [.. Enumerable.Range(0, 30).Where(_ => random.Next(3) == 0), 30];
        var data = Interactions.Create(
            IdMap.FromKeys(2), IdMap.FromKeys(35), new int[items.Length], items,
            hasLabels ? [.. items.Select(_ => (float)random.Next(1, 6))] : default(ReadOnlySpan<float>),
            hasWeights ? [.. items.Select(_ => random.NextSingle())] : default(ReadOnlySpan<float>),
            hasTimestamps ? [.. items.Select(_ => (long)random.Next(5))] : default(ReadOnlySpan<long>));
        return _trainers.Popularity().Fit(data);
    }
}
