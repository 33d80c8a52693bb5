using System.Threading.Channels;

namespace MLNetRecExt;

/// <summary>Sends rows to all other workers while the rest is still solved: a chunk as soon as all of its rows are done, two at a time to
/// each.</summary>
internal sealed class Outbox
{
    private const int Window = 2;

    private readonly int _first, _rowsPerChunk, _end;
    private readonly int[] _missing;
    private readonly Channel<FactorRows>[] _queues;
    private readonly Task[] _senders;
    private readonly Func<int, int, FactorRows> _rows;
    private long _bytes;

    /// <param name="range">The rows.</param>
    /// <param name="rowBytes">Bytes of each.</param>
    /// <param name="rows">Makes a message of a first row and a number.</param>
    /// <param name="peers">Who gets them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Outbox(
        (int First, int End) range, int rowBytes, Func<int, int, FactorRows> rows, IReadOnlyList<IWalsWorker> peers,
        CancellationToken cancellationToken)
    {
        (_first, _end) = range;
        _rows = rows;
        _rowsPerChunk = Math.Max(1, FactorRowsCodec.ChunkBytes / rowBytes);
        _missing = new int[(_end - _first + _rowsPerChunk - 1) / _rowsPerChunk];
        for (int chunk = 0; chunk < _missing.Length; chunk++)
            _missing[chunk] = Math.Min(_rowsPerChunk, _end - FirstOf(chunk));
        _queues = [.. peers.Select(_ => Channel.CreateUnbounded<FactorRows>())];
        _senders = [.. peers.SelectMany((peer, i) => Enumerable.Range(0, Window).Select(_ =>
            Task.Run(() => Send(peer, _queues[i], rowBytes, cancellationToken), cancellationToken)))];
    }

    /// <summary>Bytes that have arrived.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Rows are done: sends the chunks that are complete now.</summary>
    public void Add(int first, int end)
    {
        for (int row = first; row < end;)
        {
            var chunk = (row - _first) / _rowsPerChunk;
            var next = Math.Min(end, FirstOf(chunk + 1));
            if (Interlocked.Add(ref _missing[chunk], row - next) == 0)
                foreach (var queue in _queues)
                    queue.Writer.TryWrite(_rows(FirstOf(chunk), Math.Min(_rowsPerChunk, _end - FirstOf(chunk))));
            row = next;
        }
    }

    /// <summary>Waits until everything has arrived.</summary>
    public async Task CompleteAsync()
    {
        foreach (var queue in _queues)
            queue.Writer.Complete();
        await Task.WhenAll(_senders);
    }

    private int FirstOf(int chunk) => _first + chunk * _rowsPerChunk;

    private async Task Send(IWalsWorker peer, Channel<FactorRows> queue, int rowBytes, CancellationToken cancellationToken)
    {
        await foreach (var rows in queue.Reader.ReadAllAsync(cancellationToken))
        {
            var fate = await peer.Receive(rows).WaitAsync(cancellationToken);
            if (fate != FactorRowsFate.Taken)
                throw new IOException($"{peer.GetPrimaryKeyString()} did not take rows: {fate}.");
            Interlocked.Add(ref _bytes, (long)rows.Count * rowBytes);
        }
    }
}
