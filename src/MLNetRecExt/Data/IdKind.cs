using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>A kind of ids that fit 64 bits: how their values become bits, text and values of a column, and back. The one table of such
/// kinds.</summary>
internal abstract class IdKind
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    private static readonly IdKind[] All =
    [
        Integer<sbyte>(DataKind.SByte, NumberDataViewType.SByte),
        Integer<byte>(DataKind.Byte, NumberDataViewType.Byte),
        Integer<short>(DataKind.Int16, NumberDataViewType.Int16),
        Integer<ushort>(DataKind.UInt16, NumberDataViewType.UInt16),
        Integer<int>(DataKind.Int32, NumberDataViewType.Int32),
        Integer<uint>(DataKind.UInt32, NumberDataViewType.UInt32),
        Integer<long>(DataKind.Int64, NumberDataViewType.Int64),
        Integer<ulong>(DataKind.UInt64, NumberDataViewType.UInt64),
        new Of<bool>(DataKind.Boolean, BooleanDataViewType.Instance, value => value ? 1 : 0, bits => bits != 0,
            value => value.ToString(Culture), bool.TryParse),
        new Of<float>(DataKind.Single, NumberDataViewType.Single,
            value => BitConverter.SingleToInt32Bits(value), bits => BitConverter.Int32BitsToSingle((int)bits),
            value => value.ToString(Culture), (text, out value) => float.TryParse(text, NumberStyles.Float, Culture, out value)),
        new Of<double>(DataKind.Double, NumberDataViewType.Double, BitConverter.DoubleToInt64Bits, BitConverter.Int64BitsToDouble,
            value => value.ToString(Culture), (text, out value) => double.TryParse(text, NumberStyles.Float, Culture, out value)),
        new Of<DateTime>(DataKind.DateTime, DateTimeDataViewType.Instance, value => value.Ticks, bits => new DateTime(bits),
            value => value.ToString("O", Culture),
            (text, out value) => DateTime.TryParseExact(text, "O", Culture, DateTimeStyles.None, out value)),
        new Of<TimeSpan>(DataKind.TimeSpan, TimeSpanDataViewType.Instance, value => value.Ticks, bits => new TimeSpan(bits),
            value => value.ToString("c", Culture), (text, out value) => TimeSpan.TryParseExact(text, "c", Culture, out value)),
    ];

    private IdKind(DataKind kind, PrimitiveDataViewType type) => (Kind, Type) = (kind, type);

    /// <summary>Parses a text that <c>GetText</c> gave.</summary>
    internal delegate bool Parser<T>(ReadOnlySpan<char> text, out T value);

    /// <summary>What keys without values are taken for.</summary>
    public static IdKind Int64 { get; } = Find(DataKind.Int64)!;

    public DataKind Kind { get; }

    /// <summary>The type of a column of such ids.</summary>
    public PrimitiveDataViewType Type { get; }

    /// <summary>Whether the bits are a whole number, so that integers of any width can be looked for among them.</summary>
    public bool IsWhole => Kind is not (DataKind.Single or DataKind.Double or DataKind.DateTime or DataKind.TimeSpan);

    /// <summary>Whether columns may hold such ids as they are, not only as values of keys.</summary>
    public bool IsRaw => Kind is DataKind.Int32 or DataKind.Int64 or DataKind.UInt32 or DataKind.UInt64;

    /// <summary>Least and greatest bits of an id.</summary>
    private (long Least, long Greatest) Bounds => Kind switch
    {
        DataKind.SByte => (sbyte.MinValue, sbyte.MaxValue),
        DataKind.Byte => (byte.MinValue, byte.MaxValue),
        DataKind.Int16 => (short.MinValue, short.MaxValue),
        DataKind.UInt16 => (ushort.MinValue, ushort.MaxValue),
        DataKind.Int32 or DataKind.Single => (int.MinValue, int.MaxValue),
        DataKind.UInt32 => (uint.MinValue, uint.MaxValue),
        DataKind.Boolean => (0, 1),
        DataKind.DateTime => (DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks),
        _ => (long.MinValue, long.MaxValue),
    };

    /// <summary>Position of the first of some bits that are of no id of the kind; −1 when all are.</summary>
    public int FindMisfit(ReadOnlySpan<long> bits) => bits.IndexOfAnyExceptInRange(Bounds.Least, Bounds.Greatest);

    /// <summary>The kind of that name; null for text and <see cref="DataKind.DateTimeOffset"/>, which do not fit 64 bits.</summary>
    public static IdKind? Find(DataKind kind) => Array.Find(All, known => known.Kind == kind);

    /// <summary>The kind whose values have a type, or null.</summary>
    public static IdKind? Find(Type rawType) => Array.Find(All, known => known.Type.RawType == rawType);

    /// <summary>The invariant text of an id.</summary>
    public abstract string Format(long bits);

    /// <summary>The inverse of <see cref="Format"/>.</summary>
    public abstract bool TryParse(ReadOnlySpan<char> text, out long bits);

    /// <summary>The values that some bits stand for, as an array of the kind's own type.</summary>
    public abstract Array ToArray(long[] bits);

    /// <summary>The bits of a key column's <c>KeyValues</c>.</summary>
    public abstract long[] ReadKeyValues(DataViewSchema.Column column);

    /// <summary>Adds ids as the <c>KeyValues</c> of a key column, in their own type.</summary>
    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, long[] bits);

    private static Of<T> Integer<T>(DataKind kind, PrimitiveDataViewType type) where T : struct, IBinaryInteger<T> =>
        new(kind, type, long.CreateTruncating, T.CreateTruncating, value => value.ToString(null, Culture),
            (text, out value) => T.TryParse(text, NumberStyles.AllowLeadingSign, Culture, out value));

    /// <summary>The kind whose ids are values of a type.</summary>
    public sealed class Of<T> : IdKind
    {
        private readonly Func<T, string> _format;
        private readonly Parser<T> _tryParse;

        internal Of(DataKind kind, PrimitiveDataViewType type,
            Func<T, long> toBits, Func<long, T> fromBits, Func<T, string> format, Parser<T> tryParse)
            : base(kind, type)
        {
            (ToBits, FromBits, _format, _tryParse) = (toBits, fromBits, format, tryParse);
        }

        /// <summary>The kind, or null when values of the type are no ids.</summary>
        public static Of<T>? Instance { get; } = Find(typeof(T)) as Of<T>;

        public Func<T, long> ToBits { get; }

        public Func<long, T> FromBits { get; }

        public override string Format(long bits) => _format(FromBits(bits));

        public override bool TryParse(ReadOnlySpan<char> text, out long bits)
        {
            var isId = _tryParse(text, out var value);
            bits = isId ? ToBits(value) : 0;
            return isId;
        }

        public override Array ToArray(long[] bits) => Array.ConvertAll(bits, id => FromBits(id));

        public override long[] ReadKeyValues(DataViewSchema.Column column) => IdMap.ReadKeyValues(column, ToBits);

        public override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, long[] bits) =>
            IdMap.AddKeyValues(annotations, Type, bits.Length, index => FromBits(bits[index]));
    }
}
