using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed unsafe class RowTermsTests
{
    [Theory]
    [InlineData(1, 3000)]
    [InlineData(2, 10)]
    [InlineData(5000, 1)]
    [InlineData(5000, 9000)]
    [InlineData(10_000_000, 9000)]
    public void AddTo_SortedTerms_SumsEachRowInOrderOfMention(int rows, int terms)
    {
        var random = new Random(rows);
        var sources = new AlignedMatrix(50, 20);
        foreach (ref var value in sources.Padded)
            value = random.NextSingle() - 0.5f;
        var gradient = new RowTerms(rows);
        // The second batch finds what the first left.
        for (int batch = 0; batch < 2; batch++)
        {
            gradient.Clear();
            var expected = new SortedDictionary<int, List<(int Source, float Coefficient)>>();
            for (int t = 0; t < terms; t++)
            {
                var (row, source, coefficient) = ((int)(rows * Math.Pow(random.NextDouble(), 4)), random.Next(50), random.NextSingle());
                gradient.Add(row, source, coefficient);
                if (!expected.ContainsKey(row))
                    expected[row] = [];
                expected[row].Add((source, coefficient));
            }
            gradient.Sort();

            Assert.Equal(terms, gradient.Count);
            var (term, squares) = (0, 0.0);
            foreach (var (row, parts) in expected)
            {
                Assert.Equal(row, gradient.SortedRows[term]);
                Assert.Equal(term, gradient.StartOfRow(term));
                Assert.Equal(term, gradient.FirstOf(row));
                Assert.Equal(term + parts.Count, gradient.FirstOf(row + 1));
                Assert.Equal(term + parts.Count, gradient.EndOfRow(term));
                if (parts.Count > 1)
                    Assert.Equal(term + parts.Count, gradient.StartOfRow(term + 1));
                var sum = new float[sources.Stride];
                fixed (float* values = sum)
                    gradient.AddTo(values, sources, term, term + parts.Count);
                for (int k = 0; k < 20; k++)
                {
                    var exact = parts.Sum(part => (double)part.Coefficient * sources[part.Source][k]);
                    Assert.Equal(exact, sum[k], 1e-6 * parts.Count);
                }
                squares += sum.Sum(value => (double)value * value);
                term += parts.Count;
            }
            Assert.Equal(squares, gradient.SquaredLength(sources, new TrainingThreads(2, default)), 1e-5 * squares);
        }
    }
}
