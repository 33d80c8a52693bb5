using Microsoft.ML;

namespace MLNetRecExt.Tests;

/// <summary>Training that starts from a model: <c>Fit(data, initial: lastNight)</c>.</summary>
public class WarmStartTests
{
    private const int UserCount = 120, ItemCount = 60;

    private static readonly RecommenderTrainersCatalog Trainers = new MLContext(1).Recommenders().Trainers;

    /// <summary>Trainers by name, each told how many iterations to do.</summary>
    public static TheoryData<string> Names => [.. ByName.Keys];

    private static Dictionary<string, Func<int, IProgress<TrainingProgress>?, RecommenderTrainer>> ByName { get; } = new()
    {
        ["Wals"] = (iterations, progress) =>
            Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = iterations, Progress = progress }),
        ["Wals by Cholesky, with biases"] = (iterations, progress) => Trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 8,
            Solver = WalsSolver.Cholesky,
            UseBiases = true,
            Target = WalsTarget.Label,
            UnobservedWeight = 0,
            NumberOfIterations = iterations,
            Progress = progress,
        }),
        ["Sgd"] = (iterations, progress) => Trainers.SgdMatrixFactorization(
            new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 8, NumberOfIterations = iterations, Progress = progress }),
        ["Sgd for lists"] = (iterations, progress) =>
        {
            var options = SgdMatrixFactorizationTrainer.Options.ForRanking();
            (options.ApproximationRank, options.NumberOfIterations, options.Progress) = (8, iterations, progress);
            return Trainers.SgdMatrixFactorization(options);
        },
        ["SoftmaxDnn"] = (iterations, progress) => Trainers.SoftmaxDnn(Network(iterations, progress)),
        ["SoftmaxDnn with two embeddings"] = (iterations, progress) =>
        {
            var options = Network(iterations, progress);
            (options.ShareItemEmbeddings, options.SkipConnection) = (false, false);
            return Trainers.SoftmaxDnn(options);
        },
    };

    [Theory, MemberData(nameof(Names))]
    public void Fit_ATenthIsNew_ThreeIterationsReachTheLossOfSixWithout(string name)
    {
        var all = Data();
        var initial = ByName[name](15, null).Fit(Older(all));

        var cold = Losses(name, 6, all, null);
        var warm = Losses(name, 3, all, initial);

        Assert.True(warm[0] < cold[0], $"{warm[0]} after one iteration, {cold[0]} without the model");
        Assert.True(warm[^1] <= cold[^1], $"{warm[^1]} after three iterations, {cold[^1]} after six without the model");
    }

    [Theory, MemberData(nameof(Names))]
    public void Fit_View_EqualsFitOfItsInteractions(string name)
    {
        var ml = new MLContext(1);
        var rows = ml.Data.LoadFromEnumerable(Data().ByUser.Offsets.ToArray().SkipLast(1).SelectMany((start, user) =>
            Data().ByUser.Indices(user).ToArray().Select(item => new TextRow { User = $"u{user}", Item = $"i{item}" })).ToArray());
        var interactions = ml.Recommenders().Data.ReadInteractions(rows, new InteractionColumns("User", "Item"));
        var initial = ByName[name](2, null).Fit(interactions);

        var ofInteractions = ByName[name](1, null).Fit(interactions, initial: initial);
        var ofView = ByName[name](1, null) switch
        {
            WalsTrainer wals => wals.Fit(rows, initial: initial).Model,
            SgdMatrixFactorizationTrainer sgd => sgd.Fit(rows, initial: initial).Model,
            var dnn => (RecommenderModel)((SoftmaxDnnTrainer)dnn).Fit(rows, initial: initial).Model,
        };

        for (int user = 0; user < UserCount; user++)
            Assert.Equal(ofInteractions.Score(user, 3), ofView.Score(user, 3));
    }

    [Fact]
    public void Fit_OpenOptions_AreThoseOfTheModel()
    {
        var wals = Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 7, NumberOfIterations = 1 }).Fit(Data());
        var network = Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 7, Temperature = 0.3f, NumberOfIterations = 1 }).Fit(Data());

        Assert.Equal("7", Trainers.Wals(new WalsTrainer.Options { NumberOfIterations = 1 }).Fit(Data(), initial: wals).Info!.Options["ApproximationRank"]);
        var warm = Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { NumberOfIterations = 1 }).Fit(Data(), initial: network).Info!;
        Assert.Equal(("7", "0.3"), (warm.Options["ApproximationRank"], warm.Options["Temperature"]));
        Assert.DoesNotContain("ApproximationRank", warm.FromData);
    }

    [Fact]
    public void Fit_ModelOfOtherBiasesOrLayers_SaysWhatItHas()
    {
        var plain = Trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { UseBiases = false, NumberOfIterations = 1 }).Fit(Data());
        var network = Trainers.SoftmaxDnn(Network(1, null)).Fit(Data());
        var others = Network(1, null);
        others.HiddenLayers = [5, 4];

        var biases = Assert.Throws<ArgumentException>(() => Trainers.SgdMatrixFactorization().Fit(Data(), initial: plain)).Message;
        var layers = Assert.Throws<ArgumentException>(() => Trainers.SoftmaxDnn(others).Fit(Data(), initial: network)).Message;

        Assert.Contains("without biases, and training is to have rank 64 with biases", biases);
        Assert.Contains("HiddenLayers [12]", layers);
        Assert.Contains("HiddenLayers [5, 4]", layers);
    }

    [Fact]
    public void StartFrom_KnownAndNew_KnownAreAsInTheModelAndNewAsWithoutIt()
    {
        var all = Data();
        var settings = new SgdMatrixFactorizationTrainer.Options().Settings;
        var initial = Trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 8, NumberOfIterations = 2 }).Fit(all);
        // Every third user and item is not known, every other has moved by one.
        int[] users = Moved(UserCount), items = Moved(ItemCount);
        var (cold, warm) = (Start(), Start());

        warm.StartFrom(initial, users, items);

        var ((coldUsers, coldItems), (warmUsers, warmItems)) = (cold.CopyFactors(), warm.CopyFactors());
        for (int user = 0; user < UserCount; user++)
            Assert.Equal((users[user] < 0 ? coldUsers[user] : initial.UserMatrix[users[user]]).ToArray(), warmUsers[user].ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        for (int item = 0; item < ItemCount; item++)
            Assert.Equal((items[item] < 0 ? coldItems[item] : initial.ItemMatrix[items[item]]).ToArray(), warmItems[item].ToArray());

        StochasticGradientDescent Start() => new(all.ByUser, ItemCount, settings, rank: 8, threads: 1, CancellationToken.None);

        static int[] Moved(int count) => [.. Enumerable.Range(0, count).Select(index => index % 3 == 0 ? -1 : (index + 1) % count)];
    }

    private static List<double> Losses(string name, int iterations, Interactions data, RecommenderModel? initial)
    {
        var progress = new CollectedLosses();
        ByName[name](iterations, progress).Fit(data, initial: initial);
        Assert.Equal(iterations, progress.Losses.Count);
        return progress.Losses;
    }

    private static SoftmaxDnnTrainer.Options Network(int iterations, IProgress<TrainingProgress>? progress) => new()
    {
        ApproximationRank = 8,
        HiddenLayers = [12],
        Dropout = 0,
        BatchSize = 32,
        LearningRate = 0.01f,
        WarmUpSteps = 0,
        NumberOfIterations = iterations,
        Progress = progress,
    };

    /// <summary>Users of four tastes, who take most of what is to theirs and little else.</summary>
    private static Interactions Data()
    {
        var random = new Random(5);
        List<int> users = [], items = [];
        List<float> labels = [];
        for (int user = 0; user < UserCount; user++)
            for (int item = 0; item < ItemCount; item++)
                if (random.NextDouble() < (user % 4 == item % 4 ? 0.6 : 0.06))
                {
                    users.Add(user);
                    items.Add(item);
                    labels.Add((user % 4 == item % 4 ? 4 : 2) + random.Next(2));
                }
        return Interactions.Create(IdMap.FromKeys(UserCount), IdMap.FromKeys(ItemCount), [.. users], [.. items], [.. labels]);
    }

    /// <summary>Nine tenths of it.</summary>
    private static Interactions Older(Interactions all)
    {
        var random = new Random(6);
        var parts = new SplitPart[all.Count];
        for (int e = 0; e < parts.Length; e++)
            parts[e] = random.Next(10) == 0 ? SplitPart.Test : SplitPart.Train;
        return all.Where(parts, SplitPart.Train);
    }

    private sealed class CollectedLosses : IProgress<TrainingProgress>
    {
        public List<double> Losses { get; } = [];

        public void Report(TrainingProgress value) => Losses.Add(value.Loss);
    }

    private sealed class TextRow
    {
        public string User = "", Item = "";
    }
}
