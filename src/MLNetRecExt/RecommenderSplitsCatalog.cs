using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Partitions of interactions into training and test parts, by way of <c>mlContext.Recommenders().Splits</c>.</summary>
/// <remarks>
/// <para>Each split comes in two forms: over <see cref="Interactions"/>, and over a view, whose parts are views that skip rows.
/// Both follow the same algorithm, give every entry to exactly one part, and repeat for the same data and seed.
/// All rows of one (user, item) pair go to the same part.</para>
/// <para>A view is read once to be split. It must give the same rows in the same order each time it is read.</para>
/// <para>What a test part holds that training does not know is not dropped but counted: <see cref="InteractionSplit.ColdUsers"/> and
/// <see cref="InteractionSplit.ColdItems"/>.</para>
/// </remarks>
public sealed class RecommenderSplitsCatalog
{
    private readonly IHost _host;

    internal RecommenderSplitsCatalog(MLContext mlContext) => _host = ((IHostEnvironment)mlContext).Register("RecommenderSplits");

    /// <summary>Tests a random share of each user's interactions.</summary>
    /// <param name="data">What to split.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c>.</param>
    /// <param name="testFraction">Share of each user's entries to test, in (0, 1). A share that is no whole number of entries is rounded
    /// down or up at random, so that the total comes near it.</param>
    /// <param name="seed">Seed of the random choice.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Train and Test. At least one entry of each user stays in Train, so a user with a single one is not tested.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="testFraction"/> is not in (0, 1).</exception>
    /// <exception cref="ArgumentException">A column is missing or has a wrong type, or there is nothing to put into a part.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <example><code>
    /// var split = recommenders.Splits.RandomPerUser(data, testFraction: 0.2);
    /// </code></example>
    public DataViewSplit RandomPerUser(
        IDataView data, InteractionColumns? columns = null, double testFraction = 0.2,
        int seed = 42, CancellationToken cancellationToken = default)
    {
        CheckFraction(testFraction, nameof(testFraction));
        return Split(data, columns, cancellationToken, (byUser, _) => SplitRules.RandomPerUser(byUser, testFraction, seed));
    }

    /// <inheritdoc cref="RandomPerUser(IDataView, InteractionColumns?, double, int, CancellationToken)"/>
    public InteractionSplit RandomPerUser(Interactions data, double testFraction = 0.2, int seed = 42)
    {
        CheckFraction(testFraction, nameof(testFraction));
        return Split(data, SplitRules.RandomPerUser(data.ByUser, testFraction, seed));
    }

