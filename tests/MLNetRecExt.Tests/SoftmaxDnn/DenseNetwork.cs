using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.SoftmaxDnn;

/// <summary>The trainer's loss in double precision and by its formula: what gradients are checked against by finite differences.</summary>
internal sealed class DenseNetwork
{
    private readonly SoftmaxDnnTraining _training;
    private readonly SoftmaxDnnTrainer.Options _options;
    private readonly int _count;

    public DenseNetwork(SoftmaxDnnTraining training, SoftmaxDnnTrainer.Options options, int count)
    {
        _training = training;
        _options = options;
        _count = count;
        Items = Copy(training.Items.Values);
        Histories = options.ShareItemEmbeddings ? Items : Copy(training.Histories.Values);
        UserFeatures = Copy(training.UserFeatures.Table.Values);
        ItemFeatures = Copy(training.ItemFeatures.Table.Values);
        Layers = Array.ConvertAll(training.Layers, layer => Copy(layer.Values));
    }

    public double[][] Items { get; }

    public double[][] Histories { get; }

    public double[][] UserFeatures { get; }

    public double[][] ItemFeatures { get; }

    public double[][][] Layers { get; }

    /// <summary>Mean over the batch of −Σ t log p.</summary>
    public double Loss()
    {
        double loss = 0;
        for (int b = 0; b < _count; b++)
        {
            var example = _training.Batch.Examples[b];
            var psi = Query(example);
            double Score(int item)
            {
                var v = (double[])Items[item].Clone();
                AddFeatures(v, _training.ItemFeatures.Of, item, ItemFeatures);
                v = Direction(v, 1);
                return psi.Zip(v, (x, y) => x * y).Sum();
            }
            double sum = _options.NegativeSampling == NegativeSampling.None ? 1 : 0;
            foreach (var item in example.Labels)
                sum += Math.Exp(Score(item));
            for (int i = 0; i < _training.Batch.Pool.Count; i++)
                if (_training.Batch.Pool[i] is var item && !example.Labels.Contains(item) && !example.History.Contains(item))
                    sum += Math.Exp(Score(item) + _training.Batch.Offsets[i]);
            for (int l = 0; l < example.Labels.Count; l++)
                loss += example.Targets[l] * (Math.Log(sum) - Score(example.Labels[l]));
        }
        return loss / _count;
    }

    /// <summary>∂loss/∂w by central differences.</summary>
    public double Slope(double[] row, int k)
    {
        const double Step = 1e-6;
        var at = row[k];
        row[k] = at + Step;
        var above = Loss();
        row[k] = at - Step;
        var below = Loss();
        row[k] = at;
        return (above - below) / (2 * Step);
    }

    private double[] Query(TrainingExample example)
    {
        var x = new double[Histories[0].Length];
        for (int e = 0; e < example.History.Count; e++)
        {
            var h = (double[])Histories[example.History[e]].Clone();
            if (_options.ShareItemEmbeddings)
                AddFeatures(h, _training.ItemFeatures.Of, example.History[e], ItemFeatures);
            for (int k = 0; k < x.Length; k++)
                x[k] += example.Shares[e] * h[k];
        }
        AddFeatures(x, _training.UserFeatures.Of, example.User, UserFeatures);
        var input = x;
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            var weights = Layers[layer];
            var y = (double[])weights[^1].Clone();
            for (int i = 0; i < x.Length; i++)
                for (int j = 0; j < y.Length; j++)
                    y[j] += x[i] * weights[i][j];
            x = layer == Layers.Length - 1 ? y : Array.ConvertAll(y, value => Math.Max(0, value));
        }
        if (_options.SkipConnection && Layers.Length > 0)
            x = [.. x.Zip(input, (y, skipped) => y + skipped)];
        return Direction(x, _options.Temperature!.Value);
    }

    private static void AddFeatures(double[] sums, FeatureRows features, int index, double[][] table)
    {
        var rows = features.Rows(index);
        for (int f = 0; f < rows.Length; f++)
            for (int k = 0; k < sums.Length; k++)
                sums[k] += features.Coefficients(index)[f] * table[rows[f]][k];
    }

    private double[] Direction(double[] vector, double temperature)
    {
        if (_options.Temperature == 0)
            return vector;
        var length = Math.Sqrt(vector.Sum(value => value * value));
        return length == 0 ? vector : Array.ConvertAll(vector, value => value / length / temperature);
    }

    private static double[][] Copy(AlignedMatrix matrix) =>
        [.. Enumerable.Range(0, matrix.Rows).Select(row => Array.ConvertAll(matrix[row].ToArray(), value => (double)value))];
}
