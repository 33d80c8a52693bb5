using System.Buffers.Binary;

namespace MLNetRecExt.Fuzz;

/// <summary>Damage to bytes, of the kinds that disks, networks and people do.</summary>
internal static class Mutation
{
    private static readonly long[] Integers =
    [
        0, 1, -1, 2, 3, 7, 255, 256, 1000, 65_535, 1 << 20, 1 << 28, int.MaxValue, int.MinValue, int.MaxValue - 7, uint.MaxValue,
        1L << 32, 1L << 40, long.MaxValue, long.MinValue,
    ];

    private static readonly float[] Singles =
    [
        0, -0f, 1, -1, 0.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, float.Epsilon,
        1e-30f, 1e10f, 1e20f, 1e30f, -1e30f,
    ];

    /// <summary>Makes one to four changes.</summary>
    /// <param name="bytes">What is damaged; it is not changed itself.</param>
    /// <param name="other">What parts of are put in.</param>
    /// <param name="random">Chooses.</param>
    public static byte[] Damage(byte[] bytes, byte[] other, Random random)
    {
        var damaged = (byte[])bytes.Clone();
        for (int change = random.Next(1, 5); change > 0; change -= random.Next(1, 5))
            damaged = damaged.Length == 0 ? other[..random.Next(other.Length)] : Change(damaged, other, random);
        return damaged;
    }

    /// <summary>Overwrites 1, 2, 4 or 8 bytes with a number that is seldom met.</summary>
    public static void WriteWild(Span<byte> bytes, Random random)
    {
        switch (bytes.Length)
        {
            case 4 when random.Next(2) == 0:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, Singles[random.Next(Singles.Length)]);
                break;
            case 8 when random.Next(4) == 0:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, Singles[random.Next(Singles.Length)]);
                break;
            default:
                Span<byte> value = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(
                    value, random.Next(8) == 0 ? random.NextInt64() : Integers[random.Next(Integers.Length)]);
                value[..bytes.Length].CopyTo(bytes);
                break;
        }
    }

    private static byte[] Change(byte[] bytes, byte[] other, Random random)
    {
        var place = random.Next(bytes.Length);
        var length = Math.Min(bytes.Length - place, 1 << random.Next(10));
        switch (random.Next(10))
        {
            case 0:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[place] = (byte)random.Next(256);
                return bytes;
            case 2:
                var width = 1 << random.Next(4);
                WriteWild(bytes.AsSpan(place, place + width <= bytes.Length ? width : 1), random);
                return bytes;
            case 3:
                return bytes[..place];
            case 4:
                return [.. bytes[..place], .. bytes[(place + length)..]];
            case 5:
                var inserted = new byte[length];
                random.NextBytes(inserted);
                return [.. bytes[..place], .. inserted, .. bytes[place..]];
            case 6:
                return [.. bytes[..(place + length)], .. bytes[place..]];
            case 7:
                bytes.AsSpan(place, length).Clear();
                return bytes;
            case 8:
                Swap(bytes.AsSpan(place, length), bytes.AsSpan(random.Next(bytes.Length - length + 1), length));
                return bytes;
            default:
                return [.. bytes[..place], .. other[random.Next(other.Length)..]];
        }
    }

    private static void Swap(Span<byte> one, Span<byte> two)
    {
        // They may overlap: then it is no swap, and damage all the same.
        byte[] first = [.. one], second = [.. two];
        second.CopyTo(one);
        first.CopyTo(two);
    }
}
