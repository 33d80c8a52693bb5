using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// Gives indices to ids that come as values of any type: a database's or an object's. All are taken for one kind, text or integers, where
/// nothing is lost on the way; what cannot be is no id.
/// </summary>
internal sealed class ValueIds
{
    private const int LongestNumber = 64;

    private readonly DataKind _kind;
    private readonly RawIdIndex.OfText? _texts;
    private readonly RawIdIndex.OfIntegers? _integers;
    private readonly char[] _formatted = new char[LongestNumber];
    private ReadOnlyMemory<char> _text;
    private long _bits;

    /// <param name="kind">What the values are taken for unless ids are continued.</param>
    /// <param name="known">Ids that keep their indices and tell the kind; null: none.</param>
    /// <exception cref="ArgumentException">The ids of <paramref name="known"/> are keys.</exception>
    public ValueIds(DataKind kind, IdMap? known)
    {
        if (known is { IsKey: true } || known?.Kind is { } other && other != DataKind.String && !(IdKind.Find(other) is { IsRaw: true }))
            throw new ArgumentException($"The ids to continue are {(known.IsKey ? "keys" : known.Kind)}, which rows of values cannot be. "
                + "Read the part that they are of in the same way as this one.");
        _kind = known?.Kind ?? kind;
        if (_kind == DataKind.String)
            _texts = new(known);
        else
            _integers = new(_kind, known);
    }

    /// <summary>Types of values that can be ids, for an error message.</summary>
    public const string Types = "text, Guid, an integer of up to 64 bits, or decimal";

    /// <summary>What an id has to be, for an error message.</summary>
    public string Needed => _texts is not null ? "text that is not empty, a Guid or an integer" : $"a whole number within {_kind}";

    /// <summary>The kind of ids that values of a type are; null when they are none. A Guid is its text, as in <c>ToString()</c>.</summary>
    public static DataKind? KindOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid))
            return DataKind.String;
        return type.IsEnum ? null : Type.GetTypeCode(type) switch
        {
            TypeCode.String => DataKind.String,
            TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 => DataKind.Int32,
            TypeCode.UInt32 => DataKind.UInt32,
            TypeCode.Int64 or TypeCode.Decimal => DataKind.Int64,
            TypeCode.UInt64 => DataKind.UInt64,
            _ => null,
        };
    }

    /// <summary>Takes a value; false when it is no id.</summary>
    /// <remarks>For each type of value the runtime compiles its own branch alone, and boxes nothing.</remarks>
    public bool Take<TId>(TId id) => _texts is not null ? TakeText(id) : TakeInteger(id);

    /// <summary>Puts the value that was taken last in line for <see cref="Dequeue"/>.</summary>
    public void Enqueue()
    {
        if (_texts is not null)
            _texts.Enqueue(_text.Span);
        else
            _integers!.Enqueue(_bits);
    }

    /// <summary>The indices of the values in line, in their order.</summary>
    /// <param name="indices">As many as wait; they are gone from the line afterwards.</param>
    public void Dequeue(Span<int> indices) => ((RawIdIndex?)_texts ?? _integers)!.Dequeue(indices);

    /// <summary>All ids met so far, and those known before.</summary>
    public IdMap ToMap() => _texts is not null ? _texts.ToMap() : _integers!.ToMap();

    private bool TakeText<TId>(TId id)
    {
        if (id is string text)
            _text = text.AsMemory();
        else if (id is ISpanFormattable)
            _text = ((ISpanFormattable)id).TryFormat(_formatted, out var length, default, CultureInfo.InvariantCulture)
                ? _formatted.AsMemory(0, length)
                : default;
        else
            _text = default;
        return !_text.IsEmpty;
    }

    private bool TakeInteger<TId>(TId id) => id switch
    {
        long value => Take(value),
        int value => Take((long)value),
        short value => Take((long)value),
        uint value => Take((long)value),
        ushort value => Take((long)value),
        byte value => Take((long)value),
        sbyte value => Take((long)value),
        ulong value => Take(value),
        decimal value => Take(value),
        string text => decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && Take(value),
        _ => false,
    };

    private bool Take(decimal value)
    {
        if (!decimal.IsInteger(value) || value < long.MinValue || value > ulong.MaxValue)
            return false;
        return value <= long.MaxValue ? Take((long)value) : Take((ulong)value);
    }

    private bool Take(ulong value)
    {
        if (value <= long.MaxValue)
            return Take((long)value);
        _bits = (long)value;
        return _kind == DataKind.UInt64;
    }

    private bool Take(long value)
    {
        _bits = value;
        return _kind switch
        {
            DataKind.Int32 => value is >= int.MinValue and <= int.MaxValue,
            DataKind.UInt32 => value is >= 0 and <= uint.MaxValue,
            DataKind.UInt64 => value >= 0,
            _ => true,
        };
    }
}
