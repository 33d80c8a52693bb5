using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Gives raw ids indices in order of first occurrence, behind those of the ids that were known before.</summary>
internal abstract class RawIdIndex
{
    private RawIdIndex()
    {
    }

    /// <param name="kind">Text or an integer.</param>
    /// <param name="known">Raw ids of that kind that keep their indices, or null.</param>
    public static RawIdIndex Create(DataKind kind, IdMap? known) => kind == DataKind.String ? new OfText(known) : new OfIntegers(kind, known);

    /// <summary>The index of each of a block's own ids.</summary>
    public abstract void IndicesOf(BlockIds ids, Span<int> indices);

    /// <summary>All ids met so far, and those known before.</summary>
    public abstract IdMap ToMap();

    /// <summary>A copy of the known ids' index that may grow.</summary>
    private static Dictionary<T, int> Continue<T>(Dictionary<T, int> index, IdMap known) where T : notnull =>
        index.Count == known.Count
            ? new Dictionary<T, int>(index, index.Comparer)
            : throw new ArgumentException($"The ids to continue hold {known.Count - index.Count:N0} repeated ids; each must occur once.");

    public sealed class OfText : RawIdIndex
    {
        private readonly IdMap? _known;
        private readonly Dictionary<string, int> _index;
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public OfText(IdMap? known)
        {
            _known = known;
            _index = known is null ? new(StringComparer.Ordinal) : Continue(known.TextIndex, known);
            _lookup = _index.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public int IndexOrAdd(ReadOnlySpan<char> id)
        {
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_lookup, id, out var known);
            if (!known)
                index = _index.Count - 1;
            return index;
        }

        public override void IndicesOf(BlockIds ids, Span<int> indices)
        {
            var chars = ArrayPool<char>.Shared.Rent(ids.LongestText);
            for (int i = 0; i < indices.Length; i++)
                indices[i] = IndexOrAdd(chars.AsSpan(0, Encoding.UTF8.GetChars(ids.Text(i), chars)));
            ArrayPool<char>.Shared.Return(chars);
        }

        public override IdMap ToMap() => _index.Count == _known?.Count ? _known : IdMap.FromIndex(_index);
    }

    public sealed class OfIntegers(DataKind kind, IdMap? known) : RawIdIndex
    {
        private readonly Dictionary<long, int> _index = known is null ? new(IdHash.Comparer) : Continue(known.IntegerIndex, known);

        public int IndexOrAdd(long id) => IdMap.IndexOrAdd(_index, id);

        public override void IndicesOf(BlockIds ids, Span<int> indices)
        {
            for (int i = 0; i < indices.Length; i++)
                indices[i] = IndexOrAdd(ids.Integer(i));
        }

        public override IdMap ToMap() => _index.Count == known?.Count ? known : IdMap.FromIndex(_index, kind);
    }
}
