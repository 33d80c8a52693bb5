using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reading interactions and features into memory, by way of <c>mlContext.Recommenders().Data</c>.</summary>
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
        using var store = StoreWriter.For(options);
        return InteractionReader.Read(data, columns ?? new(), With(options, store), channel);
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
        using var store = StoreWriter.For(options);
        return InteractionFileReader.Read(paths, file, With(options, store), channel);
    }

    /// <summary>Reads the rows of a query, of any ADO.NET provider, into a sparse user × item matrix.</summary>
    /// <example><code>
    /// await using var rows = await command.ExecuteReaderAsync();
    /// var orders = await recommenders.Data.ReadInteractionsAsync(rows, new("customer_id", "sku", Weight: "quantity", Timestamp: "ordered_at"));
    /// Console.WriteLine(orders);    // 1,000,000 rows: 957,201 interactions of 60,000 users and 20,000 items, density 0.0798 %; …
    /// </code></example>
    /// <param name="rows">Rows of one interaction each, in any order. They are read to their end, in any order of columns, so not with
    /// <c>CommandBehavior.SequentialAccess</c>; the reader stays open.</param>
    /// <param name="columns">Names of the columns, in large or small letters.</param>
    /// <param name="options">What repeated and bad rows get, whose ids come first, who is told of the progress. Null for the
    /// defaults.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The interactions, with their ids and the number of rows of each kind: print them for a summary, which is logged,
    /// too.</returns>
    /// <remarks>
    /// <para>Ids are text, Guid, integers of any width, or decimals that are whole numbers. Up to 32 bits with a sign they are read as
    /// Int32, else as UInt32, Int64 (decimals, too) or UInt64: these are the types to ask <see cref="RecommenderModel.For"/> with. A Guid
    /// is its text as in <c>ToString()</c>, and asked for as a Guid. Where ids are continued, they are read as those are.</para>
    /// <para>A row is bad whose user or item is NULL, empty, or no id of the kind, or whose label, weight or timestamp is NULL or no
    /// number. Timestamps are dates (ticks, in UTC where the column has a time zone), numbers, or text as ISO 8601 has it, as in
    /// SQLite.</para>
    /// <para>Memory is as for a file, without the share of each thread.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">A column is missing or occurs twice, has a wrong type, or cannot continue the ids of
    /// <paramref name="options"/>; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">A row is bad and <see cref="InteractionReadOptions.BadRows"/> is
    /// <see cref="BadRowHandling.Throw"/>: the message names row, column and value; or <see cref="DuplicateHandling.Sum"/> of the rows of a
    /// (user, item) is not finite: the message names both.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="DbException">The provider cannot read on.</exception>
    public async Task<Interactions> ReadInteractionsAsync(DbDataReader rows, InteractionColumns columns,
        InteractionReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        using var either = Cancellation(options, cancellationToken);
        using var channel = _host.Start("Reading");
        using var store = StoreWriter.For(options);
        return await DbInteractionReader.ReadAsync(rows, columns, With(options, store, either.Token), channel).ConfigureAwait(false);
    }

    /// <summary>Reads objects of any type into a sparse user × item matrix.</summary>
    /// <example><code>
    /// var orders = recommenders.Data.ReadInteractions(lines, line => line.CustomerId, line => line.Sku, new()
    /// {
    ///     Weight = line => line.Quantity,
    ///     Timestamp = line => line.Ordered.Ticks,
    /// });
    /// </code></example>
    /// <typeparam name="T">Type of the objects.</typeparam>
    /// <typeparam name="TUser">Type of the user ids: text, Guid, an integer of up to 64 bits, decimal, or what of these may be
    /// null.</typeparam>
    /// <typeparam name="TItem">Type of the item ids, likewise.</typeparam>
    /// <param name="rows">Objects of one interaction each, in any order; they are gone through once.</param>
    /// <param name="user">The user of an object. Of one that is null or empty text the row is bad.</param>
    /// <param name="item">The item of an object, likewise.</param>
    /// <param name="selectors">Label, weight and timestamp of an object; null: every label and weight is 1, and there are no
    /// timestamps.</param>
    /// <param name="options">What repeated and bad rows get, and whose ids come first. Null for the defaults.</param>
    /// <returns>The interactions, with their ids and the number of rows of each kind.</returns>
    /// <remarks>Ids are kept as the remarks of <see cref="ReadInteractionsAsync(DbDataReader, InteractionColumns, InteractionReadOptions?,
    /// CancellationToken)"/> say. What a selector throws passes through.</remarks>
    /// <exception cref="ArgumentException">Ids cannot be of such a type, or not continue those of <paramref name="options"/>; the message
    /// says what is needed.</exception>
    /// <exception cref="InvalidDataException">A row is bad and <see cref="InteractionReadOptions.BadRows"/> is
    /// <see cref="BadRowHandling.Throw"/>: the message names row, column and value; or <see cref="DuplicateHandling.Sum"/> of the rows of a
    /// (user, item) is not finite: the message names both.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="InteractionReadOptions.CancellationToken"/>.</exception>
    public Interactions ReadInteractions<T, TUser, TItem>(IEnumerable<T> rows, Func<T, TUser> user, Func<T, TItem> item,
        InteractionSelectors<T>? selectors = null, InteractionReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(item);
        using var channel = _host.Start("Reading");
        using var store = StoreWriter.For(options);
        var selected = new SelectedInteractions<T, TUser, TItem>(user, item, selectors ?? new(), With(options, store));
        foreach (var row in rows)
            selected.Add(row);
        return selected.Finish(channel);
    }

    /// <summary>Reads objects as they arrive, such as those of Entity Framework's <c>AsNoTracking().AsAsyncEnumerable()</c>, into a sparse
    /// user × item matrix.</summary>
    /// <param name="rows">Objects of one interaction each, in any order.</param>
    /// <param name="user">The user of an object. Of one that is null or empty text the row is bad.</param>
    /// <param name="item">The item of an object, likewise.</param>
    /// <param name="selectors">Label, weight and timestamp of an object; null: every label and weight is 1, and there are no
    /// timestamps.</param>
    /// <param name="options">What repeated and bad rows get, and whose ids come first. Null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <inheritdoc cref="ReadInteractions{T, TUser, TItem}(IEnumerable{T}, Func{T, TUser}, Func{T, TItem}, InteractionSelectors{T}?, InteractionReadOptions?)"/>
    public async Task<Interactions> ReadInteractionsAsync<T, TUser, TItem>(IAsyncEnumerable<T> rows, Func<T, TUser> user, Func<T, TItem> item,
        InteractionSelectors<T>? selectors = null, InteractionReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(item);
        using var either = Cancellation(options, cancellationToken);
        using var channel = _host.Start("Reading");
        using var store = StoreWriter.For(options);
        var selected = new SelectedInteractions<T, TUser, TItem>(user, item, selectors ?? new(), With(options, store, either.Token));
        await foreach (var row in rows.WithCancellation(either.Token).ConfigureAwait(false))
            selected.Add(row);
        return selected.Finish(channel);
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

    /// <summary>Reads side features of users or items from the rows of a query, of any ADO.NET provider.</summary>
    /// <example><code>
    /// await using var rows = await command.ExecuteReaderAsync();    // SELECT sku, category, price, listed_at FROM products
    /// var products = await recommenders.Data.ReadFeaturesAsync(rows, "sku");
    /// </code></example>
    /// <param name="rows">A row per user or item; of several the last counts. Rows without an id are passed over, which is logged. They are
    /// read to their end, not with <c>CommandBehavior.SequentialAccess</c>; the reader stays open.</param>
    /// <param name="idColumn">Column of users or items: text, Guid, an integer of up to 64 bits, or decimal.</param>
    /// <param name="featureColumns">Columns of features; null: all but that of the ids.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The features of each id, a summary of which is logged.</returns>
    /// <remarks>Text, Guid, Boolean and arrays of text are categories, numbers and arrays of numbers are numbers, dates are days since the
    /// year 1; the first value of a column tells which. NULL is missing. SQLite has no dates, so that theirs are text: make them numbers
    /// in the query, by <c>julianday(listed_at)</c>. So are numbers that are codes to be made text: <c>CAST(shelf AS text)</c>.</remarks>
    /// <exception cref="ArgumentException">A column is missing, named twice, or of another type; the message says what is
    /// needed.</exception>
    /// <exception cref="InvalidDataException">A value is of another kind than those before; the message names row, column and
    /// value.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="DbException">The provider cannot read on.</exception>
    public async Task<SideFeatures> ReadFeaturesAsync(
        DbDataReader rows, string idColumn, IReadOnlyList<string>? featureColumns = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(idColumn);
        using var channel = _host.Start("Reading features");
        var features = ValueFeatureReader.Open(rows, idColumn, featureColumns);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            features.AddRow();
        return features.Finish(channel);
    }

    /// <summary>Reads side features of users or items from objects of any type.</summary>
    /// <example><code>
    /// var features = recommenders.Data.ReadFeatures(products, product => product.Sku, product => new { product.Category, product.Price });
    /// </code></example>
    /// <typeparam name="T">Type of the objects.</typeparam>
    /// <typeparam name="TId">Type of the ids: text, Guid, an integer of up to 64 bits, decimal, or what of these may be null.</typeparam>
    /// <typeparam name="TFeatures">A type whose public properties are the features, by their names.</typeparam>
    /// <param name="rows">An object per user or item; of several the last counts. Those without an id are passed over, which is
    /// logged.</param>
    /// <param name="id">The id of an object.</param>
    /// <param name="features">The features of an object.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The features of each id, a summary of which is logged.</returns>
    /// <remarks>Text, Guid, Boolean, enums and lists of text are categories, numbers and lists of numbers are numbers, dates are days since
    /// the year 1. Null is missing.</remarks>
    /// <exception cref="ArgumentException">Ids cannot be of such a type, <typeparamref name="TFeatures"/> has no properties, or one of
    /// another type; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">A value is of another kind than those before; the message names row, property and
    /// value.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SideFeatures ReadFeatures<T, TId, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TFeatures>(
        IEnumerable<T> rows, Func<T, TId> id, Func<T, TFeatures> features, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(features);
        using var channel = _host.Start("Reading features");
        var (current, values) = (default(T)!, default(TFeatures));
        var selected = ValueFeatureReader.Open(() => id(current), () => values);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (current, values) = (row, features(row));
            selected.AddRow();
        }
        return selected.Finish(channel);
    }

    private static CancellationTokenSource Cancellation(InteractionReadOptions? options, CancellationToken cancellationToken) =>
        CancellationTokenSource.CreateLinkedTokenSource(options?.CancellationToken ?? default, cancellationToken);

    private static InteractionReadOptions With(InteractionReadOptions? options, StoreWriter? store) =>
        (options ?? new()) with { Writer = store };

    private static InteractionReadOptions With(InteractionReadOptions? options, StoreWriter? store, CancellationToken cancellationToken) =>
        With(options, store) with { CancellationToken = cancellationToken };
}
