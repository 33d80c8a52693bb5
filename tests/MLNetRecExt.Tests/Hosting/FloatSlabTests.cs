namespace MLNetRecExt.Tests;

public class FloatSlabTests
{
    public static TheoryData<int, int> Shapes()
    {
        var shapes = new TheoryData<int, int>();
        foreach (var length in (int[])[0, 1, 3, 4, 5, 27, 28, 29, 1000, 4 << 20, (4 << 20) + 1, (12 << 20) - 3])
            foreach (var maxLength in (int[])[7, 64, 1000, 1 << 20, 1 << 24])
                if (length / maxLength < 1 << 12)
                    shapes.Add(length, maxLength);
        return shapes;
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Read_WhatWasWritten_IsTheSame(int length, int maxLength)
    {
        var bytes = Bytes(length);

        var vectors = Write(bytes, maxLength);

        Assert.All(vectors, vector => Assert.InRange(vector.Length, 1, maxLength));
        Assert.All(vectors, vector => Assert.Equal(vectors[0].Length, vector.Length));
        Assert.DoesNotContain(vectors, vector => vector.Any(float.IsNaN));
        Assert.True(bytes.AsSpan().SequenceEqual(Read(vectors)));
    }

    [Fact]
    public void Read_OddPieces_GivesTheSameBytes()
    {
        var bytes = Bytes(10_000);
        using var reader = Reader(Write(bytes, 900));
        var read = new List<byte>();
        var random = new Random(5);

        while (true)
        {
            var piece = new byte[random.Next(1, 40)];
            var count = reader.Read(piece);
            if (count == 0)
                break;
            read.AddRange(piece.AsSpan(0, count));
        }

        Assert.Equal(bytes, read);
    }

    [Fact]
    public void Seek_Anywhere_ReadsFromThere()
    {
        var bytes = Bytes(10_000);
        using var reader = Reader(Write(bytes, 900));
        var piece = new byte[100];

        foreach (var position in (int[])[9_899, 0, 4_001, 3_600])
        {
            Assert.Equal(position, reader.Seek(position, SeekOrigin.Begin));
            reader.ReadExactly(piece);
            Assert.Equal(bytes[position..(position + 100)], piece);
        }
        Assert.Equal(3_600, reader.Seek(-100, SeekOrigin.Current));
        Assert.Equal(10_001, reader.Seek(1, SeekOrigin.End));
        Assert.Equal(0, reader.Read(piece));
    }

    [Fact]
    public void Read_EveryWordANaN_GivesTheSameBytes()
    {
        var bytes = new byte[4 * 3000];
        Array.Fill(bytes, (byte)0xFF);

        Assert.Equal(bytes, Read(Write(bytes, 2000)));
    }

    [Fact]
    public void Read_DamagedTrailer_SaysSo()
    {
        var vectors = Write(Bytes(100), 10);
        vectors[^1][^1] = vectors[^1][^2] = vectors[^1][^3] = BitConverter.UInt32BitsToSingle(0xFFFF);

        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Reader(vectors)).Message);
    }

    /// <summary>Random bytes of which every seventh word or so would be a NaN of some kind.</summary>
    private static byte[] Bytes(int length)
    {
        var random = new Random(length);
        var bytes = new byte[length];
        random.NextBytes(bytes);
        for (int i = 0; i + 4 <= length; i += 4)
        {
            if (random.Next(7) == 0)
                BitConverter.TryWriteBytes(bytes.AsSpan(i), 0x7F800001u | (uint)random.Next() | (random.Next(2) == 0 ? 0x80000000u : 0));
        }
        return bytes;
    }

    private static float[][] Write(byte[] bytes, int maxLength)
    {
        using var writer = new FloatSlabWriter();
        var random = new Random(1);
        for (int position = 0; position < bytes.Length;)
        {
            var piece = Math.Min(random.Next(1, 1 << 20), bytes.Length - position);
            writer.Write(bytes, position, piece);
            position += piece;
        }
        return [.. writer.ToVectors(maxLength).Vectors.Select(make => make())];
    }

    private static FloatSlabReader Reader(float[][] vectors) =>
        new(vectors.Length, index => new Microsoft.ML.Data.VBuffer<float>(vectors[index].Length, vectors[index]));

    private static byte[] Read(float[][] vectors)
    {
        using var reader = Reader(vectors);
        var bytes = new byte[reader.Length];
        reader.ReadExactly(bytes);
        Assert.Equal(0, reader.Read(new byte[1]));
        return bytes;
    }
}
