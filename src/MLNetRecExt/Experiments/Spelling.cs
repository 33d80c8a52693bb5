namespace MLNetRecExt;

/// <summary>What somebody may have meant.</summary>
internal static class Spelling
{
    private const int MostEdits = 3;

    /// <summary><c>; did you mean 'wals'?</c> where a known word is near; empty where none is.</summary>
    public static string Suggest(string word, IEnumerable<string> known) =>
        known.MinBy(name => Edits(name, word)) is { } near && Edits(near, word) <= Math.Min(MostEdits, word.Length - 1)
            ? $"; did you mean '{near}'?" : "";

    /// <summary>Levenshtein's distance: letters to add, drop or change, whatever their case.</summary>
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, change));
            }
        }
        return row[^1];
    }
}
