using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.ContentBased;

public class ContentBasedTrainerTests
{
    private static readonly MLContext Ml = new(1);
    private static readonly RecommendersCatalog Recommenders = Ml.Recommenders();

    [Theory]
    [InlineData(ContentSimilarity.Cosine, 1)]
    [InlineData(ContentSimilarity.Cosine, 0)]
    [InlineData(ContentSimilarity.DotProduct, 1.5f)]
    public void Score_KnownPairs_EqualsTheFormulaAndTheSumOfItsExplanation(ContentSimilarity similarity, float rarityExponent)
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 20).Select(item => new Film
        {
            Item = $"i{item}",
            Genres = [.. Enumerable.Range(0, 4).Where(_ => random.Next(2) == 0).Select(genre => $"g{genre}"), "film"],
            Year = item % 5 == 1 ? float.NaN : 1950 + random.Next(60),
            IsSequel = item % 4 == 1 ? 1 : 0,
            Numbers = [random.NextSingle(), item % 3 == 0 ? float.NaN : random.NextSingle() - 0.5f],
        }).ToArray();
        var features = Features(rows);
        var pairs = (from user in Enumerable.Range(0, 8) from item in Enumerable.Range(0, 20) where random.Next(3) == 0 select (user, item)).ToArray();
        var labels = pairs.Select(_ => (float)random.Next(1, 6)).ToArray();
        var weights = pairs.Select(_ => 0.5f + random.NextSingle()).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(8), features.Ids, [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)], labels, weights);

        var model = Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options
        {
            ItemFeatures = features,
            LikedFrom = 3,
            DislikedWeight = 0.7f,
            Similarity = similarity,
            RarityExponent = rarityExponent,
        }).Fit(data);

        var vectors = rows.Select(row => Dense(row, rows, rarityExponent)).Select(vector => similarity == ContentSimilarity.Cosine ? Unit(vector) : vector).ToArray();
        for (int user = 0; user < 8; user++)
        {
            var own = Enumerable.Range(0, pairs.Length).Where(pair => pairs[pair].user == user).ToArray();
            var profile = new double[vectors[0].Length];
            foreach (var isLiked in new[] { true, false })
            {
                var side = own.Where(pair => labels[pair] >= 3 == isLiked).ToArray();
                foreach (var pair in side)
                    for (int k = 0; k < profile.Length; k++)
                        profile[k] += (isLiked ? 1 : -0.7) * weights[pair] * vectors[pairs[pair].item][k] / side.Sum(other => weights[other]);
            }
            if (similarity == ContentSimilarity.Cosine)
                profile = Unit(profile);
            for (int item = 0; item < 20; item++)
            {
                Assert.Equal(profile.Zip(vectors[item], (p, v) => p * v).Sum(), model.Score(user, item), 1e-5);
                Assert.Equal(model.Score(user, item), model.Explain(user, item).Sum(entry => entry.Value), 1e-5);
            }
        }
    }

    [Fact]
    public void TopItems_ThreeLikedItems_FindsAnUntouchedItemAndSaysWhy()
    {
        Film[] rows = [new("a", "comedy"), new("b", "comedy"), new("c", "comedy", "war"), new("d", "war"), new("untouched", "comedy"), new("bare")];
        var view = Ml.Data.LoadFromEnumerable(new Taken[] { new() { User = "u", Item = "d" }, new() { User = "u", Item = "a" }, new() { User = "v", Item = "bare" } });

        var model = Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { ItemFeatures = Features(rows, "Genres") }).Fit(view).Model;

        var history = model.Items.IndicesOf(["a", "b", "c"]);
        var best = model.TopItems(RecommenderQuery.ForHistory(history), 5);
        Assert.Equal(["untouched", "d"], best.Select(entry => model.Items.GetText(entry.Item)));
        Assert.Equal([("Genres", "comedy")], model.Explain(RecommenderQuery.ForHistory(history), best[0].Item).Select(entry => (entry.Feature!, entry.Category!)));
        Assert.False(model.IsKnownItem(model.Items.IndexOf("bare")));
        Assert.False(model.IsKnownUser(model.Users.IndexOf("v")));
    }

    [Fact]
    public void TopItems_DislikedItems_PushTheirKindDown()
    {
        Film[] rows = [new("a", "comedy"), new("b", "war"), new("c", "comedy"), new("d", "war")];
        var features = Features(rows, "Genres");
        var data = Interactions.Create(IdMap.FromKeys(1), features.Ids, [0, 0], [0, 1], [5, 1]);

        var model = Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { ItemFeatures = features, LikedFrom = 4 }).Fit(data);

        Assert.True(model.Score(0, 2) > 0 && model.Score(0, 3) < 0);
    }

    [Fact]
    public void Fit_FeaturizedText_FindsTheSameWords()
    {
        var texts = Ml.Data.LoadFromEnumerable(new[] { ("a", "a dog and a cat"), ("b", "the cat sleeps"), ("c", "rockets in space"), ("d", "space and rockets again") }.Select(row => new Text { Item = row.Item1, Plot = row.Item2 }).ToArray());
        var featurized = Ml.Transforms.Text.FeaturizeText("Words", "Plot").Fit(texts).Transform(texts);
        var features = Recommenders.Data.ReadFeatures(featurized, "Item", ["Words"]);
        var data = Interactions.Create(IdMap.FromKeys(1), features.Ids, [0], [2]);

        var model = Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { ItemFeatures = features }).Fit(data);

        Assert.Equal("d", features.Ids.GetText(model.TopItems(RecommenderQuery.ForUser(0), 1)[0].Item));
    }

    [Fact]
    public void Fit_NoFeaturesOrOfOtherItems_SaysWhatIsNeeded()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromText(["x"]), [0], [0]);

        Assert.Contains("ReadFeatures", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options()).Fit(data)).Message);
        var error = Assert.Throws<ArgumentException>(() => Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { ItemFeatures = Features([new("a", "comedy")], "Genres") }).Fit(data));
        Assert.Contains("'a'", error.Message);
        Assert.Contains("'x'", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { LikedFrom = float.NaN }));
    }

    [Theory]
    [InlineData(ContentSimilarity.Cosine)]
    [InlineData(ContentSimilarity.DotProduct)]
    public void WithItems_NewFilms_HaveTheVectorsOfTrainingsCategories(ContentSimilarity similarity)
    {
        var features = Features([new("a", "war", "old"), new("b", "love"), new("c", "war")], "Genres");
        var model = Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { ItemFeatures = features, Similarity = similarity })
            .Fit(Interactions.Create(IdMap.FromKeys(2), features.Ids, [0, 1], [0, 1]));

        var added = model.WithItems(Features([new("d", "new", "old", "war"), new("a", "love"), new("e", "new")], "Genres"));

        // As "a" is to who took it, whatever it is said to be now; of "e" nothing is known.
        Assert.Equal(["a", "b", "c", "d", "e"], Enumerable.Range(0, 5).Select(added.Items.GetText));
        Assert.Equal(model.Score(0, 0), added.Score(0, 0));
        Assert.Equal(model.Score(0, 0), added.Score(0, 3), 1e-6);
        Assert.False(added.IsKnownItem(4));
        Assert.Equal(0, added.Score(1, 3));
    }

    [Fact]
    public void ItemFeatures_CategoriesAndNumbers_AreTheEntriesOfTheVectorByWeight()
    {
        Film[] rows = [new("a", "g0", "g1") { Year = 1990 }, new("b", "g1") { Year = 2000 }, new("c") { Year = float.NaN }];
        var features = Features(rows, "Genres", "Year");
        var model = Recommenders.Trainers.ContentBased(new ContentBasedTrainer.Options { ItemFeatures = features, Similarity = ContentSimilarity.DotProduct })
            .Fit(Interactions.Create(IdMap.FromKeys(1), features.Ids, [0], [0]));
        var loaded = (ContentBasedModel)Saved(model);
        var vector = Dense(rows[0], rows, rarityExponent: 1);

        Assert.Equal(["Genres", "Year"], loaded.ItemFeatureNames);
        var found = loaded.ItemFeatures(0);
        Assert.Equal([("Genres", "g0"), ("Year", null), ("Genres", "g1")], found.Select(feature => (feature.Name, feature.Category)));
        Assert.Equal([vector[0], vector[5], vector[1]], found.Select(feature => (double)feature.Weight), (expected, actual) => Math.Abs(expected - actual) < 1e-6);
        Assert.Empty(loaded.ItemFeatures(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => loaded.ItemFeatures(-1));
        Assert.Empty(Recommenders.Trainers.Popularity().Fit(Interactions.Create(IdMap.FromKeys(1), features.Ids, [0], [0])).ItemFeatures(0));
    }

    private static RecommenderModel Saved(RecommenderModel model)
    {
        using var file = new MemoryStream();
        model.Save(file);
        file.Position = 0;
        return RecommenderModel.Load(file);
    }

    private static SideFeatures Features(Film[] rows, params string[] names) =>
        Recommenders.Data.ReadFeatures(Ml.Data.LoadFromEnumerable(rows), "Item", names.Length > 0 ? names : ["Genres", "Year", "IsSequel", "Numbers"]);

    private static double[] Dense(Film film, Film[] all, float rarityExponent)
    {
        string[] genres = ["g0", "g1", "g2", "g3", "film"];
        double[] years = [.. all.Where(other => !float.IsNaN(other.Year)).Select(other => (double)other.Year)];
        var deviation = Math.Sqrt(years.Average(year => Math.Pow(year - years.Average(), 2)));
        var length = Math.Sqrt(all.Average(other => other.Numbers.Sum(number => Known(number) * Known(number))));
        return
        [
            .. genres.Select(genre => !film.Genres.Contains(genre) ? 0 : Math.Pow(Math.Log(1 + (double)all.Length / all.Count(other => other.Genres.Contains(genre))), rarityExponent)),
            float.IsNaN(film.Year) ? 0 : (film.Year - years.Average()) / deviation,
            film.IsSequel,
            .. film.Numbers.Select(number => Known(number) / length),
        ];

        static double Known(float number) => float.IsNaN(number) ? 0 : number;
    }

    private static double[] Unit(double[] vector)
    {
        var length = Math.Sqrt(vector.Sum(value => value * value));
        return Array.ConvertAll(vector, value => length > 0 ? value / length : 0);
    }

    private sealed class Film
    {
        public Film()
        {
        }

        public Film(string item, params string[] genres) => (Item, Genres) = (item, genres);

        public string Item = "";
        public string[] Genres = [];
        public float Year;
        public float IsSequel;
        [VectorType(2)] public float[] Numbers = [0, 0];
    }

    private sealed class Text
    {
        public string Item = "", Plot = "";
    }

    private sealed class Taken
    {
        public string User = "", Item = "";
    }
}
