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
    /// <param name="duplicates">How rows of the same (user, item) become one.</param>
    /// <param name="badRows">What rows with a NaN or infinite label or weight, a negative weight or a missing id get.</param>
    /// <param name="idsOf">Whose ids keep their indices here: pass the training part, or the model, when reading a held-out part.
    /// Raw ids that it lacks get indices behind its own; key columns must have the same keys.</param>
    /// <param name="progress">Told the number of rows read, about every million.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">A column is missing, has a wrong type, or cannot continue the ids of <paramref name="idsOf"/>; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">A row is bad and <paramref name="badRows"/> is <see cref="BadRowHandling.Throw"/>; the message names row, column and value.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Interactions ReadInteractions(IDataView data, InteractionColumns? columns = null, DuplicateHandling duplicates = DuplicateHandling.Last,
        BadRowHandling badRows = BadRowHandling.Skip, Interactions? idsOf = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        Read(data, columns, duplicates, badRows, idsOf?.Users, idsOf?.Items, progress, cancellationToken);

    /// <summary>Reads a view once, with the ids of a trained model: to evaluate one that was loaded, say.</summary>
    /// <inheritdoc cref="ReadInteractions(IDataView, InteractionColumns?, DuplicateHandling, BadRowHandling, Interactions?, IProgress{long}?, CancellationToken)"/>
    public Interactions ReadInteractions(IDataView data, InteractionColumns? columns, RecommenderModel idsOf, DuplicateHandling duplicates = DuplicateHandling.Last,
        BadRowHandling badRows = BadRowHandling.Skip, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(idsOf);
        return Read(data, columns, duplicates, badRows, idsOf.Users, idsOf.Items, progress, cancellationToken);
    }

    /// <summary>Reads a view once, with ids of which some may have no interaction here: those of side features, say.</summary>
    /// <param name="data">Rows of one interaction each, in any order.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c> alone.</param>
    /// <param name="users">Ids of users that come first; null: none.</param>
    /// <param name="items">Ids of items that come first; null: none.</param>
    /// <param name="duplicates">How rows of the same (user, item) become one.</param>
    /// <param name="badRows">What rows with a NaN or infinite label or weight, a negative weight or a missing id get.</param>
    /// <param name="progress">Told the number of rows read, about every million.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <inheritdoc cref="ReadInteractions(IDataView, InteractionColumns?, DuplicateHandling, BadRowHandling, Interactions?, IProgress{long}?, CancellationToken)"/>
    public Interactions ReadInteractions(IDataView data, InteractionColumns? columns, IdMap? users, IdMap? items, DuplicateHandling duplicates = DuplicateHandling.Last,
        BadRowHandling badRows = BadRowHandling.Skip, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        Read(data, columns, duplicates, badRows, users, items, progress, cancellationToken);

    /// <summary>Reads side features of users or items: categories (text, keys or Boolean) and numbers (Single, or DateTime as days since the year 1 to a sixteenth of a day), one value or a vector each.</summary>
    /// <param name="data">A row per user or item; of several the last counts. Rows without an id are passed over.</param>
    /// <param name="idColumnName">Column of users or items: a key, or raw ids (text, Int32, Int64, UInt32, UInt64).</param>
    /// <param name="featureColumnNames">Columns of features, at least one.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">A column is missing, named twice, or of another type; the message says what is needed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SideFeatures ReadFeatures(IDataView data, string idColumnName, IReadOnlyList<string> featureColumnNames, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(featureColumnNames);
        return SideFeatures.Read(data, idColumnName, featureColumnNames, known: null, cancellationToken);
    }

    /// <summary>
    /// Reads a delimited text file into a sparse user × item matrix, straight from its bytes and on all cores: the same as reading it by a
    /// <see cref="TextLoader"/>, at a small part of the time.
    /// </summary>
    /// <param name="path">A UTF-8 text file of one interaction per line.</param>
    /// <param name="options">Where the columns are, what they hold and what bad rows get; null: <c>User</c> and <c>Item</c> by a header, separated by commas.</param>
    /// <param name="idsOf">Whose ids keep their indices here: pass the training part when reading a held-out part. Raw ids that it lacks get indices behind its own.</param>
    /// <remarks>Memory at its peak, beyond the result: 8 bytes per row, 4 more for a label and for a weight, 8 for a timestamp; and some 40 MB for each thread.</remarks>
    /// <exception cref="ArgumentException">An option is bad, a column is missing, or the ids of <paramref name="idsOf"/> cannot be continued; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">The file is no UTF-8 text or lacks its header; or a row is bad and <see cref="InteractionFileOptions.BadRows"/>
    /// is <see cref="BadRowHandling.Throw"/>: the message names file, line, column and value.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="InteractionFileOptions.CancellationToken"/>.</exception>
    public Interactions ReadInteractions(string path, InteractionFileOptions? options = null, Interactions? idsOf = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read([path], options, idsOf?.Users, idsOf?.Items);
    }

    /// <summary>Reads delimited text files, one after the other, into one sparse user × item matrix. Each file's header tells where its columns are.</summary>
    /// <inheritdoc cref="ReadInteractions(string, InteractionFileOptions?, Interactions?)"/>
    public Interactions ReadInteractions(IReadOnlyList<string> paths, InteractionFileOptions? options = null, Interactions? idsOf = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Read(paths, options, idsOf?.Users, idsOf?.Items);
    }

    /// <summary>Reads a delimited text file with the ids of a trained model: to evaluate one that was loaded, say.</summary>
    /// <inheritdoc cref="ReadInteractions(string, InteractionFileOptions?, Interactions?)"/>
    public Interactions ReadInteractions(string path, InteractionFileOptions? options, RecommenderModel idsOf)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(idsOf);
        return Read([path], options, idsOf.Users, idsOf.Items);
    }

    private Interactions Read(IReadOnlyList<string> paths, InteractionFileOptions? options, IdMap? users, IdMap? items)
    {
        using var channel = _host.Start("Reading");
        return InteractionFileReader.Read(paths, options ?? new(), channel, users, items);
    }

    private Interactions Read(IDataView data, InteractionColumns? columns, DuplicateHandling duplicates, BadRowHandling badRows,
        IdMap? users, IdMap? items, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var channel = _host.Start("Reading");
        return InteractionReader.Read(data, columns ?? new(), duplicates, badRows, channel, users, items, progress, cancellationToken);
    }
}
