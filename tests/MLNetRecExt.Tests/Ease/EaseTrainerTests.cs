using Microsoft.ML;

namespace MLNetRecExt.Tests.Ease;

public class EaseTrainerTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    [Theory]
    [InlineData(30, true)]
    [InlineData(300, false)]
    public void Fit_RandomMatrix_SolvesItsNormalEquationsWithAZeroDiagonal(int items, bool labelled)
    {
        const float Regularization = 7;
        var data = Data(200, items, labelled);
        var x = Dense(data);

        var model = Recommenders.Trainers.Ease(new EaseTrainer.Options { Regularization = Regularization }).Fit(data);

        // Off the diagonal (G + λI) B = G: with G's columns the multiplier of B_jj = 0 takes up the diagonal.
        var gramian = new double[items, items];
        for (int i = 0; i < items; i++)
            for (int j = 0; j < items; j++)
                for (int user = 0; user < 200; user++)
                    gramian[i, j] += x[user, i] * x[user, j];
        for (int j = 0; j < items; j++)
        {
            Assert.Equal(0, model.ItemWeight(j, j));
            for (int i = 0; i < items; i++)
            {
                if (i == j)
                    continue;
                var sum = Regularization * (double)model.ItemWeight(i, j);
                for (int l = 0; l < items; l++)
                    sum += gramian[i, l] * model.ItemWeight(l, j);
                Assert.True(Math.Abs(sum - gramian[i, j]) < 1e-4 * Math.Max(1, gramian[i, i]), $"({i}, {j}): {sum}, {gramian[i, j]}");
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public void Score_KnownPair_IsTheSumOfItsExplanation(int? topWeights)
    {
        var data = Data(50, 30, labelled: true);
        var x = Dense(data);
        var model = Recommenders.Trainers.Ease(new EaseTrainer.Options { TopWeightsPerItem = topWeights }).Fit(data);

        for (int user = 1; user < 50; user++)
            for (int item = 1; item < 30; item++)
            {
                if (!model.IsKnownUser(user) || !model.IsKnownItem(item))
                    continue;
                Assert.Equal(Enumerable.Range(0, 30).Sum(taken => x[user, taken] * model.ItemWeight(taken, item)), model.Score(user, item), 1e-5);
                Assert.Equal(model.Explain(user, item).Sum(entry => entry.Value), model.Score(user, item), 1e-5);
            }
    }

    [Fact]
    public void Fit_TopWeightsPerItem_KeepsTheLargestOfEachItem()
    {
        var data = Data(200, 40, labelled: false);
        var all = Recommenders.Trainers.Ease().Fit(data);

        var few = Recommenders.Trainers.Ease(new EaseTrainer.Options { TopWeightsPerItem = 6 }).Fit(data);

        for (int item = 0; item < 40; item++)
        {
            int[] kept = [.. Enumerable.Range(0, 40).Where(taken => all.ItemWeight(taken, item) != 0)
                .OrderByDescending(taken => Math.Abs(all.ItemWeight(taken, item))).ThenBy(taken => taken).Take(6)];
            for (int taken = 0; taken < 40; taken++)
                Assert.Equal(kept.Contains(taken) ? all.ItemWeight(taken, item) : 0, few.ItemWeight(taken, item));
        }
    }

    [Fact]
    public void Fit_CatalogueThatDoesNotFit_NamesTheNeed()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(20_000), [0], [0]);
        var error = Assert.Throws<InsufficientMemoryException>(() => Trainer(megabytes: 1000).Fit(data));
        Assert.Matches("^EaseTrainer needs about 1,6.. MB for 1 users, 20,000 items and 1 interactions, but may take 1,000 MB. Drop rare", error.Message);

        var huge = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(100_000), [0], [0]);
        Assert.Contains("46,000", Refusal(megabytes: 20_000));
        Assert.Contains("larger than an array", Refusal(megabytes: 50_000));

        // Too many for a number of bytes.
        var most = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(int.MaxValue), [0], [0]);
        Assert.Equal(long.MaxValue, Trainer(megabytes: 1).EstimateMemory(most));

        string Refusal(int megabytes) => Assert.Throws<InsufficientMemoryException>(() => Trainer(megabytes).Fit(huge)).Message;

        static EaseTrainer Trainer(int megabytes) =>
            Recommenders.Trainers.Ease(new EaseTrainer.Options { MemoryLimitMegabytes = megabytes, NumberOfThreads = 1 });
    }

    [Fact]
    public void Fit_LabelsTooLarge_SaysWhatToDo()
    {
        var tooLarge = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(1), [0], [0], [1e30f], [1e30f]);
        Assert.Contains("scale labels or weights down", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.Ease().Fit(tooLarge)).Message);

        // Beside such squares λ is lost, and the two items are the same.
        var singular = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(2), [0, 0], [0, 1], [1e30f, 1e30f]);
        Assert.Contains("Regularization", Refusal(singular));

        var scores = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0, 1], [0, 1, 1], [3e38f, 3e38f, 3e38f]);
        Assert.Contains("the largest label is 3E+38", Refusal(scores));

        static string Refusal(Interactions data) =>
            Assert.Throws<InvalidOperationException>(() => Recommenders.Trainers.Ease().Fit(data)).Message;
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e10)]
    [InlineData(1e18)]
    [InlineData(1e20)]
    [InlineData(1e30)]
    public void Fit_WeightsWhoseSquaresAreLarge_SolvesAllTheSame(double large)
    {
        var x = (float)large;
        const float Regularization = 300;
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 0, 1, 1], [0, 1, 0, 1], default, [x, 1, 1, x]);

        var model = Recommenders.Trainers.Ease(new EaseTrainer.Options { Regularization = Regularization }).Fit(data);

        // Of two items: B_01 = G_01 / (G_00 + λ).
        var weight = 2 * (double)x / ((double)x * x + 1 + Regularization);
        Assert.Equal(1, model.Score(0, 1) / (x * weight), 1e-5);
        Assert.Equal(1, model.Score(0, 0) / weight, 1e-5);
    }

    private static Interactions Data(int users, int items, bool labelled)
    {
        var random = new Random(items);
        var pairs = (from user in Enumerable.Range(1, users - 1) from item in Enumerable.Range(1, items - 1) where random.NextDouble() < 6.0 / (item + 8) select (user, item)).ToArray();
        return Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items), [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)],
            labelled ? [.. pairs.Select(_ => random.Next(1, 4) / 2f)] : [], labelled ? [.. pairs.Select(_ => 0.5f + random.NextSingle())] : []);
    }

    private static double[,] Dense(Interactions data)
    {
        var x = new double[data.Users.Count, data.Items.Count];
        for (int user = 0; user < data.Users.Count; user++)
            for (int e = 0; e < data.ByUser.Length(user); e++)
                x[user, data.ByUser.Indices(user)[e]] = data.ByUser.HasLabels ? data.ByUser.Labels(user)[e] * data.ByUser.Weights(user)[e] : 1;
        return x;
    }
}
