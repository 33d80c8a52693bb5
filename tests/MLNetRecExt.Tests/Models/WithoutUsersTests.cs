using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests.Models;

/// <summary>What the conformance tests of every trainer do not ask: zips, ids that are numbers, and what is left of sums.</summary>
public class WithoutUsersTests
{
    private const long FirstId = 0x7A6B5C4D3E2F1000;

    private static readonly MLContext Ml = new(1);
    private static readonly RecommendersCatalog Recommenders = Ml.Recommenders();

    public static TheoryData<string> Trainers => ["Wals", "Sgd", "ItemKnn", "SoftmaxDnn", "Popularity", "UserKnn"];

    [Fact]
    public void ModelSave_OfAModelWithoutUsers_HasNoneOfTheirIdsInTheZip()
    {
        var model = Recommenders.Trainers.Wals(approximationRank: 4).Fit(Interactions(IdMap.FromText(UserNames), IdMap.FromText(ItemNames)));
        var rows = Ml.Data.LoadFromEnumerable(new[] { new Asked { History = [ItemName(1), ItemName(3)] } });
        var whole = Zip(model);
        var zip = Zip(model.Without(Enumerable.Range(0, Size)));

        Assert.Contains(Entries(whole), Holds);
        Assert.DoesNotContain(Entries(zip), Holds);
        Assert.Equal(Answer(whole), Answer(zip));
        Assert.Equal(0, Ml.Model.Load(new MemoryStream(zip), out _).AsRecommender().Users.Count);

        byte[] Zip(RecommenderModel saved)
        {
            using var stream = new MemoryStream();
            var lists = Recommenders.Transforms.TopItems(saved, numberOfItems: 3, historyColumnName: "History").Fit(rows);
            Ml.Model.Save(lists, rows.Schema, stream);
            return stream.ToArray();
        }

        string[] Answer(byte[] saved) =>
            Ml.Data.CreateEnumerable<Answered>(Ml.Model.Load(new MemoryStream(saved), out _).Transform(rows), reuseRowObject: false).Single().Items;

        static bool Holds(byte[] entry) =>
            entry.AsSpan().IndexOf(Encoding.Unicode.GetBytes(UserName(3))) >= 0 || entry.AsSpan().IndexOf(Encoding.UTF8.GetBytes(UserName(3))) >= 0;
    }

    [Theory, MemberData(nameof(Trainers))]
    public void Without_UsersWhoseIdsAreNumbers_LeavesNoneOfTheirBytes(string trainer)
    {
        var model = Train(trainer, IdMap.FromIntegers([.. Enumerable.Range(0, Size).Select(user => FirstId + user)], DataKind.Int64));

        var left = model.For<long, string>().Without([FirstId + 2, FirstId + 7]);

        byte[] whole = Bytes(model), cut = Bytes(left.Model);
        for (int user = 0; user < Size; user++)
        {
            Assert.True(Has(whole, user));
            Assert.Equal(user is not (2 or 7), Has(cut, user));
        }
        Assert.Contains($"{FirstId + 2}", Assert.Throws<ArgumentException>(() => left.Without([FirstId + 2])).Message);

        static bool Has(byte[] file, int user) => file.AsSpan().IndexOf(BitConverter.GetBytes(FirstId + user)) >= 0;
    }

    [Theory, MemberData(nameof(Trainers))]
    public void Without_KeysWithoutValues_KeepTheirNumbers(string trainer)
    {
        var model = Train(trainer, IdMap.FromKeys(Size));

        var left = model.Without([2, 7, 2]);

        Assert.Equal(Size, left.Users.Count);
        Assert.Equal([2, 7], Enumerable.Range(0, Size).Where(user => !left.IsKnownUser(user)));
        Assert.Equal(model.History.Indices(8).ToArray(), left.History.Indices(8).ToArray());
        Assert.True(float.IsNaN(left.Score(7, 1)));
        if (trainer != "UserKnn")
            Assert.Equal(model.Score(8, 1), left.Score(8, 1));
    }

