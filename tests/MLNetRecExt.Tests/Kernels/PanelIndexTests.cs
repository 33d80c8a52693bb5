using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public class PanelIndexTests
{
    public static TheoryData<int, int> Shapes()
    {
        var shapes = new TheoryData<int, int>();
        foreach (var rows in new[] { 1, 2, 3, 11, 12, 13, 23, 24, 25, 47, 48, 49, 97, 300 })
            foreach (var rank in new[] { 1, 2, 7, 16, 33, 64 })
                shapes.Add(rows, rank);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void DotScoreAndSearch_AnyShape_AgreeToTheBit(int rows, int rank)
    {
        CheckAgreement(rows, rank, decades: 0, fused: true);
        CheckAgreement(rows, rank, decades: 0, fused: false);
    }

    // Rows of very different length: most are left out by their bound.
    [Theory]
    [InlineData(300, 1, 4)]
    [InlineData(300, 2, 1)]
    [InlineData(300, 33, 1)]
    [InlineData(300, 33, 8)]
    [InlineData(300, 5, 70)]
    public void DotScoreAndSearch_LongAndShortRows_AgreeToTheBit(int rows, int rank, int decades)
    {
        CheckAgreement(rows, rank, decades, fused: true);
        CheckAgreement(rows, rank, decades, fused: false);
    }

    private static void CheckAgreement(int rows, int rank, int decades, bool fused)
    {
        var random = new Random(rows * 100 + rank);
        var matrix = RandomMatrix(random, rows, rank);
        for (int row = 0; row < rows; row++)
        {
            var scale = MathF.Pow(10, (random.NextSingle() - 0.5f) * decades);
            foreach (ref var value in matrix[row])
                value *= scale;
        }
        var order = Enumerable.Range(0, rows).ToArray();
        random.Shuffle(order);
        var index = new PanelIndex(matrix, order, fused: fused);
        const int Queries = 7;
        var queries = new float[8 * rank];
        foreach (ref var value in queries.AsSpan(0, Queries * rank))
            value = random.NextSingle() - 0.5f;

        foreach (var length in new[] { 1, 2, rows / 2 + 1, rows })
        {
            var (found, scores) = (new int[Queries * length], new float[Queries * length]);
            var lists = Enumerable.Range(0, Queries)
                .Select(q => new TopList(null, default, new(found, q * length, length), new(scores, q * length, length))).ToArray();
            index.Search(queries, lists);
            for (int q = 0; q < Queries; q++)
            {
                var query = queries.AsSpan(q * rank, rank);
                var all = new float[rows];
                index.Score(query, all);
                for (int row = 0; row < rows; row++)
                {
                    Assert.Equal(PanelIndex.Dot(query, matrix[row], fused), all[row]);
                    double exact = 0, size = 0;
                    for (int k = 0; k < rank; k++)
                    {
                        exact += (double)query[k] * matrix[row][k];
                        size += Math.Abs((double)query[k] * matrix[row][k]);
                    }
                    Assert.True(Math.Abs(all[row] - exact) <= rank * (1.2e-7 * size + float.Epsilon));
                }
                var expected = Enumerable.Range(0, rows).OrderByDescending(row => all[row]).ThenBy(row => row).Take(length).ToArray();
                Assert.Equal(expected.Length, lists[q].Sort());
                Assert.Equal(expected, found.AsSpan(q * length, expected.Length));
                Assert.Equal(expected.Select(row => all[row]).ToArray(), scores.AsSpan(q * length, expected.Length));
            }
        }
    }

    [Fact]
    public void Search_NaNAndInfiniteRows_TakesWhatScoresANumber()
    {
        var matrix = RandomMatrix(new Random(1), 200, 4);
        matrix.Padded.Fill(-1);
        matrix[7].Fill(float.NaN);
        matrix[50].Fill(float.PositiveInfinity);
        matrix[100].Fill(float.NegativeInfinity);
        matrix[150].Fill(1e-30f);
        matrix[151].Fill(1);
        var (rows, scores) = (new int[3], new float[3]);
        var lists = new[] { new TopList(null, default, rows, scores) };
        var queries = new float[4 * 4];
        queries.AsSpan(0, 4).Fill(1);
        new PanelIndex(matrix, Enumerable.Range(0, 200).ToArray()).Search(queries, lists);
        Assert.Equal(3, lists[0].Sort());
        Assert.Equal([50, 151, 150], rows);
        Assert.Equal([float.PositiveInfinity, 4, 4e-30f], scores);
    }

    // So many rows that threads share them, a third of them of one length, in an order that is not that of their indices.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_PackedByManyThreads_GivesTheListsOfOne(bool unitLength)
    {
        const int Rows = 20_000, Rank = 17, Length = 100;
        var matrix = RandomMatrix(new Random(8), Rows, Rank);
        for (int row = 0; row < Rows; row += 3)
            matrix[row].Fill(0.25f);
        int[] order = [.. Enumerable.Range(0, Rows).Select(row => row * 7 % Rows)];
        var query = RandomMatrix(new Random(9), 4, Rank).Padded[..(4 * Rank)].ToArray();
        (int[] Rows, float[] Scores, float[] All) Ask(int threads)
        {
            var index = new PanelIndex(matrix, order, unitLength, parallel: new() { MaxDegreeOfParallelism = threads });
            var (rows, scores, all) = (new int[Length], new float[Length], new float[Rows]);
            var lists = new[] { new TopList(null, default, rows, scores) };
            index.Search(query, lists);
            lists[0].Sort();
            index.Score(query.AsSpan(0, Rank), all);
            return (rows, scores, all);
        }

        var (one, four) = (Ask(1), Ask(4));
        Assert.Equal(one.Rows, four.Rows);
        Assert.Equal(one.Scores, four.Scores);
        Assert.Equal(one.All, four.All);
        Assert.Equal(Enumerable.Range(0, Rows).OrderByDescending(row => one.All[row]).ThenBy(row => row).Take(Length), one.Rows);
        if (!unitLength)
            Assert.Equal(Enumerable.Range(0, Rows).Select(row => PanelIndex.Dot(query.AsSpan(0, Rank), matrix[row])), one.All);
    }

    [Fact]
    public void Score_SomeRowsPacked_LeavesTheOthersAlone()
    {
        var matrix = RandomMatrix(new Random(1), 60, 5);
        var index = new PanelIndex(matrix, [59, 3]);
        var scores = new float[60];
        Array.Fill(scores, -7);
        index.Score(matrix[3], scores);
        Assert.Equal(58, scores.Count(score => score == -7));
        Assert.Equal(PanelIndex.Dot(matrix[3], matrix[59]), scores[59]);
    }

    [Fact]
    public void Search_EqualScoresPackedInReverse_GivesLowestRowsFirst()
    {
        var matrix = new AlignedMatrix(100, 3);
        matrix.Padded.Fill(1);
        var index = new PanelIndex(matrix, Enumerable.Range(0, 100).Reverse().ToArray());
        var rows = new int[10];
        var lists = new[] { new TopList(null, default, rows, new float[10]) };
        index.Search(new float[4 * 3], lists);
        Assert.Equal(10, lists[0].Sort());
        Assert.Equal(Enumerable.Range(0, 10), rows);
    }

    [Fact]
    public void UnitLength_AnyRow_ScoresCosines()
    {
        var matrix = RandomMatrix(new Random(5), 70, 9);
        matrix[69].Clear();
        var index = new PanelIndex(matrix, Enumerable.Range(0, 70).ToArray(), unitLength: true);
        var cosines = new float[70];
        var query = matrix[12].ToArray();
        index.Score(query, cosines);
        Assert.Equal(PanelIndex.Length(query), cosines[12], 1e-6f);
        Assert.True(float.IsNaN(cosines[69]));
        Assert.Equal(PanelIndex.Dot(query, matrix[13]) / PanelIndex.Length(matrix[13]), cosines[13], 1e-6f);
    }

    private static AlignedMatrix RandomMatrix(Random random, int rows, int rank)
    {
        var matrix = new AlignedMatrix(rows, rank);
        for (int row = 0; row < rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle() - 0.5f;
        return matrix;
    }
}
