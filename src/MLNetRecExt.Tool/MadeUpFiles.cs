using Compare;

namespace MLNetRecExt.Tool;

/// <summary>Files of a made-up film club: real enough to try the tool with.</summary>
internal static class MadeUpFiles
{
    public const string Ratings = "ratings.csv", Items = "items.csv";

    /// <summary>Writes the interactions and the films.</summary>
    /// <param name="folder">Where to; made where it is missing.</param>
    /// <param name="users">How many users.</param>
    /// <param name="seed">Same seed, same files.</param>
    /// <returns>How many interactions and films there are.</returns>
    public static (int Interactions, int Items) Write(string folder, int users, int seed)
    {
        var club = SyntheticData.Generate(seed, users);
        Directory.CreateDirectory(folder);
        TableFile.Write(Path.Combine(folder, Ratings), "\"user\" INTEGER, item INTEGER, \"timestamp\" BIGINT", appender =>
        {
            foreach (var (user, item, timestamp) in club.Interactions)
                appender.CreateRow().AppendValue(user).AppendValue(item).AppendValue(timestamp).EndRow();
        });
        const string columns = "item INTEGER, title VARCHAR, language VARCHAR, genres VARCHAR, \"year\" INTEGER";
        TableFile.Write(Path.Combine(folder, Items), columns, appender =>
        {
            foreach (var film in club.Items)
            {
                var genres = film.SecondGenre is null ? film.Genre : $"{film.Genre}|{film.SecondGenre}";
                appender.CreateRow().AppendValue(film.Id).AppendValue(film.Title).AppendValue(film.Language)
                    .AppendValue(genres).AppendValue(film.Year).EndRow();
            }
        });
        return (club.Interactions.Count, club.Items.Count);
    }
}
