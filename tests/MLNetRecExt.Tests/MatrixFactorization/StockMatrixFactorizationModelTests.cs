using Microsoft.ML;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class StockMatrixFactorizationModelTests
{
    [Theory]
    [InlineData(1, 5, 1)]
    [InlineData(30, 40, 7)]
    [InlineData(20, 2500, 64)] // more than one block of items
    public void Scores_AnyShape_AreSumsInOrderToTheBitAndListsFollowThem(int users, int items, int rank)
    {
        var (userFactors, itemFactors) = (Random(users, rank, 1), Random(items, rank, 2));
        var model = Model(userFactors, itemFactors, new int[users + 1]);
        var scores = new float[items];
        for (int user = 0; user < users; user++)
        {
            model.ScoreItems(RecommenderQuery.ForUser(user), scores);
            var expected = Enumerable.Range(0, items).Select(item => Sum(userFactors[user], itemFactors[item])).ToArray();
            Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), scores.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), Enumerable.Range(0, items).Select(item => BitConverter.SingleToInt32Bits(model.Score(user, item))));
            Assert.Equal(
                Enumerable.Range(0, items).OrderByDescending(item => expected[item]).ThenBy(item => item).Take(9).Select(item => new ItemScore(item, expected[item])),
                model.TopItems(RecommenderQuery.ForUser(user), 9));
        }

        static float Sum(Span<float> p, Span<float> q)
        {
            float sum = 0;
            for (int k = 0; k < p.Length; k++)
                sum += p[k] * q[k];
            return sum;
        }
    }

    [Fact]
    public void UnknownUsersAndItems_AreThoseWithNaN()
    {
        var (userFactors, itemFactors) = (Random(3, 2, 1), Random(4, 2, 2));
        userFactors[1].Fill(float.NaN);
        itemFactors[2].Fill(float.NaN);
        var model = Model(userFactors, itemFactors, new int[4]);

        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(model.IsKnownUser));
        Assert.Equal([true, true, false, true], Enumerable.Range(0, 4).Select(model.IsKnownItem));
        Assert.Empty(model.TopItems(RecommenderQuery.ForUser(1), 3));
        Assert.Equal([0, 1, 3], model.TopItems(RecommenderQuery.ForUser(0), 4).Select(entry => entry.Item).Order());
        Assert.Equal([1, 3], model.SimilarItems(0, 4).Select(entry => entry.Item).Order());
        Assert.False(model.IsKnownUser(3));
        Assert.False(model.IsKnownItem(-1));
    }

    [Fact]
    public void ModelSaveAndLoad_Transformer_GivesTheModelBack()
    {
        var (userFactors, itemFactors) = (Random(5, 3, 1), Random(6, 3, 2));
        itemFactors[2].Fill(float.NaN);
        var model = Model(userFactors, itemFactors, [0, 1, 1, 1, 1, 1]);
        var ml = new MLContext();
        var data = ml.Data.LoadFromEnumerable(new Row[] { new() { User = 1, Item = 3 } });
        using var stream = new MemoryStream();

        ml.Model.Save(ml.Recommenders().Transforms.Score(model).Fit(data), data.Schema, stream);
        stream.Position = 0;
        var loaded = Assert.IsType<StockMatrixFactorizationModel>(ml.Model.Load(stream, out _).AsRecommender());

        for (int user = 0; user < 5; user++)
            Assert.Equal(model.TopItems(RecommenderQuery.ForUser(user), 6), loaded.TopItems(RecommenderQuery.ForUser(user), 6));
        // User 0 took item 0.
        Assert.DoesNotContain(loaded.TopItems(RecommenderQuery.ForUser(0), 6), entry => entry.Item == 0);
    }

    private static StockMatrixFactorizationModel Model(AlignedMatrix userFactors, AlignedMatrix itemFactors, int[] offsets) => new(
        IdMap.FromKeys(userFactors.Rows), IdMap.FromKeys(itemFactors.Rows),
        new InteractionRows(offsets, new int[offsets[^1] + InteractionRows.Padding], null, null, null), userFactors, itemFactors);

    private static AlignedMatrix Random(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var matrix = new AlignedMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle() - 0.3f;
        return matrix;
    }

    private sealed class Row
    {
        [Microsoft.ML.Data.KeyType(5)]
        public uint User;

        [Microsoft.ML.Data.KeyType(6)]
        public uint Item;
    }
}
