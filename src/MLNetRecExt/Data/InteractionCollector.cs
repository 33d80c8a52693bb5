using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// What becomes of a row, wherever it comes from but a text file: it is looked at, counted, and kept or skipped. Whoever has the rows moves
/// to the next one and calls <see cref="AddRow"/>.
/// </summary>
/// <param name="columns">What the columns are called.</param>
/// <param name="options">How to read, checked before.</param>
/// <param name="builder">Where usable rows go; null: a new one.</param>
internal sealed class InteractionCollector(InteractionColumns columns, InteractionReadOptions options, InteractionsBuilder? builder = null)
{
    private const long RowsPerReport = 1 << 20, RowsPerCancellationCheck = 1 << 12;
    private const int Block = 1 << 8;

    // Rows without a label count 1 each: their sum is how often the pair occurred.
    private readonly InteractionsBuilder _builder = builder ?? new(
        columns.Label is not null || options.Duplicates == DuplicateHandling.Sum, columns.Weight is not null, columns.Timestamp is not null,
        store: options.Writer);
    private readonly int[] _users = new int[Block], _items = new int[Block];
    private readonly Waiting[] _queue = new Waiting[Block];
    private int _waiting;
    private long _read, _missingIds, _badLabels, _badWeights, _badTimes;
    private string? _firstSkipped;

    /// <summary>The user of the row.</summary>
    public required IdReader User { get; init; }

    /// <summary>The item of the row.</summary>
    public required IdReader Item { get; init; }

    /// <summary>The label of the row; NaN where it is none.</summary>
    public required Func<float> Label { get; init; }

    /// <summary>The weight of the row; NaN where it is none.</summary>
    public required Func<float> Weight { get; init; }

    /// <summary>The timestamp of the row; null where it is none.</summary>
    public required Func<long?> Timestamp { get; init; }

    /// <summary>Takes the row that the source is at.</summary>
    /// <exception cref="InvalidDataException">It is bad and the options say to throw.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void AddRow()
    {
        if (_read % RowsPerCancellationCheck == 0)
            options.CancellationToken.ThrowIfCancellationRequested();
        if (++_read % RowsPerReport == 0)
            options.Progress?.Report(_read);

        var (hasUser, hasItem) = (User.Read(), Item.Read());
        var (label, weight, time) = (Label(), Weight(), Timestamp());
        if (!hasUser)
            Skip(ref _missingIds, columns.User, User.Value, User.Needed);
        else if (!hasItem)
            Skip(ref _missingIds, columns.Item, Item.Value, Item.Needed);
        else if (!float.IsFinite(label))
            Skip(ref _badLabels, columns.Label, label, "a finite label");
        else if (!(weight >= 0) || float.IsInfinity(weight))
            Skip(ref _badWeights, columns.Weight, weight, "a finite weight that is not negative");
        else if (time is null)
            Skip(ref _badTimes, columns.Timestamp, "missing, NaN, infinite or beyond Int64", "a timestamp within Int64");
        else
            Enqueue(new(label, weight, time.Value, (int)(_read - 1)));
    }

    /// <summary>The rows taken, once all are.</summary>
    /// <param name="channel">Where counts are logged.</param>
    /// <param name="hasFractions">Whether a timestamp was rounded.</param>
    /// <exception cref="InvalidDataException">A sum of labels or weights is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Interactions Finish(IChannel channel, bool hasFractions)
    {
        options.Progress?.Report(_read);
        Dequeue();
        var counts = new InteractionCounts(_read, _missingIds, _badLabels, _badWeights, _badTimes);
        var interactions = _builder.Build(User.ToMap(), Item.ToMap(), options.Duplicates, counts, options.CancellationToken);
        Log(channel, interactions, options.Duplicates, hasFractions ? columns.Timestamp : null);
        if (_firstSkipped is not null)
            channel.Warning(MessageSensitivity.UserData, $"The first row skipped: {_firstSkipped}");
        return interactions;
    }

    /// <summary>Says what became of the rows.</summary>
    /// <param name="channel">Where to.</param>
    /// <param name="interactions">What was read.</param>
    /// <param name="duplicates">How rows of one (user, item) became one.</param>
    /// <param name="fractions">The column of timestamps that were rounded, or null.</param>
    public static void Log(IChannel channel, Interactions interactions, DuplicateHandling duplicates, string? fractions)
    {
        var counts = interactions.Counts;
        channel.Info(MessageSensitivity.None, $"Read {interactions}.");
        if (counts.Duplicates > 0)
            channel.Info(MessageSensitivity.None, FormattableString.Invariant(
                $"{counts.Duplicates:N0} rows repeated a (user, item) pair and were merged ({nameof(DuplicateHandling)}.{duplicates})."));
        if (counts.Skipped > 0)
            channel.Warning(MessageSensitivity.None, FormattableString.Invariant(
                $"Skipped {counts.Skipped:N0} of {counts.Read:N0} rows: {counts.SkippedWhy}."));
        if (fractions is not null)
            channel.Warning(MessageSensitivity.None, $"Column '{fractions}' holds fractions; timestamps are whole numbers, so they were rounded down. Scale it where order within a unit matters.");
    }

    // Ids are numbered a block at a time, since that is faster than one by one; they still are in the order of the rows.
    private void Enqueue(Waiting row)
    {
        User.Enqueue();
        Item.Enqueue();
        _queue[_waiting++] = row;
        if (_waiting == Block)
            Dequeue();
    }

    private void Dequeue()
    {
        User.Dequeue(_users.AsSpan(0, _waiting));
        Item.Dequeue(_items.AsSpan(0, _waiting));
        for (int i = 0; i < _waiting; i++)
        {
            var (label, weight, time, row) = _queue[i];
            _builder.Add(_users[i], _items[i], label, weight, time, row);
        }
        _waiting = 0;
    }

    private void Skip(ref long count, string? column, object? value, string needed)
    {
        count++;
        if (_firstSkipped is not null)
            return;
        _firstSkipped = FormattableString.Invariant($"Row {_read} (counted from 1): column '{column}' is ")
            + (value is null ? "NULL" : FormattableString.Invariant($"'{value}'")) + $"; {needed} is needed.";
        if (options.BadRows == BadRowHandling.Throw)
            throw new InvalidDataException(
                $"{_firstSkipped} Mend or drop the row, or choose {nameof(BadRowHandling)}.{nameof(BadRowHandling.Skip)}.");
    }

    /// <summary>A usable row whose ids have no indices yet.</summary>
    private readonly record struct Waiting(float Label, float Weight, long Time, int Row);
}
