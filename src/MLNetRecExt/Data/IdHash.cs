using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MLNetRecExt;

/// <summary>Hashes ids of 64 bits, for tables of them.</summary>
/// <remarks>
/// .NET's own hash of a <see cref="long"/> is its upper half xor its lower one: ids like (i &lt;&lt; 32) | i, two numbers in one, all hash
/// to 0, and a table of them takes quadratic time. Every bit of this hash depends on every bit of the id and on a number that each process
/// draws anew, so neither a habit of numbering nor intent makes many ids collide. No result depends on it: ids are numbered as they occur.
/// </remarks>
internal sealed class IdHash : IEqualityComparer<long>
{
    private static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private IdHash()
    {
    }

    public static IdHash Comparer { get; } = new();

    /// <summary>The hash of eight bytes, in all of its bits.</summary>
    /// <remarks>MurmurHash3's finaliser, with the constants of Stafford's variant 13.</remarks>
    public static ulong Of(ulong bits)
    {
        bits ^= Seed;
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
        return bits ^ bits >> 31;
    }

    /// <summary>The hash of any number of bytes, eight at a time.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Of(Word(bytes) ^ (ulong)bytes.Length << 56);
        while (bytes.Length > sizeof(ulong))
        {
            bytes = bytes[sizeof(ulong)..];
            hash = Of(hash ^ Word(bytes));
        }
        return hash;
    }

    /// <summary>The first eight bytes, zeros behind fewer.</summary>
    public static ulong Word(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= sizeof(ulong))
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong word = 0;
        for (int i = 0; i < bytes.Length; i++)
            word |= (ulong)bytes[i] << 8 * i;
        return word;
    }

    public bool Equals(long a, long b) => a == b;

    public int GetHashCode(long id) => (int)Of((ulong)id);
}
