using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNetRecExt.Tests.Persistence;

/// <summary>Pieces so small that small arrays have many, and the lengths about their borders.</summary>
public static class Pieces
{
    /// <summary>In bytes: 16 floats.</summary>
    public const int Size = 64;

    /// <summary>Nothing, one, around one piece, around some, and many, of elements of so many bytes each.</summary>
    public static int[] Counts(int elementSize)
    {
        var piece = Math.Max(1, Size / elementSize);
        return [0, 1, piece - 1, piece, piece + 1, 2 * piece - 1, 2 * piece, 2 * piece + 1, 7 * piece + 3, 4096 * piece + 1];
    }

    /// <summary>Random elements.</summary>
    public static T[] Values<T>(int count) where T : unmanaged
    {
        var bytes = new byte[count * Unsafe.SizeOf<T>()];
        new Random(count).NextBytes(bytes);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    /// <summary>Three bytes: no number of them fills a piece.</summary>
    public record struct Triple(byte First, byte Second, byte Third);

    /// <summary>An element longer than a piece.</summary>
    [InlineArray(100)]
    public struct Wide
    {
        private byte _first;
    }
}
