using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

/// <summary>
/// Four groups of items, each user taking from one: a model that never heard of what users do not take has no reason to keep the groups apart,
/// and recommends from all of them; chance is 1/4.
/// </summary>
public sealed class FoldingTests
{
    private const int Groups = 4;
    private const int Items = 200;

    private static readonly RecommendersCatalog Recommenders = new MLContext().Recommenders();

    private static RankingReport Judge(RecommenderModel model, Interactions heldOut) => Recommenders.Evaluate(model, heldOut, new()
    {
        Cutoffs = [10],
        ItemGroups = [.. Enumerable.Range(0, Items).Select(item => item % Groups)],
        BootstrapSamples = 0,
    });

    private static InteractionSplit Split()
    {
        var random = new Random(5);
        List<(int User, int Item)> pairs = [];
        for (int user = 0; user < 200; user++)
            for (int item = user % Groups; item < Items; item += Groups)
                if (random.NextDouble() < 0.15)
                    pairs.Add((user, item));
        var data = Interactions.Create(IdMap.FromKeys(200), IdMap.FromKeys(Items), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)]);
        return Recommenders.Splits.RandomPerUser(data, 0.2, seed: 1);
    }

    // One training for all cases below.
    private static readonly Lazy<RankingReport> Folded = new(() => JudgeSoftmaxDnn(Split(), NegativeSampling.None));

    private static RankingReport JudgeSoftmaxDnn(InteractionSplit split, NegativeSampling sampling) => Judge(Recommenders.Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
    {
        ApproximationRank = 4,
        HiddenLayers = [],
        SkipConnection = false,
        ShareItemEmbeddings = false,
        Temperature = 0,
        MaxExamplesPerUser = 4,
        NumberOfIterations = 40,
        BatchSize = 64,
        LearningRate = 0.03f,
        FinalLearningRate = 1,
        NegativeSampling = sampling,
        NumberOfNegatives = 60,
    }).Fit(split.Train), split.Test);

    // Three dimensions have little room to keep four groups apart by chance, and enough to do it on purpose.
    private static WalsModel Wals(Interactions train, float unobservedWeight, int seed) => Recommenders.Trainers.Wals(new WalsTrainer.Options
    {
        ApproximationRank = 3,
        UnobservedWeight = unobservedWeight,
        Seed = seed,
    }).Fit(train);

    [Theory]
    [InlineData(NegativeSampling.Full)]
    [InlineData(NegativeSampling.Uniform)]
    [InlineData(NegativeSampling.Popularity)]
    [InlineData(NegativeSampling.InBatch)]
    [InlineData(NegativeSampling.Mixed)]
    public void GroupPurity_SoftmaxDnn_CollapsesOnPositivesAloneAndNegativesCureIt(NegativeSampling sampling)
    {
        var folded = Folded.Value;
        var cured = JudgeSoftmaxDnn(Split(), sampling);

        Assert.InRange(folded["GroupPurity@10"].Mean, 0, 0.5);
        Assert.InRange(cured["GroupPurity@10"].Mean, 0.95, 1);
        Assert.True(folded.Ndcg(10).Mean < cured.Ndcg(10).Mean / 2, $"{folded.Ndcg(10).Mean} {cured.Ndcg(10).Mean}");
    }

    [Fact]
    public void GroupPurity_Wals_CollapsesWithoutUnobservedWeight()
    {
        // A single start may keep groups apart by luck: one in four does here.
        var split = Split();
        RankingReport[] folded = [.. Enumerable.Range(1, 8).Select(seed => Judge(Wals(split.Train, 0, seed), split.Test))];
        RankingReport[] cured = [.. Enumerable.Range(1, 8).Select(seed => Judge(Wals(split.Train, 0.1f, seed), split.Test))];

        Assert.InRange(folded.Average(report => report["GroupPurity@10"].Mean), 0, 0.75);
        Assert.All(cured, report => Assert.InRange(report["GroupPurity@10"].Mean, 0.99, 1));
        // Scores of both are predictions of 1: what exceeds relatedness is folding in the sense of Xin et al.
        var (before, after) = (folded.Average(report => report["Folding"].Mean), cured.Average(report => report["Folding"].Mean));
        Assert.True(before > 3 * after, $"{before} {after}");
    }
}