    [Fact]
    public void Without_OneAfterTheOther_KeepsTheSumsOfAll()
    {
        var data = Interactions(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var model = Recommenders.Trainers.Wals(approximationRank: 4).Fit(data);

        var left = model.Without([0, 1]).Without([0, 5]);

        RemovedUsers once = model.Without([0, 1, 2, 7]).History.Removed!, twice = left.History.Removed!;
        Assert.Equal((4, 4), (twice.Users, twice.KnownUsers));
        Assert.Equal(once.Counts, twice.Counts);
        Assert.Equal(once.Moments, twice.Moments);
        Assert.Equal(model.ItemPopularity.ToArray(), left.ItemPopularity.ToArray());
        Assert.Equal(model.PopularityScore(3), left.PopularityScore(3));
        Assert.Equal(model.History.Times, left.History.Times);
    }

    [Fact]
    public void LabelDeviation_UsersTakenOut_IsThatOfAll()
    {
        var random = new Random(4);
        int[] users = [.. Enumerable.Range(0, 300).Select(_ => random.Next(20))], items = [.. users.Select(_ => random.Next(30))];
        var data = MLNetRecExt.Interactions.Create(IdMap.FromKeys(20), IdMap.FromKeys(30), users, items,
            [.. users.Select(_ => 1 + 4 * random.NextSingle())], [.. users.Select(_ => random.NextSingle())]).ByUser;
        var (means, deviation) = (new LabelMeans(data, 30), data.LabelDeviation());

        foreach (var kept in new int[][] { [], [3], [0, 4, 5, 6, 7, 19] })
        {
            var left = data.Only(kept, 30);
            Assert.Equal(deviation, left.LabelDeviation(), 1e-9);
            Assert.Equal(data.ColumnCounts(30), left.ColumnCounts(30));
            Assert.Equal(means.All, new LabelMeans(left, 30).All, 1e-6f);
            Assert.Equal(means.Items, new LabelMeans(left, 30).Items, (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-6f);
        }
    }

    [Fact]
    public void Without_UserWhoIsKnownByFeatures_IsNotKnownByThemEither()
    {
        var model = Recommenders.Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { NumberOfIterations = 1, UserFeatures = UserFeatures })
            .Fit(Text(Ml)).Model;
        var left = (SoftmaxDnnModel)model.Without([model.Users.IndexOf(UserName(3))]);

        Assert.Equal(-1, left.Users.IndexOf(UserName(3)));
        var four = left.Users.IndexOf(UserName(4));
        Assert.Equal(model.UserFeatures.Rows(model.Users.IndexOf(UserName(4))).ToArray(), left.UserFeatures.Rows(four).ToArray());
        Assert.Equal(model.Users.Count - 1, left.UserFeatures.Count);
        Assert.Equal(0, ((SoftmaxDnnModel)model.Without(Enumerable.Range(0, model.Users.Count))).UserFeatures.Count);
    }

    [Fact]
    public void Save_ModelsThatAreMadeOfUsers_KeepTheFileThatWasThere()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "as it was");
            var data = Interactions(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
            RecommenderModel[] models =
            [
                Recommenders.Trainers.UserKnn().Fit(data), Recommenders.Trainers.Mean(new MeanTrainer.Options()).Fit(data),
                Recommenders.Trainers.Ease(new EaseTrainer.Options { Regularization = 3, IsDual = true }).Fit(data),
            ];

            foreach (var model in models)
                Assert.Contains(model.GetType().Name, Assert.Throws<NotSupportedException>(() => model.Save(path, new() { Users = false })).Message);

            Assert.Equal("as it was", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static RecommenderModel Train(string trainer, IdMap users)
    {
        var data = Interactions(users, IdMap.FromText(ItemNames));
        var trainers = Recommenders.Trainers;
        return trainer switch
        {
            "Wals" => trainers.Wals(approximationRank: 4).Fit(data),
            "Sgd" => trainers.SgdMatrixFactorization(approximationRank: 4).Fit(data),
            "ItemKnn" => trainers.ItemKnn().Fit(data),
            "SoftmaxDnn" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { NumberOfIterations = 1 }).Fit(data),
            "UserKnn" => trainers.UserKnn().Fit(data),
            _ => trainers.Popularity().Fit(data),
        };
    }

    private static byte[] Bytes(RecommenderModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    private static byte[][] Entries(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return [.. archive.Entries.Select(entry =>
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            return content.ToArray();
        })];
    }

    private sealed class Asked
    {
        public string[] History = [];
    }

    private sealed class Answered
    {
        public string[] Items { get; set; } = [];
    }
}
