namespace MLNetRecExt;

/// <summary>What columns are usually called, by what they hold. Capitals, spaces, hyphens and underscores do not count.</summary>
internal static class ColumnNames
{
    public static readonly string[] Users =
    [
        "user", "userid", "customer", "customerid", "member", "memberid", "visitor", "visitorid", "reviewer", "reviewerid",
    ];

    public static readonly string[] Items =
    [
        "item", "itemid", "movie", "movieid", "product", "productid", "article", "articleid", "book", "bookid", "track", "trackid",
        "artist", "artistid", "business", "businessid", "isbn", "asin", "sku",
    ];

    public static readonly string[] Labels = ["rating", "label", "score", "stars", "overall"];

    public static readonly string[] Timestamps = ["timestamp", "time", "date", "datetime", "createdat", "unixreviewtime"];

    public static readonly string[] Titles = ["title", "name"];

    private static readonly HashSet<string> All = [.. Users, .. Items, .. Labels, .. Timestamps, .. Titles];

    /// <summary>Whether a name is one of the usual ones.</summary>
    public static bool Contains(string[] usual, string name) => Array.IndexOf(usual, Plain(name)) >= 0;

    /// <summary>Whether a name is a usual one of any column.</summary>
    public static bool IsUsual(string name) => All.Contains(Plain(name));

    /// <summary>Whether a column seems to hold ids, of whatever.</summary>
    public static bool EndsInId(string name) => Plain(name).EndsWith("id", StringComparison.Ordinal);

    /// <summary>Where a name stands among those of a header, or −1.</summary>
    /// <exception cref="ArgumentException">It stands there twice.</exception>
    public static int Find(string path, string[] names, string name)
    {
        var (first, last) = (Array.IndexOf(names, name), Array.LastIndexOf(names, name));
        return first == last ? first : throw new ArgumentException(
            $"The first line of {path} names two columns '{name}', {first} and {last}, counted from 0. Rename one of them there.");
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
