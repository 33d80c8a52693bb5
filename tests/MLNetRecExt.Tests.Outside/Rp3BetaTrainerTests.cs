using Microsoft.ML;
using MLNetRecExt;
using MLNetRecExt.Testing;
using MLNetRecExt.Tests.Examples;

namespace Outside;

public class Rp3BetaTrainerTests : RecommenderConformance<SparseItemModel, Rp3BetaTrainer.Options>
{
    private readonly MLContext _ml = new(1);

    public static TheoryData<string> Names => [.. Checks];

    [Theory, MemberData(nameof(Names))]
    public void Conforms(string check) => Run(check);

    protected override Rp3BetaTrainer.Options Options() => new();

    protected override Rp3BetaTrainer Trainer(MLContext ml, Rp3BetaTrainer.Options options) => ml.Recommenders().Trainers.Rp3Beta(options);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 0.6)]
    [InlineData(0.4, 1.3)]
    [InlineData(0, 0.6)]
    public void Fit_RandomData_ScoresAreThoseOfAWalkOverDenseMatrices(double alpha, double beta)
    {
        var data = RandomInteractions(seed: 11);

        var model = Train(data, options => (options.TransitionExponent, options.PopularityExponent) = ((float)alpha, (float)beta));

        var (users, items) = (data.Users.Count, data.Items.Count);
        var a = Dense(data);
        var (byUser, byItem) = (Sums(a, users, (u, i) => (u, i), items), Sums(a, items, (i, u) => (u, i), users));
        for (int u = 1; u < users; u++)
            for (int i = 1; i < items; i++)
            {
                double score = 0;
                for (int j = 0; j < items; j++)
                    for (int v = 0; v < users; v++)
                        if (j != i && a[u, j] > 0 && a[v, j] > 0 && a[v, i] > 0)
                            score += a[u, j] * Math.Pow(a[v, j] / byItem[j], (float)alpha) * Math.Pow(a[v, i] / byUser[v], (float)alpha);
                score /= Math.Pow(Enumerable.Range(0, users).Count(v => a[v, i] > 0), (float)beta);
                Assert.Equal(score, model.Score(u, i), 1e-5 * score);
            }
    }

    [Fact]
    public void Fit_WithoutLabels_GivesTheWeightsOfItemKnnsExponents()
    {
        var labelled = RandomInteractions(seed: 14);
        var pairs = Enumerable.Range(0, labelled.Users.Count).SelectMany(user => labelled.ByUser.Indices(user).ToArray().Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(labelled.Users, labelled.Items, [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]);

        var walk = Train(data, options => (options.TransitionExponent, options.PopularityExponent) = (0.8f, 0.3f)).Weights;
        var neighbors = _ml.Recommenders().Trainers.ItemKnn(ItemKnnTrainer.Options.Rp3Beta(0.8f, 0.3f)).Fit(data).Weights;

        Assert.Equal(walk.EntryCount, neighbors.EntryCount);
        for (int item = 0; item < data.Items.Count; item++)
            foreach (var taken in walk.Indices(item))
                Assert.Equal(walk[item, taken], neighbors[item, taken], 1e-6 * walk[item, taken]);
    }

    [Fact]
    public void Fit_FewNeighbors_KeepsTheLargestWeightsOfEachItemTaken()
    {
        var data = RandomInteractions(seed: 12);
        var all = Train(data).Weights.Transpose();

        var few = Train(data, options => options.NumberOfNeighbors = 3).Weights.Transpose();

        for (int taken = 0; taken < all.RowCount; taken++)
        {
            var largest = all.Indices(taken).ToArray().OrderByDescending(item => all[taken, item]).ThenBy(item => item).Take(3);
            Assert.Equal(largest.Order(), few.Indices(taken).ToArray());
            Assert.All(few.Indices(taken).ToArray(), item => Assert.Equal(all[taken, item], few[taken, item]));
        }
    }

    [Fact]
    public void Fit_LabelsOrWeightsOfZeroOrLess_AreNotWalkedAlong()
    {
        var model = Train(Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 0, 1, 1, 2, 2], [0, 1, 0, 2, 1, 2], [1, 1, 1, -1, 1, 1], [1, 1, 1, 1, 1, 0]));

        Assert.True(model.ItemWeight(taken: 0, item: 1) > 0);
        Assert.Equal(0, model.ItemWeight(taken: 0, item: 2));
        Assert.Equal(0, model.ItemWeight(taken: 1, item: 2));
    }

    [Fact]
    public void Tune_DeclaredRanges_SearchesAllThreeOptions()
    {
        var found = _ml.Recommenders().Tune(_ml.Recommenders().Trainers.Rp3Beta, new Rp3BetaTrainer.Options(), Board(), Board(), new TunerOptions { Trials = 4 });

        Assert.Equal(["NumberOfNeighbors", "PopularityExponent", "TransitionExponent"], found.Best.Values.Keys.Order());
        Assert.Equal(4, found.Trials.Select(trial => trial.Values["TransitionExponent"]).Distinct().Count());
        Assert.Equal(found.Best.Values["TransitionExponent"], found.Options.TransitionExponent);
    }

    [Fact]
    public void Explain_AnyPair_SumsToTheScore()
    {
        var model = Train(RandomInteractions(seed: 13));

        for (int user = 1; user < model.Users.Count; user++)
            for (int item = 1; item < model.Items.Count; item++)
                Assert.Equal(model.Score(user, item), model.Explain(user, item).Sum(part => (double)part.Value), 1e-4);
    }

    [Theory]
    [InlineData("score")]
    [InlineData("native")]
    public void Save_BothKindsOfFiles_GiveTheSameScoresInAFreshProcess(string kind)
    {
        using var files = new TemporaryFiles();
        var view = Checkerboard.Text(_ml);
        var trained = Trainer(_ml, Options()).Fit(view);
        if (kind == "native")
            trained.Model.Save(files.PathOf("model"));
        else
            _ml.Model.Save(trained, view.Schema, files.PathOf("model"));

        var (exitCode, output, error) = ExampleProgram.Run("MLNetRecExt.Tests.LoadModel", files.Folder, kind, "model", $"{Checkerboard.Size}");

        Assert.True(exitCode == 0, error);
        Assert.Equal(
            from user in Enumerable.Range(0, Checkerboard.Size + 1).Select(Checkerboard.UserName)
            from item in Enumerable.Range(0, Checkerboard.Size + 1).Select(Checkerboard.ItemName)
            let indices = (User: trained.Model.Users.IndexOf(user), Item: trained.Model.Items.IndexOf(item))
            let score = indices.User < 0 || indices.Item < 0 ? float.NaN : trained.Model.Score(indices.User, indices.Item)
            select $"{user}\t{item}\t{BitConverter.SingleToInt32Bits(score)}",
            output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Compare_TrainerAssembly_HasATunedRowOfIt()
    {
        using var files = new TemporaryFiles();
        var clicks = from user in Enumerable.Range(0, 60) from n in Enumerable.Range(0, 8) select $"u{user},i{user % 4 + 4 * ((user + n * (1 + user % 3)) % 12)}\n";
        files.Write("clicks.csv", "user,item\n" + string.Concat(clicks.Distinct()));

        files.Write("recommender.json", """
            { "data": { "file": "clicks.csv" }, "split": "random-per-user:0.2", "tune": { "trials": 2 }, "trainers": { "popularity": {} } }
            """);

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder,
            "recommender.json", "--trainer-assembly", typeof(Rp3BetaTrainer).Assembly.Location, "--json", "out.json");

        Assert.True(exitCode == 0, output + error);
        var record = RunRecord.Load(files.PathOf("out.json"));
        Assert.Superset(new HashSet<string> { "popularity", "rp3-beta" }, record.Trainers.Select(trainer => trainer.Name).ToHashSet());
        var rp3Beta = record.Trainers.Single(trainer => trainer.Name == "rp3-beta");
        Assert.Equal(2, rp3Beta.Trials.Count);
        Assert.Equal(["NumberOfNeighbors", "PopularityExponent", "TransitionExponent"], rp3Beta.Trials[1].Values.Keys.Order());
        var (popularity, walk) = (record.Trainers.Single(trainer => trainer.Name == "popularity")["NDCG@20"].Mean, rp3Beta["NDCG@20"].Mean);
        Assert.True(walk > 1.5 * popularity, $"{walk} {popularity}");
    }

    private static double[,] Dense(Interactions data)
    {
        var dense = new double[data.Users.Count, data.Items.Count];
        for (int user = 0; user < data.Users.Count; user++)
            for (int n = 0; n < data.ByUser.Length(user); n++)
                dense[user, data.ByUser.Indices(user)[n]] = data.ByUser.Labels(user)[n];
        return dense;
    }

    private static double[] Sums(double[,] dense, int rows, Func<int, int, (int User, int Item)> place, int columns) =>
        [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, columns).Sum(column => dense[place(row, column).User, place(row, column).Item]))];
}
