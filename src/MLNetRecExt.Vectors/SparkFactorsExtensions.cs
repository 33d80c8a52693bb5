namespace MLNetRecExt;

/// <summary>Factors that Apache Spark has trained.</summary>
public static class SparkFactorsExtensions
{
    /// <summary>Reads the factors of Spark's ALS as a model that scores, ranks, is saved, served and exported as any other.</summary>
    /// <remarks>
    /// <para><c>model.save(path)</c> in Spark writes the folders <c>path/userFactors</c> and <c>path/itemFactors</c>, and
    /// <c>model.userFactors.write.parquet(path)</c> one of the same kind. Columns: <c>id</c> (int or bigint) and <c>features</c> (array of
    /// float). Ids are Spark's integers; where a <c>StringIndexer</c> made them, its labels are the way back.</para>
    /// <para>A score is ⟨U_u, V_i⟩, as in Spark. The model cannot fold a history in, since the files do not say by what options they were
    /// trained. Without <paramref name="history"/> nothing counts as taken, so lists may hold what a user has, and there is no popularity
    /// to fall back to.</para>
    /// </remarks>
    /// <param name="data">The catalog, <c>mlContext.Recommenders().Data</c>.</param>
    /// <param name="userFactorsPath">The folder of the users' part files.</param>
    /// <param name="itemFactorsPath">The folder of the items' part files.</param>
    /// <param name="history">What users have taken, with the ids that Spark had. Rows of users or items without factors are left out. Null:
    /// unknown.</param>
    /// <param name="cancellationToken">Cancels with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The model. Its users and items are in the order of the files' names and rows.</returns>
    /// <exception cref="InvalidDataException">A file is damaged, or lacks a column; an id occurs twice; factors are missing, not finite, or
    /// not all of one length from 1 to 1024. The message says where, and what is needed.</exception>
    /// <exception cref="ArgumentException">No row of the history has a user and an item with factors.</exception>
    /// <exception cref="IOException">A folder is missing, has no Parquet file, or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<StockMatrixFactorizationModel> ReadSparkFactorsAsync(
        this RecommenderDataCatalog data, string userFactorsPath, string itemFactorsPath, Interactions? history = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(userFactorsPath);
        ArgumentException.ThrowIfNullOrEmpty(itemFactorsPath);
        var users = await SparkFactorFolder.ReadAsync(userFactorsPath, cancellationToken).ConfigureAwait(false);
        var items = await SparkFactorFolder.ReadAsync(itemFactorsPath, cancellationToken).ConfigureAwait(false);
        if (users.Factors.Columns != items.Factors.Columns)
            throw new InvalidDataException(
                $"The factors in '{userFactorsPath}' have {users.Factors.Columns} numbers each, those in '{itemFactorsPath}' "
                + $"{items.Factors.Columns}: they are of two models. Give the folders of one.");
        var taken = history is null
            ? new InteractionRows(new int[users.Ids.Count + 1], new int[InteractionRows.Padding], null, null, null)
            : Among(history, users.Ids, items.Ids, cancellationToken);
        var model = new StockMatrixFactorizationModel(users.Ids, items.Ids, taken, users.Factors, items.Factors);
        // Not ">": NaN is refused, too.
        return model.LargestScore <= float.MaxValue ? model : throw new InvalidDataException(
            "The factors are so large that scores may not be finite. Train on smaller labels, or with more regularization.");
    }

    /// <summary>The rows of users and items that have factors.</summary>
    private static InteractionRows Among(Interactions history, IdMap users, IdMap items, CancellationToken cancellationToken)
    {
        var (rows, userOf, itemOf) = (history.ByUser, IndicesOf(history.Users, users), IndicesOf(history.Items, items));
        var builder = new InteractionsBuilder(rows.HasLabels, rows.HasWeights, rows.HasTimestamps);
        for (int user = 0; user < rows.RowCount; user++)
        {
            var taken = rows.Indices(user);
            ReadOnlySpan<float> labels = rows.Labels(user), weights = rows.Weights(user);
            var times = rows.Timestamps(user);
            for (int e = 0; userOf[user] >= 0 && e < taken.Length; e++)
                if (itemOf[taken[e]] is var item and >= 0)
                    builder.Add(userOf[user], item,
                        labels.IsEmpty ? 1 : labels[e], weights.IsEmpty ? 1 : weights[e], times.IsEmpty ? 0 : times[e]);
        }
        if (builder.Count == 0)
            throw new ArgumentException(
                $"No row of the history has a user and an item with factors: its users are like '{First(history.Users)}' and its items "
                + $"like '{First(history.Items)}', those with factors like '{First(users)}' and '{First(items)}'. "
                + "Read it with the integers that Spark had.",
                nameof(history));
        return builder.Build(users, items, DuplicateHandling.Last, history.Counts, cancellationToken).ByUser;
    }

    private static int[] IndicesOf(IdMap ids, IdMap others) =>
        [.. Enumerable.Range(0, ids.Count).Select(index => others.IndexOf(ids.GetText(index).AsSpan()))];

    private static string First(IdMap ids) => ids.Count > 0 ? ids.GetText(0) : "";
}
