namespace MLNetRecExt.Tests.Data;

public class TranspositionTests
{
    [Theory]
    [InlineData(0, 3, 1, 2, false, false)]
    [InlineData(300, 40, 40, 2, true, true)]
    [InlineData(300, 40, 40, 1, false, true)]
    [InlineData(1, 1, 1, 4, true, true)]
    [InlineData(400, 5, 5, 1, true, true)]
    [InlineData(400, 5, 5, 2, true, false)]
    [InlineData(400, 5, 5, 3, false, true)]
    [InlineData(400, 5, 5, 16, false, false)]
    [InlineData(300, 40, 7, 4, true, true)]
    [InlineData(2, 900, 900, 3, true, true)]
    public void Of_AnyThreadsAndBlocks_HasPlacesAscendingInEachColumn(int rows, int columns, int most, int threads, bool labels, bool weights)
    {
        var random = new Random(rows + threads);
        var all = RandomRows(random, rows, columns, most, labels, weights);
        var order = Enumerable.Range(0, rows).ToArray();
        random.Shuffle(order);

        var transposed = Transposition.Of(all, columns, order, new() { MaxDegreeOfParallelism = threads });

        var expected = from place in Enumerable.Range(0, rows)
                       from e in Enumerable.Range(0, all.Length(order[place]))
                       let column = all.Indices(order[place])[e]
                       orderby column, place
                       select (column, place, Value(all.Labels(order[place]), e), Value(all.Weights(order[place]), e));
        var found = from column in Enumerable.Range(0, transposed.RowCount)
                    from e in Enumerable.Range(0, transposed.Length(column))
                    select (column, transposed.Indices(column)[e], Value(transposed.Labels(column), e), Value(transposed.Weights(column), e));
        Assert.Equal(expected, found);
        Assert.Equal((columns, labels, weights), (transposed.RowCount, transposed.HasLabels, transposed.HasWeights));
        Assert.Equal(all.EntryCount + InteractionRows.Padding, transposed.IndexArray.Length);
    }

    [Fact]
    public void Transpose_Twice_GivesTheSameRows()
    {
        var rows = RandomRows(new Random(1), 500, 6, 6, labels: true, weights: true);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 3 };

        var again = rows.Transpose(6, parallel: parallel).Transpose(500, parallel: parallel);

        Assert.Equal(rows.OffsetArray, again.OffsetArray);
        Assert.Equal(rows.IndexArray, again.IndexArray);
        Assert.Equal(rows.LabelArray, again.LabelArray);
        Assert.Equal(rows.WeightArray, again.WeightArray);
    }

    [Fact]
    public void Transpose_Cancelled_Throws()
    {
        var rows = RandomRows(new Random(1), 10, 6, 6, labels: false, weights: false);
        var parallel = new ParallelOptions { CancellationToken = new(canceled: true) };

        Assert.ThrowsAny<OperationCanceledException>(() => rows.Transpose(6, parallel: parallel));
    }

    private static float Value(ReadOnlySpan<float> values, int e) => values.IsEmpty ? 1 : values[e];

    private static InteractionRows RandomRows(Random random, int rows, int columns, int most, bool labels, bool weights)
    {
        List<int> offsets = [0], indices = [];
        for (int row = 0; row < rows; row++)
        {
            var taken = Enumerable.Range(0, columns).ToArray();
            random.Shuffle(taken);
            indices.AddRange(taken.Take(random.Next(most + 1)).Order());
            offsets.Add(indices.Count);
        }
        return new([.. offsets], Padded(indices), labels ? Values() : null, weights ? Values() : null, null);

        float[] Values() => Padded(indices.Select(_ => random.NextSingle()));

        static T[] Padded<T>(IEnumerable<T> values) => [.. values, .. new T[InteractionRows.Padding]];
    }
}
