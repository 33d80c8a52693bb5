using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reading interactions into memory, by way of <c>mlContext.Recommenders().Data</c>.</summary>
public sealed class RecommenderDataCatalog
{
    private readonly IHost _host;

    internal RecommenderDataCatalog(MLContext mlContext) => _host = ((IHostEnvironment)mlContext).Register("RecommenderData");

    /// <summary>Reads a view once into a sparse user × item matrix.</summary>
    /// <param name="data">Rows of one interaction each, in any order.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c> alone.</param>
    /// <param name="options">What repeated and bad rows get, and whose ids come first: <c>new() { IdsOf = train }</c> for a held-out part.
    /// Null for the defaults.</param>
    /// <returns>The interactions, with their ids and the number of rows of each kind.</returns>
    /// <exception cref="ArgumentException">A column is missing, has a wrong type, or cannot continue the ids of
    /// <paramref name="options"/>; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">A row is bad and <see cref="InteractionReadOptions.BadRows"/> is
    /// <see cref="BadRowHandling.Throw"/>: the message names row, column and value; or <see cref="DuplicateHandling.Sum"/> of the rows of a
    /// (user, item) is not finite: the message names both.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="InteractionReadOptions.CancellationToken"/>.</exception>
    public Interactions ReadInteractions(IDataView data, InteractionColumns? columns = null, InteractionReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var channel = _host.Start("Reading");
        return InteractionReader.Read(data, columns ?? new(), options ?? new(), channel);
    }

    /// <summary>
    /// Reads a delimited text file into a sparse user × item matrix, straight from its bytes and on all cores: the same as reading it by a
    /// <see cref="TextLoader"/>, at a small part of the time.
    /// </summary>
    /// <example><code>
    /// var train = recommenders.Data.ReadInteractions("train.csv");
    /// var test = recommenders.Data.ReadInteractions("test.csv", options: new() { IdsOf = train });
    /// </code></example>
    /// <param name="path">A UTF-8 text file of one interaction per line.</param>
    /// <param name="file">Where the columns are and what they hold; null: as <see cref="InteractionFileOptions.Infer"/> finds it out,
    /// which is logged.</param>
    /// <param name="options">What repeated and bad rows get, and whose ids come first: <c>new() { IdsOf = train }</c> for a held-out part.
    /// Null for the defaults.</param>
    /// <returns>The interactions, with their ids and the number of rows of each kind.</returns>
    /// <remarks>Memory at its peak, beyond the result: 8 bytes per row, 4 more for a label and for a weight, 8 for a timestamp; and some
    /// 40 MB for each thread.</remarks>
    /// <exception cref="ArgumentException">An option is bad, a column is missing or its name stands twice in the header, or the ids of
    /// <paramref name="options"/> cannot be continued; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">The file is empty, no UTF-8 text, lacks its header, does not show where its columns are, or
    /// has no known length, as a pipe has none; or a row is bad and <see cref="InteractionReadOptions.BadRows"/> is
    /// <see cref="BadRowHandling.Throw"/>: the message names file, line, column and value; or <see cref="DuplicateHandling.Sum"/> of the
    /// rows of a (user, item) is not finite: the message names both.</exception>
    /// <exception cref="IOException">The file is missing, cannot be read, or became shorter while it was read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="InteractionReadOptions.CancellationToken"/>.</exception>
    public Interactions ReadInteractions(string path, InteractionFileOptions? file = null, InteractionReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadInteractions([path], file, options);
    }

    /// <summary>Reads delimited text files, one after the other, into one sparse user × item matrix. Each file's header tells where its
    /// columns are.</summary>
    /// <param name="paths">UTF-8 text files of one interaction per line, with columns of the same names.</param>
    /// <param name="file">Where the columns are and what they hold; null: as <see cref="InteractionFileOptions.Infer"/> finds it out of
    /// the first file, which is logged.</param>
    /// <param name="options">What repeated and bad rows get, and whose ids come first. Null for the defaults.</param>
    /// <inheritdoc cref="ReadInteractions(string, InteractionFileOptions?, InteractionReadOptions?)"/>
    public Interactions ReadInteractions(
        IReadOnlyList<string> paths, InteractionFileOptions? file = null, InteractionReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0)
            throw new ArgumentException("No file is named; name at least one.", nameof(paths));
        using var channel = _host.Start("Reading");
        if (file is null)
        {
            file = InteractionFileOptions.Infer(paths[0]);
            channel.Info(MessageSensitivity.None, $"{paths[0]} is taken for {file}.");
        }
        return InteractionFileReader.Read(paths, file, options ?? new(), channel);
    }

    /// <summary>Reads side features of users or items: categories (text, keys or Boolean) and numbers (Single, or DateTime as days since
    /// the year 1 to a sixteenth of a day), one value or a vector each.</summary>
    /// <param name="data">A row per user or item; of several the last counts. Rows without an id are passed over.</param>
    /// <param name="idColumnName">Column of users or items: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="featureColumnNames">Columns of features, at least one.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The features of each id.</returns>
    /// <exception cref="ArgumentException">A column is missing, named twice, or of another type; the message says what is
    /// needed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SideFeatures ReadFeatures(
        IDataView data, string idColumnName, IReadOnlyList<string> featureColumnNames, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(featureColumnNames);
        return SideFeatures.Read(data, idColumnName, featureColumnNames, known: null, cancellationToken);
    }

    /// <summary>
    /// Reads side features of users or items from a delimited text file. A column whose values are all numbers is a number, one whose
    /// values are all
    /// dates counts as days since the year 1; other values are categories, several divided by <c>|</c>. Print the answer to see what was
    /// found.
    /// </summary>
    /// <example><code>
    /// var films = recommenders.Data.ReadFeatures("movies.csv");
    /// Console.WriteLine(films);    // 9,742 ids; genres: 20 categories, Year: 106 categories
    /// </code></example>
    /// <param name="path">A UTF-8 text file with a row per user or item; of several the last counts. Rows without an id are passed over.
    /// Ids are text.</param>
    /// <param name="file">Which columns hold ids and features; null: what <see cref="FeatureFileOptions"/> says of each property's
    /// default, which is logged.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The features; none, and a warning in the log, where no column says something.</returns>
    /// <exception cref="ArgumentException">A column that <paramref name="file"/> names does not exist or is named twice, or a
    /// column's name stands twice in the header; the message says what the file has.</exception>
    /// <exception cref="InvalidDataException">The file is empty, no UTF-8 text, does not show which column holds ids, or has no known
    /// length, as a pipe has none.</exception>
    /// <exception cref="IOException">The file is missing, cannot be read, or became shorter while it was read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SideFeatures ReadFeatures(string path, FeatureFileOptions? file = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var channel = _host.Start("Reading features");
        return FeatureFileReader.Read(path, file ?? new(), channel, cancellationToken);
    }
}
