using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class QueryTowerTests
{
    private const int Inputs = 5, Hidden = 40, Outputs = 3, Batch = 50, Seed = 11, Stream = 700;

    private static readonly SoftmaxDnnSettings Settings = new(RecencyHalfLife: 0, Temperature: 0, SkipConnection: false);

    private static AlignedMatrix RandomMatrix(Random random, int rows, int columns)
    {
        var matrix = new AlignedMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle() - 0.5f;
        return matrix;
    }

    private static (QueryTower Tower, AlignedMatrix[] Activations) Forward(float dropout, long stream = Stream, int first = 0, int count = Batch)
    {
        var random = new Random(1);
        var tower = new QueryTower(RandomMatrix(random, 1, Inputs), [RandomMatrix(random, Inputs + 1, Hidden), RandomMatrix(random, Hidden + 1, Outputs)], Settings);
        var activations = tower.NewActivations(Batch);
        RandomMatrix(random, Batch, Inputs).Padded.CopyTo(activations[0].Padded);
        tower.Forward(activations, first, count, dropout, Seed, stream);
        return (tower, activations);
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void Forward_Dropout_DropsThatShareAndScalesTheOthersUp(float dropout)
    {
        var (plain, dropped) = (Forward(0).Activations[1], Forward(dropout).Activations[1]);
        var (positive, kept) = (0, 0);
        for (int row = 0; row < Batch; row++)
            for (int k = 0; k < Hidden; k++)
            {
                if (dropped[row][k] != 0)
                {
                    Assert.Equal(plain[row][k] / (1 - dropout), dropped[row][k], 1e-5);
                    kept++;
                }
                positive += plain[row][k] > 0 ? 1 : 0;
            }
        // 5 standard deviations of a binomial number.
        Assert.Equal(positive * (1 - dropout), kept, 5 * Math.Sqrt(positive * dropout * (1 - dropout)));
    }

    [Fact]
    public void Forward_Dropout_IsRandomByRowAndStreamAndTheSameOnceMore()
    {
        bool[] Mask(AlignedMatrix values, int row) => [.. values[row].ToArray().Select(value => value != 0)];
        var whole = Forward(0.5f).Activations[1];

        var (plain, part, other) = (Forward(0).Activations[1], Forward(0.5f, first: 7, count: 2).Activations[1], Forward(0.5f, Stream + Batch).Activations[1]);
        for (int row = 7; row < 9; row++)
            Assert.Equal(whole[row].ToArray(), part[row].ToArray());
        // What one row keeps says nothing of the next, nor of the next batch: half agrees where both could be kept.
        var (agree, all) = (0, 0);
        for (int row = 0; row + 1 < Batch; row++)
            for (int k = 0; k < Hidden; k++)
                foreach (var (values, at) in new[] { (whole, row + 1), (other, row) })
                    if (plain[row][k] > 0 && plain[at][k] > 0)
                        (agree, all) = (agree + (Mask(whole, row)[k] == Mask(values, at)[k] ? 1 : 0), all + 1);
        Assert.Equal(all / 2.0, agree, 5 * Math.Sqrt(all / 4.0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4f)]
    public void Backward_Dropout_EqualsFiniteDifferences(float dropout)
    {
        var (tower, activations) = Forward(dropout);
        var gradients = tower.NewActivations(Batch);
        RandomMatrix(new Random(2), Batch, Outputs).Padded.CopyTo(gradients[^1].Padded);
        var transposed = Array.ConvertAll(tower.Layers, layer => new AlignedMatrix(layer.Columns, layer.Rows - 1));
        for (int layer = 0; layer < transposed.Length; layer++)
            for (int i = 0; i < transposed[layer].Columns; i++)
                for (int j = 0; j < transposed[layer].Rows; j++)
                    transposed[layer][j][i] = tower.Layers[layer][i][j];
        var weightGradients = Array.ConvertAll(tower.Layers, layer => new AlignedMatrix(layer.Rows, layer.Columns));

        tower.Backward(activations, gradients, transposed, 0, Batch, dropout);
        for (int layer = 0; layer < weightGradients.Length; layer++)
            QueryTower.WeightGradient(activations[layer], gradients[layer + 1], Batch, weightGradients[layer], 0, weightGradients[layer].Rows);

        // ⟨outputs, their gradients⟩ in double, with the hidden values that the forward pass kept.
        var (x, layers) = (Copy(activations[0]), Array.ConvertAll(tower.Layers, Copy));
        double Value()
        {
            double value = 0;
            for (int row = 0; row < Batch; row++)
            {
                var hidden = Product(x[row], layers[0]);
                for (int k = 0; k < Hidden; k++)
                    hidden[k] = activations[1][row][k] == 0 ? 0 : hidden[k] / (1 - dropout);
                var output = Product(hidden, layers[1]);
                for (int k = 0; k < Outputs; k++)
                    value += output[k] * gradients[^1][row][k];
            }
            return value;
        }
        void Check(double[] row, int k, float gradient)
        {
            const double Step = 1e-6;
            var at = row[k];
            row[k] = at + Step;
            var above = Value();
            row[k] = at - Step;
            var below = Value();
            row[k] = at;
            Assert.Equal((above - below) / (2 * Step), gradient, 2e-5);
        }
        for (int row = 0; row < Batch; row += 9)
            Check(x[row], row % Inputs, gradients[0][row][row % Inputs]);
        for (int layer = 0; layer < layers.Length; layer++)
            for (int row = 0; row < layers[layer].Length; row++)
                Check(layers[layer][row], row % layers[layer][row].Length, weightGradients[layer][row][row % layers[layer][row].Length]);
    }

    private static double[] Product(double[] x, double[][] layer)
    {
        var y = (double[])layer[^1].Clone();
        for (int i = 0; i < x.Length; i++)
            for (int j = 0; j < y.Length; j++)
                y[j] += x[i] * layer[i][j];
        return y;
    }

    private static double[][] Copy(AlignedMatrix matrix) =>
        [.. Enumerable.Range(0, matrix.Rows).Select(row => Array.ConvertAll(matrix[row].ToArray(), value => (double)value))];
}
