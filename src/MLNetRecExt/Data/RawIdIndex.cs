using System.Text;
using System.Text.Unicode;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Gives raw ids indices in order of first occurrence, behind those of the ids that were known before.</summary>
internal abstract class RawIdIndex
{
    private const int FirstBytes = 1 << 12;

    private RawIdIndex()
    {
    }

    /// <param name="kind">Text or an integer.</param>
    /// <param name="known">Raw ids of that kind that keep their indices, or null.</param>
    public static RawIdIndex Create(DataKind kind, IdMap? known) => kind == DataKind.String ? new OfText(known) : new OfIntegers(kind, known);

    /// <summary>Gives indices to the ids that wait in line, in their order.</summary>
    /// <param name="indices">As many as wait; they are gone from the line afterwards.</param>
    /// <remarks>One id's place in memory does not depend on another's, so a loop over many waits for several places at once.</remarks>
    public abstract void Dequeue(Span<int> indices);

    /// <summary>The index of each of a block's own ids.</summary>
    public abstract void IndicesOf(BlockIds ids, Span<int> indices);

    /// <summary>All ids met, and those known before. None can be added afterwards: what finds them is let go of, since it takes more memory
    /// than they do.</summary>
    public abstract IdMap ToMap();

    private static ArgumentException Repeated(int ids) =>
        new($"The ids to continue hold {ids:N0} repeated ids; each must occur once.");

    public sealed class OfText : RawIdIndex
    {
        private readonly IdMap? _known;
        private readonly IdTable _table = new();
        private readonly Utf8Ids _ids = new();
        private readonly List<Waiting> _queue = [];
        private byte[] _bytes = new byte[FirstBytes];

        public OfText(IdMap? known)
        {
            _known = known;
            for (int index = 0; index < known?.Count; index++)
                IndexOrAdd(known.Text![index]);
            if (known is not null && _table.Count < known.Count)
                throw Repeated(known.Count - _table.Count);
        }

        /// <summary>Puts an id in line for <see cref="Dequeue"/>.</summary>
        public void Enqueue(ReadOnlySpan<char> id)
        {
            var start = _queue.Count == 0 ? 0 : _queue[^1].End;
            if ((_bytes.Length - start) / Utf8Ids.MostBytes < id.Length)
                Array.Resize(ref _bytes, checked(2 * _bytes.Length + Utf8Ids.MostBytes * id.Length));
            var end = start + Utf8Ids.Encode(id, _bytes.AsSpan(start));
            var hash = IdHash.Of(_bytes.AsSpan(start..end));
            _table.Prefetch(hash);
            _queue.Add(new(hash, end));
        }

        public override void Dequeue(Span<int> indices)
        {
            int start = 0, i = 0;
            foreach (var (hash, end) in _queue)
            {
                indices[i++] = IndexOrAdd(_bytes.AsSpan(start, end - start), hash);
                start = end;
            }
            _queue.Clear();
        }

        private int IndexOrAdd(ReadOnlySpan<byte> id) => IndexOrAdd(id, IdHash.Of(id));

        private int IndexOrAdd(ReadOnlySpan<byte> id, ulong hash)
        {
            var place = hash;
            int index;
            while ((index = _table.Next(hash, ref place)) >= 0)
                if (id.SequenceEqual(_ids[index]))
                    return index;
            _ids.Add(id);
            return _table.Add(hash);
        }

        public override void IndicesOf(BlockIds ids, Span<int> indices)
        {
            for (int i = 0; i < indices.Length; i++)
                indices[i] = Utf8.IsValid(ids.Text(i)) ? IndexOrAdd(ids.Text(i), ids.HashOf(i)) : IndexOrAddMended(ids.Text(i));
        }

        /// <summary>Of bytes that are no UTF-8, the text that they are read as.</summary>
        private int IndexOrAddMended(ReadOnlySpan<byte> id) => IndexOrAdd(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(id)));

        public override IdMap ToMap()
        {
            _table.Release();
            return _table.Count == _known?.Count ? _known : IdMap.FromText(_ids);
        }

        /// <summary>An id in line, whose bytes end there; they start where those of the one before end.</summary>
        private readonly record struct Waiting(ulong Hash, int End);
    }

    public sealed class OfIntegers : RawIdIndex
    {
        private readonly DataKind _kind;
        private readonly IdMap? _known;
        private readonly IdTable _table = new();
        private readonly List<long> _ids = [], _queue = [];

        public OfIntegers(DataKind kind, IdMap? known)
        {
            (_kind, _known) = (kind, known);
            foreach (var id in known?.Integers ?? [])
                IndexOrAdd(id);
            if (known is not null && _table.Count < known.Count)
                throw Repeated(known.Count - _table.Count);
        }

        /// <summary>Puts an id in line for <see cref="Dequeue"/>.</summary>
        public void Enqueue(long id)
        {
            _table.Prefetch(IdHash.Of((ulong)id));
            _queue.Add(id);
        }

        public override void Dequeue(Span<int> indices)
        {
            int i = 0;
            foreach (var id in _queue)
                indices[i++] = IndexOrAdd(id);
            _queue.Clear();
        }

        private int IndexOrAdd(long id)
        {
            // The hash tells integers apart: it can be turned back.
            var hash = IdHash.Of((ulong)id);
            var place = hash;
            var index = _table.Next(hash, ref place);
            if (index >= 0)
                return index;
            _ids.Add(id);
            return _table.Add(hash);
        }

        public override void IndicesOf(BlockIds ids, Span<int> indices)
        {
            for (int i = 0; i < indices.Length; i++)
                indices[i] = IndexOrAdd(ids.Integer(i));
        }

        public override IdMap ToMap()
        {
            _table.Release();
            return _table.Count == _known?.Count ? _known : IdMap.FromIntegers([.. _ids], _kind);
        }
    }
}
