namespace MLNetRecExt.Tests.Neighborhood;

/// <summary>Similarities and scores by their definitions, dense and in double precision.</summary>
internal sealed class DenseNeighbors
{
    private readonly NeighborhoodTrainerOptions _options;
    private readonly double[,] _labels, _weights, _x;
    private readonly bool[,] _taken;
    private readonly double _own;
    private readonly double[] _shares;

    /// <summary>Rows are items, or users with <paramref name="compareUsers"/>; columns are the others.</summary>
    public DenseNeighbors(Interactions data, NeighborhoodTrainerOptions options, bool compareUsers)
    {
        _options = options;
        (_own, var shared) = options switch
        {
            ItemKnnTrainer.Options items => (items.ItemExponent, items.UserExponent),
            UserKnnTrainer.Options users => (0.5, users.ItemExponent),
            _ => throw new ArgumentException("Neither items nor users.", nameof(options)),
        };
        (Rows, Columns) = compareUsers ? (data.Users.Count, data.Items.Count) : (data.Items.Count, data.Users.Count);
        (_labels, _weights, _x, _taken) = (new double[Rows, Columns], new double[Rows, Columns], new double[Rows, Columns], new bool[Rows, Columns]);
        Means = new double[data.Users.Count];
        for (int user = 0; user < data.Users.Count; user++)
        {
            var items = data.ByUser.Indices(user);
            for (int e = 0; e < items.Length; e++)
            {
                var (row, column) = compareUsers ? (user, items[e]) : (items[e], user);
                _taken[row, column] = true;
                _labels[row, column] = data.ByUser.Labels(user)[e];
                _weights[row, column] = data.ByUser.Weights(user)[e];
                Means[user] += _labels[row, column] / items.Length;
            }
        }
        _shares = [.. Enumerable.Range(0, Columns).Select(column => Enumerable.Range(0, Rows).Count(row => _taken[row, column]))
            .Select(takers => takers == 0 || options.Similarity == NeighborSimilarity.Jaccard ? 1 : Math.Pow(takers, -shared))];
        var known = Enumerable.Range(0, Rows).Count(row => Size(row) > 0);
        var lengths = Enumerable.Range(0, Rows).Select(row => Enumerable.Range(0, Columns).Sum(column => Math.Max(0, _labels[row, column] * _weights[row, column]))).ToArray();
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++)
                if (_taken[row, column])
                {
                    var value = _labels[row, column] * _weights[row, column];
                    var rarity = Math.Log((1.0 + known) / (1 + Enumerable.Range(0, Rows).Count(other => _taken[other, column])));
                    var k = options.Bm25K;
                    _x[row, column] = options.Similarity switch
                    {
                        NeighborSimilarity.Cosine => value,
                        NeighborSimilarity.AdjustedCosine => _weights[row, column] * (_labels[row, column] - Means[compareUsers ? row : column]),
                        NeighborSimilarity.Jaccard => 1,
                        NeighborSimilarity.TfIdf => Math.Sqrt(value) * rarity,
                        _ => value * (k + 1) / (value + k * (1 - options.Bm25B + options.Bm25B * lengths[row] / (lengths.Sum() / known))) * rarity,
                    };
                }
    }

    public int Rows { get; }

    public int Columns { get; }

    public double[] Means { get; }

    public double Similarity(int row, int other)
    {
        var jaccard = _options.Similarity == NeighborSimilarity.Jaccard;
        double product = 0, norm = 0, otherNorm = 0;
        for (int column = 0; column < Columns; column++)
        {
            product += _shares[column] * _x[row, column] * _x[other, column];
            norm += _x[row, column] * _x[row, column];
            otherNorm += _x[other, column] * _x[other, column];
        }
        var size = jaccard ? norm + otherNorm - product : Math.Pow(Math.Sqrt(norm), 2 * _own) * Math.Pow(Math.Sqrt(otherNorm), 2 * _options.NeighborExponent);
        return product <= 0 ? 0 : Math.Pow(product / (size + _options.Shrinkage), _options.SimilarityExponent);
    }

    /// <summary>What the entries of a column make of the score of a row, given the row's neighbors: Σ similarity · weight · opinion, and Σ similarity · weight.</summary>
    public (double Sum, double Total) Combine(IEnumerable<int> neighbors, int row, int column, Func<int, double> mean)
    {
        double sum = 0, total = 0;
        foreach (var neighbor in neighbors.Where(neighbor => _taken[neighbor, column]))
        {
            var weight = Similarity(row, neighbor) * _weights[neighbor, column];
            sum += weight * (_labels[neighbor, column] - mean(neighbor));
            total += weight;
        }
        return (sum, total);
    }

    private int Size(int row) => Enumerable.Range(0, Columns).Count(column => _taken[row, column]);
}
