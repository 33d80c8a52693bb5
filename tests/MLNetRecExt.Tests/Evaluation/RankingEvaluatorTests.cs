using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

public class RankingEvaluatorTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext().Recommenders();

    [Fact]
    public void Evaluate_PopularityOnToySet_HandComputedFractions()
    {
        // Popularity: item 0 three users, 1 two, 2 one, 3 one; 4 never trained.
        var train = TestModel.Rows(5, [0, 1], [0, 1], [0, 2], [3], []);
        // Lists without own items, k = 2: user 0: 2 3, user 1: 2 3, user 2: 1 3, user 3: 0 1, user 4 cold: empty.
        var heldOut = TestModel.Rows(5, [3, 4], [], [1], [1, 2], [0]);
        var report = Recommenders.Evaluate(Recommenders.Trainers.Popularity().Fit(train), heldOut, new() { Cutoffs = [2] });

        Assert.Equal([0, 2, 3, 4], report.Users.ToArray());
        Assert.Equal((4, 1), (report.EvaluatedUsers, report.UsersWithoutHeldOut));
        Assert.Equal((1, 1, 1, 6, 0), (report.ColdUsers, report.ColdItems, report.ColdPairs, report.HeldOutPairs, report.SeenPairs));
        var second = 1 / Math.Log2(3); // gain at rank 2
        Assert.Equal((1.0 / 2 + 1 + 1.0 / 2 + 0) / 4, report.Recall(2).Mean, 1e-12);
        Assert.Equal((1.0 / 2 + 1 + 1.0 / 2 + 0) / 4, report.CappedRecall(2).Mean, 1e-12);
        Assert.Equal((1.0 / 2 + 1.0 / 2 + 1.0 / 2 + 0) / 4, report.Precision(2).Mean, 1e-12);
        Assert.Equal(3.0 / 4, report.HitRate(2).Mean, 1e-12);
        Assert.Equal((second / (1 + second) + 1 + second / (1 + second) + 0) / 4, report.Ndcg(2).Mean, 1e-12);
        Assert.Equal((1.0 / 4 + 1 + 1.0 / 4 + 0) / 4, report.MeanAveragePrecision(2).Mean, 1e-12);
        Assert.Equal((1.0 / 2 + 1 + 1.0 / 2 + 0) / 4, report.MeanReciprocalRank(2).Mean, 1e-12);
        // Shown: 2 once (user 1 is not evaluated), 3 twice, 1 twice, 0 once; the catalogue is items 0…3.
        Assert.Equal(1, report.ItemCoverage(2).Mean, 1e-12);
        Assert.Equal((-3 * 1 - 1 * 1 + 1 * 2 + 3 * 2) / (4.0 * 6), report["Gini@2"].Mean, 1e-12);
        // Means of (1+1)/2 over (3+2)/2, (2+1)/2 over (3+1)/2, (3+2)/2 over 1; the cold user has neither list nor history.
        Assert.Equal((1 / 2.5 + 1.5 / 2 + 2.5) / 3, report["PopularityLift@2"].Mean, 1e-12);
        Assert.Equal(3, report["PopularityLift@2"].Users);
        // Shares of the four training users.
        Assert.Equal(((2 + 2) / 2.0 + (1 + 2) / 2.0 + (Math.Log2(4.0 / 3) + 1) / 2) / 3, report["Novelty@2"].Mean, 1e-12);
    }

    [Theory]
    [InlineData(1, 40, 30)]
    [InlineData(2, 200, 17)]
    [InlineData(3, 5000, 8)] // more than one block of users
    public void Evaluate_RandomScores_AgreesWithBruteForce(int seed, int users, int items)
    {
        var (train, heldOut, scores) = TestModel.Random(seed, users, items);
        int[] cutoffs = [1, 5, 20, 100];
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = cutoffs, BootstrapSamples = 0 });
        foreach (var k in cutoffs)
        {
            var expected = BruteForce(train, heldOut, scores, k);
            Assert.Equal(expected.Users, report.EvaluatedUsers);
            foreach (var (metric, value) in expected.Means)
                Assert.Equal(value, report[$"{metric}@{k}"].Mean, 1e-12);
        }
        Assert.Equal(report.Ndcg(20).Mean, RankingEvaluator.Ndcg(new TestModel(train, scores), heldOut).Value);
    }

    [Fact]
    public void Evaluate_CandidateItems_RanksAndCountsThemAlone()
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 6, users: 200, items: 30);
        int[] candidates = [7, 3, 11, 3, 20, 29];
        // Whatever else there is scores below every candidate.
        var lowered = (float[,])scores.Clone();
        for (int user = 0; user < 200; user++)
            foreach (var item in Enumerable.Range(0, 30).Except(candidates))
                lowered[user, item] -= 1000;

        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [2], CandidateItems = candidates, BootstrapSamples = 0 });

        var all = new TestModel(train, lowered).TopItems([.. Enumerable.Range(0, 200).Select(user => RecommenderQuery.ForUser(user))], 2);
        var expected = report.Users.ToArray().Average(user =>
            all.Items(user).ToArray().Count(item => candidates.Contains(item) && heldOut.ByUser.Indices(user).Contains(item)) / (double)heldOut.ByUser.Length(user));
        Assert.Equal(expected, report.Recall(2).Mean, 1e-12);
        Assert.Equal(1, report.ItemCoverage(2).Mean);
    }

    [Fact]
    public void Ndcg_Ranks_AreThoseInTheTopItems()
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 4, users: 60, items: 50);
        var model = new TestModel(train, scores);
        var ranks = RankingEvaluator.Ndcg(model, heldOut).Ranks!;
        Assert.Equal(heldOut.Count, ranks.Length);
        for (int user = 0, e = 0; user < 60; user++)
        {
            var list = model.TopItems(RecommenderQuery.ForUser(user), 20).Select(item => item.Item).ToList();
            foreach (var item in heldOut.ByUser.Indices(user))
                Assert.Equal(list.IndexOf(item) + 1, ranks[e++]);
        }
        Assert.Contains((byte)20, ranks);
    }

    /// <summary>The definitions once more, with sets and sorts, sharing no code with the evaluator.</summary>
    private static (int Users, Dictionary<string, double> Means) BruteForce(Interactions train, Interactions heldOut, float[,] scores, int k)
    {
        var sums = new Dictionary<string, double>();
        var users = 0;
        var catalogue = Enumerable.Range(0, train.Items.Count)
            .Where(item => Enumerable.Range(0, train.Users.Count).Any(user => train.ByUser.Indices(user).Contains(item))).ToArray();
        var shown = new HashSet<int>();
        for (int user = 0; user < train.Users.Count; user++)
        {
            var test = heldOut.ByUser.Indices(user).ToArray().ToHashSet();
            if (test.Count == 0)
                continue;
            users++;
            var seen = train.ByUser.Indices(user).ToArray();
            var list = seen.Length == 0
                ? []
                : catalogue.Except(seen).OrderByDescending(item => scores[user, item]).ThenBy(item => item).Take(k).ToArray();
            shown.UnionWith(list);
            double dcg = 0, idcg = 0, precisions = 0;
            for (int i = 0; i < list.Length; i++)
            {
                if (!test.Contains(list[i]))
                    continue;
                dcg += Math.Log(2) / Math.Log(i + 2);
                precisions += (double)list.Take(i + 1).Count(test.Contains) / (i + 1);
            }
            for (int i = 0; i < Math.Min(k, test.Count); i++)
                idcg += Math.Log(2) / Math.Log(i + 2);
            var hits = list.Count(test.Contains);
            var first = Array.FindIndex(list, test.Contains);
            Add("Recall", (double)hits / test.Count);
            Add("CappedRecall", (double)hits / Math.Min(k, test.Count));
            Add("Precision", (double)hits / k);
            Add("HitRate", Math.Min(1, hits));
            Add("NDCG", dcg / idcg);
            Add("MAP", precisions / Math.Min(k, test.Count));
            Add("MRR", first < 0 ? 0 : 1.0 / (first + 1));
        }
        var means = sums.ToDictionary(pair => pair.Key, pair => pair.Value / users);
        means["ItemCoverage"] = (double)shown.Count / catalogue.Length;
        return (users, means);

        void Add(string metric, double value) => sums[metric] = sums.GetValueOrDefault(metric) + value;
    }

    [Fact]
    public void Evaluate_OneOrManyThreads_SameReport()
    {
        var (train, heldOut, scores) = TestModel.Random(4, 3000, 25);
        var reports = new[] { 1, 2, 5 }.Select(threads =>
            Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { NumberOfThreads = threads, BootstrapSamples = 200, ItemGroups = new int[25], PairErrors = true })).ToArray();
        Assert.Equal(reports[0].Estimates, reports[1].Estimates);
        Assert.Equal(reports[0].Estimates, reports[2].Estimates);
    }

    [Fact]
    public void Evaluate_UsersPermuted_SameMeans()
    {
        var (train, heldOut, scores) = TestModel.Random(5, 300, 20);
        var order = Enumerable.Range(0, 300).ToArray();
        new Random(6).Shuffle(order);
        var permuted = new float[300, 20];
        for (int user = 0; user < 300; user++)
            for (int item = 0; item < 20; item++)
                permuted[user, item] = scores[order[user], item];
        var expected = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [3, 10], BootstrapSamples = 0 });
        var actual = Recommenders.Evaluate(new TestModel(Permute(train), permuted), Permute(heldOut), new() { Cutoffs = [3, 10], BootstrapSamples = 0 });
        foreach (var estimate in expected.Estimates)
            Assert.Equal(estimate.Mean, actual[estimate.Name].Mean, 1e-12);

        Interactions Permute(Interactions part) =>
            TestModel.Rows(20, Array.ConvertAll(order, user => part.ByUser.Indices(user).ToArray()));
    }

    [Fact]
    public void Evaluate_AnyScores_MetricsInRangeAndInsideInterval()
    {
        var (train, heldOut, scores) = TestModel.Random(7, 400, 30);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [1, 7, 50] });
        foreach (var (name, mean, low, high, _) in report.Estimates)
        {
            if (!name.StartsWith("Novelty", StringComparison.Ordinal) && !name.StartsWith("PopularityLift", StringComparison.Ordinal))
                Assert.InRange(mean, 0, 1);
            if (!double.IsNaN(low))
                Assert.True(low <= mean && mean <= high, $"{name}: {mean} is not in {low}…{high}");
        }
    }

    [Fact]
    public void Evaluate_HeldOutScoredHighest_NdcgIsOne()
    {
        var (train, heldOut, scores) = TestModel.Random(8, 100, 30);
        for (int user = 0; user < 100; user++)
            foreach (var item in heldOut.ByUser.Indices(user))
                scores[user, item] = 100;
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [2, 20] });
        Assert.Equal(new MetricEstimate("NDCG@20", 1, 1, 1, report.EvaluatedUsers), report.Ndcg(20));
        Assert.Equal(1, report.Ndcg(2).Mean);
        Assert.Equal(1, report.MeanAveragePrecision(20).Mean);
    }

    [Fact]
    public void Evaluate_RelevanceThreshold_LowLabelsNeitherHelpNorHurt()
    {
        var train = TestModel.Rows(4, [0, 1, 2, 3], [0], [0]);
        var scores = new float[3, 4] { { 0, 0, 0, 0 }, { 0, 3, 2, 1 }, { 0, 3, 2, 1 } };
        var heldOut = TestModel.LabelledRows(4, [], [(1, 2), (2, 4)], [(1, 3)]);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { RelevanceThreshold = 4 });
        Assert.Equal([1], report.Users.ToArray());
        Assert.Equal(2, report.UsersWithoutHeldOut);
        Assert.Equal(1, report.HeldOutPairs);
        Assert.Equal(0.5, report.MeanReciprocalRank(20).Mean);
    }

    [Fact]
    public void Evaluate_NothingRelevant_SaysSo()
    {
        var train = TestModel.Rows(2, [0], [1]);
        var model = new TestModel(train, new float[2, 2]);
        var error = Assert.Throws<ArgumentException>(() => Recommenders.Evaluate(model, TestModel.LabelledRows(2, [(1, 3)], []), new() { RelevanceThreshold = 4 }));
        Assert.Contains("RelevanceThreshold = 4", error.Message);
        Assert.Throws<ArgumentException>(() => Recommenders.Evaluate(model, TestModel.Rows(2, [], [])));
        Assert.True(double.IsNaN(RankingEvaluator.Ndcg(model, TestModel.Rows(2, [], [])).Value));
    }

    [Fact]
    public void Evaluate_HeldOutItemSeenInTraining_CountsAsMissAndIsReported()
    {
        var train = TestModel.Rows(3, [0, 1], [0, 1, 2]);
        var report = Recommenders.Evaluate(new TestModel(train, new float[2, 3]), TestModel.Rows(3, [1, 2], []));
        Assert.Equal(1, report.SeenPairs);
        Assert.Equal(0.5, report.Recall(20).Mean);
    }

    [Fact]
    public void Evaluate_HeldOutUsersAndItemsBehindTheModels_AreColdMisses()
    {
        var train = TestModel.Rows(2, [0], [0, 1]);
        var heldOut = TestModel.Rows(3, [1, 2], [], [0]);
        var report = Recommenders.Evaluate(new TestModel(train, new float[2, 2]), heldOut, new() { PairErrors = true });
        Assert.Equal((1, 1, 1), (report.ColdUsers, report.ColdItems, report.ColdPairs));
        Assert.Equal((0.5 + 0) / 2, report.Recall(20).Mean);
        Assert.Equal(1.0 / 3, report["PairCoverage"].Mean, 1e-12);
    }

    [Fact]
    public void Evaluate_PairErrors_OverAllPairsWithCoverage()
    {
        var train = TestModel.Rows(3, [0, 1], [1, 2], []);
        var scores = new float[3, 3] { { 0, 0, 2 }, { 5, 0, 0 }, { 0, 0, 0 } };
        var heldOut = TestModel.LabelledRows(3, [(0, 3), (2, 4)], [(0, 4)], [(0, 1)]);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { PairErrors = true, RelevanceThreshold = 4 });
        // Errors −3, −2 and +1; the cold user's pair has no score.
        Assert.Equal(Math.Sqrt((9 + 4 + 1) / 3.0), report["RMSE"].Mean, 1e-12);
        Assert.Equal((3 + 2 + 1) / 3.0, report["MAE"].Mean, 1e-12);
        Assert.Equal(3.0 / 4, report["PairCoverage"].Mean, 1e-12);
        Assert.Equal((2, 3), (report["RMSE"].Users, report["PairCoverage"].Users));
        Assert.Equal([Math.Sqrt(6.5), 1, double.NaN], report.UserValues("RMSE"));
        Assert.Equal(2, report.EvaluatedUsers);
    }

    [Fact]
    public void Evaluate_FoldIn_UsersOutsideTrainingAreJudged()
    {
        // User 2 was not in training; the model answers it with row 0's scores, without what it folds in.
        var train = TestModel.Rows(4, [0, 3], [1, 2], []);
        var scores = new float[3, 4] { { 9, 8, 7, 6 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } };
        var heldOut = TestModel.Rows(4, [], [], [1, 3]);
        var foldIn = TestModel.Rows(4, [], [], [0]);
        var model = new TestModel(train, scores);
        var cold = Recommenders.Evaluate(model, heldOut, new() { Cutoffs = [1] });
        Assert.Equal((1, 0), (cold.ColdUsers, cold.Recall(1).Mean));
        var folded = Recommenders.Evaluate(model, heldOut, new() { Cutoffs = [1], FoldIn = foldIn, PairErrors = true });
        Assert.Equal((0, 0.5), (folded.ColdUsers, folded.Recall(1).Mean));
        Assert.Equal((7 + 5) / 2.0, folded["MAE"].Mean, 1e-6);
        Assert.Equal(1, folded["PopularityLift@1"].Mean); // own popularity comes from the fold-in part
    }

    [Fact]
    public void Evaluate_Groups_FoldingAndPurity()
    {
        // Two groups; user 0 took group 0 only. The list 1 2 3: one of its own group, two foreign ones with scores .8 and −.1.
        var train = TestModel.Rows(4, [0], [1, 2, 3]);
        var scores = new float[2, 4] { { 0, 1, 0.8f, -0.1f }, { 0, 0, 0, 0 } };
        var report = Recommenders.Evaluate(new TestModel(train, scores), TestModel.Rows(4, [1], []), new() { ItemGroups = [0, 0, 1, 1] });
        Assert.Equal(1.0 / 3, report["GroupPurity@20"].Mean, 1e-12);
        Assert.Equal(0.8 / 3, report["Folding@20"].Mean, 1e-6);
        // Over random pairs: only item 2 has an excess, drawn about every fourth time.
        Assert.InRange(report["Folding"].Mean, 0.05, 0.4);
        var related = Recommenders.Evaluate(new TestModel(train, scores), TestModel.Rows(4, [1], []), new() { Relatedness = (_, item) => item == 2 ? 0.5f : 1 });
        Assert.Equal(0.3 / 3, related["Folding@20"].Mean, 1e-6);
    }

    [Fact]
    public void Evaluate_ItemFeatures_Diversity()
    {
        var train = TestModel.Rows(3, [], [0, 1, 2], [0]);
        var report = Recommenders.Evaluate(
            new TestModel(train, new float[3, 3]), TestModel.Rows(3, [], [], [1]), new() { ItemFeatures = [[1, 0], [1, 0], [0, 1]] });
        Assert.Equal(1, report["IntraListDiversity@20"].Mean, 1e-12);
    }

    [Fact]
    public void Evaluate_ForeignIds_SaysHowToGetThere()
    {
        var train = TestModel.Rows(2, [0], [1]);
        var builder = new InteractionsBuilder(false, false, false);
        builder.Add(0, 0);
        var foreign = builder.Build(IdMap.FromText(["a", "b"]), train.Items, DuplicateHandling.Last, default);
        var error = Assert.Throws<ArgumentException>(() => Recommenders.Evaluate(new TestModel(train, new float[2, 2]), foreign));
        Assert.Contains("IdsOf", error.Message);
    }

    [Fact]
    public void Evaluate_BadOptions_NameTheOption()
    {
        var train = TestModel.Rows(2, [0], [1]);
        var model = new TestModel(train, new float[2, 2]);
        Check("Cutoffs", new() { Cutoffs = [] });
        Check("Cutoffs", new() { Cutoffs = [0] });
        Check("Cutoffs", new() { Cutoffs = [5, 5] });
        Check("RelevanceThreshold", new() { RelevanceThreshold = float.NaN });
        Check("BootstrapSamples", new() { BootstrapSamples = -1 });
        Check("NumberOfThreads", new() { NumberOfThreads = 0 });
        Check("ItemGroups", new() { ItemGroups = [1] });
        Check("ItemFeatures", new() { ItemFeatures = [] });

        void Check(string option, RankingEvaluationOptions options) =>
            Assert.Contains(option, Assert.ThrowsAny<ArgumentException>(() => Recommenders.Evaluate(model, train, options)).Message);
    }

    [Fact]
    public void Evaluate_Cancelled_Throws()
    {
        var (train, heldOut, scores) = TestModel.Random(9, 50, 10);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { CancellationToken = cancellation.Token }));
    }

    [Fact]
    public void Evaluate_Progress_AscendsToOne()
    {
        var (train, heldOut, scores) = TestModel.Random(10, 12000, 4);
        var progress = new Recorder();
        Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { BootstrapSamples = 0, Progress = progress });
        Assert.True(progress.Values.Count > 1);
        Assert.Equal(progress.Values.Order(), progress.Values);
        Assert.Equal(1, progress.Values[^1]);
    }

    private sealed class Recorder : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
