using System.Buffers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Reads delimited text into <see cref="Interactions"/>, straight from its bytes: stretches of a file side by side, whose ids are then
/// numbered
/// in the order of the file. The result is that of <see cref="InteractionReader"/> over the same values, whatever the number of threads.
/// </summary>
internal sealed class InteractionFileReader
{
    private const int BlockSize = 1 << 23;
    private const long RowsPerReport = 1 << 20;

    private readonly InteractionFileOptions _options;
    private readonly InteractionReadOptions _reading;
    private readonly int _blockSize;
    private readonly DataKind _userKind, _itemKind;
    private readonly RawIdIndex _users, _items;
    private readonly InteractionsBuilder _builder;
    private InteractionCounts _counts;
    private bool _hasFractions;

    private InteractionFileReader(InteractionFileOptions options, InteractionReadOptions reading, int blockSize)
    {
        _options = options;
        _reading = reading;
        var (users, items) = (reading.FirstUsers, reading.FirstItems);
        _blockSize = blockSize;
        _userKind = KindOf(options.UserKind, users, nameof(InteractionFileOptions.UserKind));
        _itemKind = KindOf(options.ItemKind, items, nameof(InteractionFileOptions.ItemKind));
        _users = RawIdIndex.Create(_userKind, users);
        _items = RawIdIndex.Create(_itemKind, items);
        var columns = options.Columns;
        var hasLabels = columns.Label is not null && options.RelevantFrom is null;
        _builder = new InteractionsBuilder(hasLabels || reading.Duplicates == DuplicateHandling.Sum, columns.Weight is not null, columns.Timestamp is not null,
            store: reading.Writer);
    }

    /// <param name="paths">The files, read one after the other.</param>
    /// <param name="options">What is read from them.</param>
    /// <param name="reading">How it is read.</param>
    /// <param name="channel">Where counts are logged.</param>
    /// <param name="blockSize">Bytes of the stretches.</param>
    /// <exception cref="ArgumentException">An option is bad, a column is missing, or the given ids cannot be continued.</exception>
    /// <exception cref="InvalidDataException">A file is empty, no UTF-8 text or lacks its header, or its length is not known, or a row is
    /// bad and the options say to throw.</exception>
    /// <exception cref="IOException">A file is missing, cannot be read, or became shorter meanwhile.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Interactions Read(
        IReadOnlyList<string> paths, InteractionFileOptions options, InteractionReadOptions reading, IChannel channel,
        int blockSize = BlockSize)
    {
        options.Validate();
        reading.Validate();
        var reader = new InteractionFileReader(options, reading, blockSize);
        foreach (var path in paths)
            reader.Read(path);
        reading.Progress?.Report(reader._counts.Read);
        var interactions = reader._builder.Build(reader._users.ToMap(), reader._items.ToMap(), reading.Duplicates, reader._counts, reading.CancellationToken);
        InteractionCollector.Log(channel, interactions, reading.Duplicates, reader._hasFractions ? options.Columns.Timestamp : null);
        return interactions;
    }

    private static DataKind KindOf(DataKind? given, IdMap? known, string option)
    {
        if (known is { IsKey: true })
            throw new ArgumentException("The ids to continue are keys. Read the file by mlContext.Data.LoadFromTextFile, map it with the same fitted MapValueToKey as before, and read that view.");
        if (known is not null && given is not null && given != known.Kind)
            throw new ArgumentException($"{option} is {given}, but the ids to continue are raw {known.Kind} ids. Leave it null.", option);
        return given ?? known?.Kind ?? DataKind.String;
    }

    private void Read(string path)
    {
        using var file = TextFile.Open(path, FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(file);
        var layout = new InteractionFileLayout(file, path, _options, _userKind, _itemKind);
        var threads = _reading.NumberOfThreads ?? Environment.ProcessorCount;
        var next = layout.Start;
        var line = _options.HasHeader ? 1L : 0;
        var running = new Queue<Task<InteractionFileBlock>>();
        var free = new Stack<InteractionFileBlock>();
        try
        {
            while (next < length || running.Count > 0)
            {
                while (next < length && running.Count < threads)
                {
                    var (block, begin, end) = (free.TryPop(out var used) ? used : new InteractionFileBlock(layout, _reading.BadRows), next, Math.Min(length, next + _blockSize));
                    running.Enqueue(threads == 1 ? Task.FromResult(Run()) : Task.Run(Run));
                    next = end;

                    InteractionFileBlock Run()
                    {
                        block.Read(file, begin, end, _reading.CancellationToken);
                        return block;
                    }
                }
                var done = running.Dequeue().GetAwaiter().GetResult();
                Take(done);
                line += done.Lines;
                if (done.Error is not null)
                    throw new InvalidDataException(FormattableString.Invariant($"{path}, line {line}: {done.Error}"));
                free.Push(done);
            }
            // The last line of a stretch is read beyond its end, and may have been cut there.
            if (RandomAccess.GetLength(file) < length)
                throw TextFile.Shrunk(path);
        }
        finally
        {
            // The file must stay open for those that still read; what they meet no longer matters.
            Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        }
    }

    /// <summary>Hands the rows of the next stretch on, with the indices of their ids.</summary>
    private void Take(InteractionFileBlock block)
    {
        var users = ArrayPool<int>.Shared.Rent(block.Users.Count);
        var items = ArrayPool<int>.Shared.Rent(block.Items.Count);
        _users.IndicesOf(block.Users, users.AsSpan(0, block.Users.Count));
        _items.IndicesOf(block.Items, items.AsSpan(0, block.Items.Count));
        foreach (var row in block.Rows)
            _builder.Add(users[row.User], items[row.Item], row.Label, row.Weight, row.Timestamp);
        ArrayPool<int>.Shared.Return(users);
        ArrayPool<int>.Shared.Return(items);

        var (before, own) = (_counts, block.Counts);
        _counts = new InteractionCounts(before.Read + own.Read, before.MissingIds + own.MissingIds, before.BadLabels + own.BadLabels,
            before.BadWeights + own.BadWeights, before.BadTimestamps + own.BadTimestamps);
        _hasFractions |= block.HasFractions;
        if (before.Read / RowsPerReport != _counts.Read / RowsPerReport)
            _reading.Progress?.Report(_counts.Read);
    }
}
