namespace MLNetRecExt.Benchmarks;

/// <summary>
/// <see cref="PowerLawData"/> with ratings to be found again: 3.5 + b_u + b_i + ⟨p_u, q_i⟩ + noise, biases of deviation 0.4, ten factors whose
/// product has deviation 0.5, noise of deviation 0.7. A fiftieth of the entries is held out.
/// </summary>
internal static class PlantedRatings
{
    public const double Noise = 0.7;
    private const int Factors = 10;

    public static InteractionSplit Generate()
    {
        var data = PowerLawData.Generate();
        var rows = data.ByUser;
        var users = Draw(data.Users.Count, stream: 1);
        var items = Draw(data.Items.Count, stream: 2);
        var random = new SeededRandom(20, 3);
        var parts = new SplitPart[data.Count];
        for (int user = 0; user < rows.RowCount; user++)
        {
            for (int e = rows.Offsets[user]; e < rows.Offsets[user + 1]; e++)
            {
                var (p, q) = (users[user], items[rows.IndexArray[e]]);
                var rating = 3.5 + p[Factors] + q[Factors] + Noise * random.NextGaussian();
                for (int k = 0; k < Factors; k++)
                    rating += p[k] * q[k];
                rows.LabelArray![e] = (float)rating;
                parts[e] = random.Next(50) == 0 ? SplitPart.Test : SplitPart.Train;
            }
        }
        return new InteractionSplit(data, parts);
    }

    private static double[][] Draw(int count, int stream)
    {
        var random = new SeededRandom(20, stream);
        var rows = new double[count][];
        for (int row = 0; row < count; row++)
        {
            rows[row] = new double[Factors + 1];
            for (int k = 0; k < Factors; k++)
                rows[row][k] = Math.Sqrt(0.5 / Math.Sqrt(Factors)) * random.NextGaussian();
            rows[row][Factors] = 0.4 * random.NextGaussian();
        }
        return rows;
    }
}
