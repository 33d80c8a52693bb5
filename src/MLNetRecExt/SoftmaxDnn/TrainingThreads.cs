using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace MLNetRecExt;

/// <summary>Threads of a training. What is cut for them is cut alike for any number of them, so that their number does not show in the
/// bits.</summary>
/// <remarks>
/// A step is a chain of short lots, and to wake a thread for each would take as long as some of them. Helpers therefore come from the pool
/// once, look out for the
/// next lot, and go back when none comes for a while. A lot is done when its parts are: nobody waits for a helper that is late.
/// </remarks>
internal sealed class TrainingThreads(int count, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMicroseconds(100);

    private volatile Lot? _lot;
    private int _helpers;

    public int Count { private get; set; } = count;

    /// <summary>Does 0…count−1; the caller takes the first that is left, helpers the last, so that a thread tends to get the same ones of
    /// every lot, which its cache has.</summary>
    public void ForEach(int count, Action<int> work)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var lot = new Lot(count, work);
        if (Math.Min(Count, count) > 1)
        {
            _lot = lot;
            while (Volatile.Read(ref _helpers) < Math.Min(Count, count) - 1)
            {
                Interlocked.Increment(ref _helpers);
                ThreadPool.UnsafeQueueUserWorkItem(threads => threads.Help(), this, preferLocal: false);
            }
        }
        lot.Take(fromFront: true);
        lot.Wait();
    }

    /// <summary>Does 0…count−1 in runs of <paramref name="size"/>: the first, and the one after the last.</summary>
    public void ForEachChunk(int count, int size, Action<int, int> work) => ForEachChunk([(count, size, work)]);

    /// <summary>The same for several lots that do not wait for one another.</summary>
    public void ForEachChunk(params (int Count, int Size, Action<int, int> Work)[] lots)
    {
        ForEach(lots.Sum(Chunks), chunk =>
        {
            foreach (var lot in lots)
            {
                if (chunk < Chunks(lot))
                {
                    lot.Work(chunk * lot.Size, Math.Min(lot.Count, (chunk + 1) * lot.Size));
                    return;
                }
                chunk -= Chunks(lot);
            }
        });

        static int Chunks((int Count, int Size, Action<int, int>) lot) => (lot.Count + lot.Size - 1) / lot.Size;
    }

    private void Help()
    {
        Lot? last = null;
        for (var idle = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(idle) < Patience;)
        {
            if (_lot is not { } lot || lot == last)
            {
                Thread.SpinWait(10);
                continue;
            }
            last = lot;
            lot.Take(fromFront: false);
            idle = Stopwatch.GetTimestamp();
        }
        Interlocked.Decrement(ref _helpers);
    }

    private sealed class Lot(int count, Action<int> work)
    {
        private int _untaken = count, _left = count, _front = -1, _back = count;
        private volatile Exception? _failure;

        /// <summary>Does what nobody else has taken. From the front only one thread takes.</summary>
        public void Take(bool fromFront)
        {
            while (Interlocked.Decrement(ref _untaken) >= 0)
            {
                try
                {
                    work(fromFront ? ++_front : Interlocked.Decrement(ref _back));
                }
                catch (Exception failure)
                {
                    _failure = failure;
                }
                Interlocked.Decrement(ref _left);
            }
        }

        /// <summary>Waits for what others have taken.</summary>
        public void Wait()
        {
            for (var spin = new SpinWait(); Volatile.Read(ref _left) > 0;)
                spin.SpinOnce(sleep1Threshold: -1);
            if (_failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
        }
    }
}
