using System.Globalization;

namespace MLNetRecExt.Benchmarks;

/// <summary>The Matrix Market exchange format: text that SciPy (<c>scipy.io.mmread</c>), Eigen (<c>loadMarket</c>) and others read.</summary>
internal static class MatrixMarketFile
{
    /// <summary>Writes users × items, from 1, with labels.</summary>
    public static void Write(InteractionRows byUser, int itemCount, string path)
    {
        using var file = new StreamWriter(path) { NewLine = "\n" };
        file.WriteLine("%%MatrixMarket matrix coordinate real general");
        file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{byUser.RowCount} {itemCount} {byUser.EntryCount}"));
        for (int user = 0; user < byUser.RowCount; user++)
        {
            var items = byUser.Indices(user);
            var labels = byUser.Labels(user);
            for (int e = 0; e < items.Length; e++)
                file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{user + 1} {items[e] + 1} {(labels.IsEmpty ? 1 : labels[e])}"));
        }
    }
}
