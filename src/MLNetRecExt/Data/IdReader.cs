using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Reads the user or item column of a cursor and turns ids into indices.</summary>
internal abstract class IdReader
{
    /// <param name="cursor">A cursor with the column active.</param>
    /// <param name="column">A column of a type that <see cref="InteractionColumns"/> has checked.</param>
    /// <param name="known">Ids that keep their indices; new ones get indices behind them. Null: start afresh.</param>
    /// <exception cref="ArgumentException">The column's ids cannot be those of <paramref name="known"/>.</exception>
    public static IdReader Open(DataViewRowCursor cursor, DataViewSchema.Column column, IdMap? known)
    {
        var raw = column.Type.RawType;
        if (column.Type is KeyDataViewType key)
        {
            if (known is not null && !(known.IsKey && key.Count == (ulong)known.Count && known.HasKeyValuesOf(column)))
                throw OtherIds(column, known, $"it is {key}{(known.IsKey && key.Count == (ulong)known.Count ? " with other KeyValues" : "")}");
            var ids = known ?? IdMap.FromKeyColumn(column);
            if (raw == typeof(byte)) return new KeyIds<byte>(cursor, column, ids);
            if (raw == typeof(ushort)) return new KeyIds<ushort>(cursor, column, ids);
            if (raw == typeof(uint)) return new KeyIds<uint>(cursor, column, ids);
            return new KeyIds<ulong>(cursor, column, ids);
        }

        var kind = raw == typeof(ReadOnlyMemory<char>) ? DataKind.String
            : raw == typeof(int) ? DataKind.Int32
            : raw == typeof(long) ? DataKind.Int64
            : raw == typeof(uint) ? DataKind.UInt32
            : DataKind.UInt64;
        if (known is not null && (known.IsKey || known.Kind != kind))
            throw OtherIds(column, known, $"it holds raw ids of type {column.Type}");
        return kind switch
        {
            DataKind.String => new TextIds(cursor, column, known),
            DataKind.Int32 => new IntegerIds<int>(cursor, column, kind, known),
            DataKind.Int64 => new IntegerIds<long>(cursor, column, kind, known),
            DataKind.UInt32 => new IntegerIds<uint>(cursor, column, kind, known),
            _ => new IntegerIds<ulong>(cursor, column, kind, known),
        };
    }

    /// <summary>Reads the current row's id; false when it is missing. Gives it no index yet, since the row may be bad elsewhere.</summary>
    public abstract bool Read();

    /// <summary>Puts the id that was read last in line for <see cref="Dequeue"/>.</summary>
    public abstract void Enqueue();

    /// <summary>The indices of the ids in line, in their order.</summary>
    /// <param name="indices">As many as wait; they are gone from the line afterwards.</param>
    public abstract void Dequeue(Span<int> indices);

    /// <summary>The index of the id that was read last, where none waits.</summary>
    public int Index()
    {
        Enqueue();
        var index = -1;
        Dequeue(new Span<int>(ref index));
        return index;
    }

    /// <summary>The id that was read last, for an error message; null where there is none.</summary>
    public abstract string? Value { get; }

    /// <summary>What an id has to be, for an error message.</summary>
    public virtual string Needed => "an id (a key from 1 to the key type's count, or text that is not empty)";

    /// <summary>All ids met so far, and those known before.</summary>
    public abstract IdMap ToMap();

    private static ArgumentException OtherIds(DataViewSchema.Column column, IdMap known, string found)
    {
        var needed = known switch
        {
            { IsKey: true } => $"{(known.Kind is null ? "" : $"{known.Kind} ")}keys with a count of {known.Count:N0}. Map the column with the same fitted MapValueToKey as before",
            _ => $"raw {known.Kind} ids. Pass a column of that type (mlContext.Transforms.Conversion.ConvertType)",
        };
        return new ArgumentException($"Column '{column.Name}' cannot continue the ids it is read for: {found}; those are {needed}.");
    }

    private sealed class KeyIds<T>(DataViewRowCursor cursor, DataViewSchema.Column column, IdMap ids) : IdReader
        where T : unmanaged, IBinaryInteger<T>
    {
        private readonly ValueGetter<T> _get = cursor.GetGetter<T>(column);
        private readonly ulong _count = (ulong)ids.Count;
        private readonly List<int> _queue = [];
        private T _key;

        public override string? Value => _key.ToString();

        public override bool Read()
        {
            _get(ref _key);
            return ulong.CreateTruncating(_key) - 1 < _count;
        }

        public override void Enqueue() => _queue.Add(int.CreateTruncating(_key) - 1);

        public override void Dequeue(Span<int> indices)
        {
            _queue.CopyTo(indices);
            _queue.Clear();
        }

        public override IdMap ToMap() => ids;
    }

    private sealed class IntegerIds<T>(DataViewRowCursor cursor, DataViewSchema.Column column, DataKind kind, IdMap? known) : IdReader
        where T : unmanaged, IBinaryInteger<T>
    {
        private readonly ValueGetter<T> _get = cursor.GetGetter<T>(column);
        private readonly RawIdIndex.OfIntegers _index = new(kind, known);
        private T _id;

        public override string? Value => _id.ToString();

        public override bool Read()
        {
            _get(ref _id);
            return true;
        }

        public override void Enqueue() => _index.Enqueue(long.CreateTruncating(_id));

        public override void Dequeue(Span<int> indices) => _index.Dequeue(indices);

        public override IdMap ToMap() => _index.ToMap();
    }

    private sealed class TextIds(DataViewRowCursor cursor, DataViewSchema.Column column, IdMap? known) : IdReader
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _get = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        private readonly RawIdIndex.OfText _index = new(known);
        private ReadOnlyMemory<char> _id;

        public override string? Value => _id.ToString();

        public override bool Read()
        {
            _get(ref _id);
            return !_id.IsEmpty;
        }

        public override void Enqueue() => _index.Enqueue(_id.Span);

        public override void Dequeue(Span<int> indices) => _index.Dequeue(indices);

        public override IdMap ToMap() => _index.ToMap();
    }
}
