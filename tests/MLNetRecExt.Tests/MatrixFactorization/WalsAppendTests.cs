using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class WalsAppendTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Append_NewInteractions_SolvesForTheirUsersAndItemsAsADenseSolve(bool useBiases)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 10; trial++)
        {
            var options = WalsProblem.RandomOptions(random, rank: 1 + random.Next(20), useBiases);
            var (older, newer, all) = Split(new WalsProblem(random, 40, 30, 0.3, options).Data, random);
            var model = new MLContext().Recommenders().Trainers.Wals(options).Fit(older);

            var appended = (WalsModel)model.Append(newer);

            // μ stays, and the problem has that of its model.
            var problem = new WalsProblem(all, options);
            int[] users = [.. Enumerable.Range(0, 40).Where(user => newer.ByUser.Length(user) > 0)];
            int[] items = [.. Enumerable.Range(0, 30).Where(item => newer.ByItem.Length(item) > 0)];
            foreach (var user in users)
                AssertClose(problem.SolveUser(user, appended), appended.UserFactors(user), appended, appended.UserBias(user));
            // The items were solved for when the users had their first solution.
            var first = FirstSolution(problem, model, users, all);
            foreach (var item in items)
                AssertClose(
                    problem.SolveItem(item, first), appended.SolvedItemMatrix[item][..appended.ApproximationRank], appended, appended.ItemBias(item));
            if (options.ItemSmoothing > 0)
                WalsSmoothingTests.AssertSmoothed(appended, items);
            foreach (var user in Enumerable.Range(0, 40).Except(users))
                Assert.Equal(model.UserMatrix[user].ToArray(), appended.UserMatrix[user].ToArray());
            foreach (var item in Enumerable.Range(0, 30).Except(items))
            {
                Assert.Equal(model.ItemMatrix[item].ToArray(), appended.ItemMatrix[item].ToArray());
                Assert.Equal(model.SolvedItemMatrix[item].ToArray(), appended.SolvedItemMatrix[item].ToArray());
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Append_KnownUsers_GetTheEmbeddingThatTheirHistoriesFoldInTo(float halfLife)
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 400).Select(time => (User: random.Next(30), Item: random.Next(20), Time: (long)time)).ToArray();
        var options = new WalsTrainer.Options { ApproximationRank = 6, NumberOfIterations = 3, RecencyHalfLife = halfLife };
        var model = new MLContext().Recommenders().Trainers.Wals(options).Fit(Data(rows[..360]));

        var appended = (WalsModel)model.Append(Data(rows[360..]));

        foreach (var user in rows[360..].Select(row => row.User).Distinct())
        {
            var (items, times) = (appended.History.Indices(user).ToArray(), appended.History.Timestamps(user).ToArray());
            var folded = appended.FoldIn(items.Zip(times, (item, time) => new ItemFeedback(item, 1, 1, time)).ToArray());
            for (int k = 0; k < folded.Length; k++)
                Assert.Equal(folded[k], appended.UserFactors(user)[k], 1e-5f);
        }

        static Interactions Data((int User, int Item, long Time)[] rows) => Interactions.Create(IdMap.FromKeys(30), IdMap.FromKeys(20),
            [.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], timestamps: [.. rows.Select(row => row.Time)]);
    }

    /// <summary>The model with everything, and dense solutions for some users.</summary>
    private static WalsModel FirstSolution(WalsProblem problem, WalsModel model, int[] users, Interactions all)
    {
        var factors = model.UserMatrix.Copy();
        var items = model.SolvedItemMatrix.Copy();
        for (int item = 0; model.HasBiases && item < items.Rows; item++)
            if (all.ByItem.Length(item) > 0)
                items[item][model.ApproximationRank] = 1;
        var first = new WalsModel(all.Users, all.Items, all.ByUser, factors, items, model.Settings, model.Mean);
        foreach (var user in users)
        {
            var solution = problem.SolveUser(user, first);
            for (int k = 0; k < solution.Length; k++)
                factors[user][k] = (float)solution[k];
            if (!model.HasBiases)
                continue;
            factors[user][model.ApproximationRank] += model.Mean;
            factors[user][model.ApproximationRank + 1] = 1;
        }
        return first;
    }

    /// <summary>The last user and item of what is given have nothing; some others have nothing but what is newer.</summary>
    private static (Interactions Older, Interactions Newer, Interactions All) Split(Interactions data, Random random)
    {
        var parts = new SplitPart[data.Count];
        for (int user = 0, e = 0; user < data.Users.Count; user++)
            foreach (var item in data.ByUser.Indices(user))
                parts[e++] = user == 7 || item == 5 || random.Next(20) == 0 ? SplitPart.Test : SplitPart.Train;
        return (data.Where(parts, SplitPart.Train), data.Where(parts, SplitPart.Test), data);
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> factors, WalsModel model, float bias)
    {
        float[] actual = [.. factors, .. model.HasBiases ? new[] { bias } : []];
        var scale = Math.Max(1e-3, expected.Max(Math.Abs));
        for (int k = 0; k < expected.Length; k++)
            Assert.InRange(Math.Abs(expected[k] - actual[k]) / scale, 0, 2e-3);
    }
}