    /// <summary>Tests the last interactions of each user by time.</summary>
    /// <param name="data">What to split, with timestamps.</param>
    /// <param name="columns">Names of the columns, a timestamp among them.</param>
    /// <param name="count">How many of each user's entries to test, at least 1.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Train and Test. A user with <paramref name="count"/> entries or fewer stays in Train.
    /// Of equal timestamps the later row counts as later; in <see cref="Interactions"/>, which keep no row order, the higher item
    /// index.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There are no timestamps, a column is missing or has a wrong type, or there is nothing to put
    /// into a part.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DataViewSplit LeaveLast(IDataView data, InteractionColumns columns, int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        CheckTimestamps(columns);
        return Split(data, columns, cancellationToken, (byUser, rowOfEntry) => SplitRules.LeaveLast(byUser, rowOfEntry, _ => count));
    }

    /// <inheritdoc cref="LeaveLast(IDataView, InteractionColumns, int, CancellationToken)"/>
    public InteractionSplit LeaveLast(Interactions data, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        CheckTimestamps(data);
        return Split(data, SplitRules.LeaveLast(data.ByUser, rowOfEntry: null, _ => count));
    }

    /// <summary>Trains on what happened before a point in time and tests on what happened after it, for all users alike.</summary>
    /// <param name="data">What to split, with timestamps.</param>
    /// <param name="columns">Names of the columns, a timestamp among them.</param>
    /// <param name="trainFraction">Share of all entries to train on, in (0, 1).</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Train and Test. Entries of one timestamp stay together, so the share is met as nearly as they allow.
    /// Users and items that appear after the cut are cold.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trainFraction"/> is not in (0, 1).</exception>
    /// <exception cref="ArgumentException">There are no timestamps, all are equal, or a column is missing or has a wrong type.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DataViewSplit ByTime(
        IDataView data, InteractionColumns columns, double trainFraction = 0.8, CancellationToken cancellationToken = default)
    {
        CheckFraction(trainFraction, nameof(trainFraction));
        CheckTimestamps(columns);
        return Split(data, columns, cancellationToken, (byUser, _) => SplitRules.ByTime(byUser, trainFraction));
    }

    /// <inheritdoc cref="ByTime(IDataView, InteractionColumns, double, CancellationToken)"/>
    public InteractionSplit ByTime(Interactions data, double trainFraction = 0.8)
    {
        CheckFraction(trainFraction, nameof(trainFraction));
        CheckTimestamps(data);
        return Split(data, SplitRules.ByTime(data.ByUser, trainFraction));
    }

    /// <summary>Holds out whole users (strong generalisation): training never sees them; a share of their history is folded in, the rest
    /// is tested.</summary>
    /// <param name="data">What to split.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c>.</param>
    /// <param name="testUserFraction">Share of the users with two or more entries to hold out, in (0, 1); at least one user, and never
    /// all.</param>
    /// <param name="foldInFraction">Share of a held-out user's entries to fold in, in (0, 1); at least one entry, and never all.</param>
    /// <param name="seed">Seed of the random choice.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Train, FoldIn and Test. A user with a single entry stays in Train.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A fraction is not in (0, 1).</exception>
    /// <exception cref="ArgumentException">There is nothing to put into a part: fewer than two users have two entries.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DataViewSplit ByUser(
        IDataView data, InteractionColumns? columns = null, double testUserFraction = 0.1, double foldInFraction = 0.8,
        int seed = 42, CancellationToken cancellationToken = default)
    {
        CheckFraction(testUserFraction, nameof(testUserFraction));
        CheckFraction(foldInFraction, nameof(foldInFraction));
        return Split(data, columns, cancellationToken, (byUser, _) => SplitRules.ByUser(byUser, testUserFraction, foldInFraction, seed));
    }

    /// <inheritdoc cref="ByUser(IDataView, InteractionColumns?, double, double, int, CancellationToken)"/>
    public InteractionSplit ByUser(Interactions data, double testUserFraction = 0.1, double foldInFraction = 0.8, int seed = 42)
    {
        CheckFraction(testUserFraction, nameof(testUserFraction));
        CheckFraction(foldInFraction, nameof(foldInFraction));
        return Split(data, SplitRules.ByUser(data.ByUser, testUserFraction, foldInFraction, seed));
    }

    /// <summary>Holds out whole items: training never sees them, so only their features tell of them.</summary>
    /// <param name="data">What to split.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c>.</param>
    /// <param name="testItemFraction">Share of the items to hold out, in (0, 1); at least one item, and never all.</param>
    /// <param name="seed">Seed of the random choice.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Train and Test. A user who took nothing else has no entry in Train.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not in (0, 1).</exception>
    /// <exception cref="ArgumentException">There is nothing to put into a part: fewer than two items.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DataViewSplit ByItem(
        IDataView data, InteractionColumns? columns = null, double testItemFraction = 0.1,
        int seed = 42, CancellationToken cancellationToken = default)
    {
        CheckFraction(testItemFraction, nameof(testItemFraction));
        return Split(data, columns, cancellationToken, (byUser, _) => SplitRules.ByItem(byUser, testItemFraction, seed));
    }

    /// <inheritdoc cref="ByItem(IDataView, InteractionColumns?, double, int, CancellationToken)"/>
    public InteractionSplit ByItem(Interactions data, double testItemFraction = 0.1, int seed = 42)
    {
        CheckFraction(testItemFraction, nameof(testItemFraction));
        return Split(data, SplitRules.ByItem(data.ByUser, testItemFraction, seed));
    }

    /// <summary>k-fold cross-validation: each entry is tested in exactly one of the folds and trained on in the others.</summary>
    /// <param name="data">What to split.</param>
    /// <param name="columns">Names of the columns; null for <c>User</c> and <c>Item</c>.</param>
    /// <param name="folds">Number of folds, at least 2 and at most the number of entries.</param>
    /// <param name="seed">Seed of the random choice.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>One split per fold, made while it is enumerated, so that only one is in memory. The entries of a user, and all
    /// entries, are spread over the folds evenly; a user with a single entry is cold in the fold that tests it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="folds"/> is below 2 or above the number of entries.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<DataViewSplit> KFold(
        IDataView data, InteractionColumns? columns = null, int folds = 5, int seed = 42, CancellationToken cancellationToken = default)
    {
        var (read, entryOfRow, _) = Read(data, columns, cancellationToken);
        var foldOfEntry = Folds(read, folds, seed);
        return Enumerable.Range(0, folds).Select(fold => new DataViewSplit(data, read, PartsOfFold(foldOfEntry, fold), entryOfRow));
    }

    /// <inheritdoc cref="KFold(IDataView, InteractionColumns?, int, int, CancellationToken)"/>
    public IEnumerable<InteractionSplit> KFold(Interactions data, int folds = 5, int seed = 42)
    {
        var foldOfEntry = Folds(data, folds, seed);
        return Enumerable.Range(0, folds).Select(fold => Split(data, PartsOfFold(foldOfEntry, fold)));
    }

    /// <summary>Two parts that exist already, such as the files of a published fold.</summary>
    /// <param name="train">What to train on.</param>
    /// <param name="test">What to test on, read with <c>IdsOf</c> the training part.</param>
    /// <returns>Train and Test, as they are.</returns>
    /// <exception cref="ArgumentException">The ids of <paramref name="test"/> do not extend those of <paramref name="train"/>, or a pair
    /// is in both.</exception>
    public InteractionSplit Given(Interactions train, Interactions test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        if (!test.Users.Extends(train.Users) || !test.Items.Extends(train.Items))
            throw new ArgumentException(
                "The ids of the test part do not continue those of the training part, so their indices mean something else. "
                + "Read it with IdsOf = the training part.", nameof(test));
        for (int user = 0; user < train.Users.Count; user++)
            foreach (var item in test.ByUser.Indices(user))
                if (train.ByUser.Indices(user).BinarySearch(item) >= 0)
                    throw new ArgumentException(
                        $"User {train.Users.GetText(user)} and item {train.Items.GetText(item)} are in both parts: "
                        + "leave the pair out of one.", nameof(test));
        return new InteractionSplit(train, test);
    }

    private static InteractionSplit Split(Interactions data, SplitPart[] parts)
    {
        CheckParts(parts);
        return new InteractionSplit(data, parts);
    }

    private DataViewSplit Split(
        IDataView view, InteractionColumns? columns, CancellationToken cancellationToken, Func<InteractionRows, int[], SplitPart[]> rule)
    {
        var (data, entryOfRow, rowOfEntry) = Read(view, columns, cancellationToken);
        var parts = rule(data.ByUser, rowOfEntry);
        CheckParts(parts);
        return new DataViewSplit(view, data, parts, entryOfRow);
    }

    private (Interactions Data, int[] EntryOfRow, int[] RowOfEntry) Read(
        IDataView view, InteractionColumns? columns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(view);
        columns ??= new();
        using var channel = _host.Start("Splitting");
        // Of several rows of a pair the latest time counts, as DuplicateHandling.Sum has it.
        var builder = new InteractionsBuilder(
            hasLabels: false, hasWeights: false, hasTimestamps: columns.Timestamp is not null, tracksRows: true);
        var reading = new InteractionReadOptions { Duplicates = DuplicateHandling.Sum, CancellationToken = cancellationToken };
        var data = InteractionReader.Read(view, columns, reading, channel, builder);
        return (data, builder.EntryOfRow!, builder.RowOfEntry!);
    }

    private static int[] Folds(Interactions data, int folds, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(folds, data.Count);
        return SplitRules.Folds(data.ByUser, folds, seed);
    }

    private static SplitPart[] PartsOfFold(int[] foldOfEntry, int fold) =>
        Array.ConvertAll(foldOfEntry, own => own == fold ? SplitPart.Test : SplitPart.Train);

    private static void CheckParts(SplitPart[] parts)
    {
        foreach (var part in (ReadOnlySpan<SplitPart>)[SplitPart.Train, SplitPart.Test])
            if (Array.IndexOf(parts, part) < 0)
                throw new ArgumentException(
                    $"The split leaves nothing to {(part == SplitPart.Train ? "train" : "test")} on: of {parts.Length:N0} interactions "
                    + "none can go there. More users with more interactions, or another split, are needed.");
    }

    private static void CheckFraction(double value, string name)
    {
        if (!(value > 0 && value < 1))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be in (0, 1).");
    }

    private static void CheckTimestamps(Interactions data)
    {
        if (!data.ByUser.HasTimestamps)
            throw new ArgumentException(
                "A split by time needs timestamps, and these interactions have none. "
                + $"Read them with {nameof(InteractionColumns)}.{nameof(InteractionColumns.Timestamp)} set.", nameof(data));
    }

    private static void CheckTimestamps(InteractionColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Timestamp is null)
            throw new ArgumentException(
                "A split by time needs timestamps. "
                + $"Set {nameof(InteractionColumns)}.{nameof(InteractionColumns.Timestamp)} to their column.", nameof(columns));
    }
}
