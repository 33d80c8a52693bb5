namespace MLNetRecExt;

/// <summary>How far scores are from the labels of held-out pairs: what RMSE, MAE and coverage are made of, in columns of a
/// <see cref="UserSample"/>.</summary>
internal static class PairErrors
{
    /// <summary>Sums over a user's pairs: squared and absolute errors of those with a score, their number, the number of all, squared and
    /// absolute errors of all.</summary>
    public const int Columns = 6;

    /// <param name="first">The first of the <see cref="Columns"/>.</param>
    public static IEnumerable<UserSample.Metric> Metrics(int first) =>
    [
        new("RMSE", first, first + 2, Root: true, LowerIsBetter: true),
        new("MAE", first + 1, first + 2, LowerIsBetter: true),
        new("PairCoverage", first + 2, first + 3),
        new("AllPairsRMSE", first + 4, first + 3, Root: true, LowerIsBetter: true),
        new("AllPairsMAE", first + 5, first + 3, LowerIsBetter: true),
    ];

    /// <param name="row">Where the sums go.</param>
    /// <param name="model">Stands in for scores that are missing.</param>
    /// <param name="heldOut">Pairs by user.</param>
    /// <param name="user">The user.</param>
    /// <param name="scores">A score for each of the user's pairs; NaN where there is none.</param>
    public static void Measure(Span<double> row, RecommenderModel model, InteractionRows heldOut, int user, ReadOnlySpan<float> scores)
    {
        var items = heldOut.Indices(user);
        var labels = heldOut.Labels(user);
        row[..Columns].Clear();
        for (int e = 0; e < items.Length; e++)
        {
            var scored = !float.IsNaN(scores[e]);
            var error = (scored ? scores[e] : model.ScoreUnknown(user, items[e])) - (labels.IsEmpty ? 1.0 : labels[e]);
            if (scored)
            {
                row[0] += error * error;
                row[1] += Math.Abs(error);
                row[2]++;
            }
            row[3]++;
            row[4] += error * error;
            row[5] += Math.Abs(error);
        }
    }
}
