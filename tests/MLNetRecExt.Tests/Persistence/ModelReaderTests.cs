using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Tests.Persistence;

public sealed class ModelReaderTests
{
    private const long Most = 1 << 30;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadArray_AnyNumberOfPieces_GivesTheElementsAndPaddingOfZeros(bool canSeek)
    {
        Check<byte>();
        Check<Pieces.Triple>();
        Check<float>();
        Check<long>();
        Check<Pieces.Wide>();

        void Check<T>() where T : unmanaged
        {
            foreach (var count in Pieces.Counts(Unsafe.SizeOf<T>()))
            {
                var values = Pieces.Values<T>(count);
                var reader = Reader(canSeek, writer => writer.WriteArray<T>(values));

                var read = reader.ReadArray<T>(count, padding: 5);

                Assert.Equal(Bytes<T>([.. values, .. new T[5]]), Bytes<T>(read));
                reader.CheckChecksum();
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadMatrix_AnyNumberOfPieces_GivesTheRowsAndPaddingOfZeros(bool canSeek)
    {
        foreach (var columns in new[] { 1, 15, 16, 17, 33, 48 })
            foreach (var rows in new[] { 0, 1, 2, 3, 4, 5, 40, 20_000 })
            {
                var matrix = Matrix(rows, columns);
                var into = new AlignedMatrix(rows, columns);
                var reader = Reader(canSeek, writer =>
                {
                    writer.WriteMatrix(matrix);
                    writer.WriteMatrix(matrix);
                });

                var read = reader.ReadMatrix(rows);
                reader.ReadMatrix(into);

                Assert.Equal((rows, columns), (read.Rows, read.Columns));
                Assert.True(read.Padded.SequenceEqual(matrix.Padded));
                Assert.True(into.Padded.SequenceEqual(matrix.Padded));
                reader.CheckChecksum();
            }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadText_LongAndShort_GivesThem(bool canSeek)
    {
        string[] texts = ["", "a", .. Pieces.Counts(sizeof(char)).Select(count => new string('é', count)), "", "\ud800"];
        var reader = Reader(canSeek, writer => writer.WriteText(texts));

        Assert.Equal(texts, reader.ReadText(texts.Length));
        reader.CheckChecksum();
    }

    public static TheoryData<string> Kinds => ["array", "text", "matrix of one row", "matrix of one column"];

    // Sixty bytes that promise gigabytes, under a right checksum.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_PromiseOfGigabytesInAStreamThatCannotSeek_TakesMemoryForWhatIsThere(string kind)
    {
        foreach (var present in new[] { 0, 1, 100_000, 3_000_000 })
        {
            var reader = new ModelReader(Unseekable(Promise(kind, Most, present)), maxMemory: long.MaxValue);
            var before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => Read(reader, kind)).Message);

            // Doubling takes 4 times what is there at most, rows of one column take 16 times as much.
            var most = 4_000_000 + 4 * (kind == "matrix of one column" ? 16L : 1) * present;
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, most);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_PromiseBeyondTheStream_TakesNoMemory(string kind)
    {
        var reader = new ModelReader(new MemoryStream(Promise(kind, Most, present: 1000)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => Read(reader, kind)).Message);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(1L << 60)]
    [InlineData(1L << 61)]
    [InlineData(long.MaxValue)]
    public void ReadArray_CountThatNoArrayHas_SaysDamaged(long count)
    {
        foreach (var stream in new[] { new MemoryStream(Promise("array", count, 1000)), Unseekable(Promise("array", count, 1000)) })
        {
            var reader = new ModelReader(stream);
            Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => reader.ReadArray<long>(null)).Message);
        }
    }

    [Fact]
    public void ReadArray_CountWithoutRoomForPadding_SaysDamaged()
    {
        var reader = new ModelReader(Unseekable(Promise("array", Array.MaxLength - 15, 1000)));

        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => reader.ReadArray<byte>(null, padding: 16)).Message);
    }

    /// <summary>Streams give seven bytes at a time: reading stops within numbers too.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadMatrix_OneNumberThatIsNone_SaysDamagedWhereverItStands(bool canSeek)
    {
        foreach (var (rows, columns) in new[] { (1, 1), (3, 5), (2, 16), (40, 17), (1, 5000), (5000, 1), (300, 32) })
            foreach (var place in new[] { 0, rows * columns / 3, rows * columns / 2, rows * columns - 1 })
                foreach (var number in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
                {
                    var matrix = Matrix(rows, columns);
                    matrix[place / columns][place % columns] = number;

                    Assert.Throws<InvalidDataException>(() => Open().ReadMatrix(rows));
                    Assert.Equal(number, Open().ReadMatrix(rows, finite: false)[place / columns][place % columns]);

                    ModelReader Open() => Reader(canSeek, writer => writer.WriteMatrix(matrix), bytesAtATime: 7);
                }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadFinite_OneNumberThatIsNone_SaysDamagedWhereverItStands(bool canSeek)
    {
        foreach (var count in Pieces.Counts(sizeof(float)).Where(count => count is > 0 and < 200))
            for (int place = 0; place < count; place++)
            {
                var numbers = new float[count];
                Assert.Equal(numbers, Open().ReadFinite(count));
                numbers[place] = float.NaN;
                Assert.Throws<InvalidDataException>(() => Open().ReadFinite(count));

                ModelReader Open() => Reader(canSeek, writer => writer.WriteArray<float>(numbers), bytesAtATime: 7);
            }
    }

    [Theory]
    [InlineData(1, int.MaxValue)]
    [InlineData(int.MaxValue, 17)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void ReadMatrix_ShapeThatThereCannotBe_SaysDamaged(int rows, int columns)
    {
        var reader = new ModelReader(Unseekable(Written(writer =>
        {
            writer.WriteInt32(rows);
            writer.WriteInt32(columns);
        })));

        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => reader.ReadMatrix(rows)).Message);
    }

    [Fact]
    public void Load_FewCompressedBytesThatPromiseGigabytesOfIds_SaysThatTheModelEndsEarly()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Written(writer =>
            {
                ModelFile.WriteHead(writer, "Popularity");
                writer.WriteInt32(Array.MaxLength);
                writer.WriteInt32((int)DataKind.Int64);
                writer.WriteInt32(0);
                Begin(writer, Array.MaxLength);
            }));
        compressed.Position = 0;
        using var stream = new GZipStream(compressed, CompressionMode.Decompress);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => RecommenderModel.Load(stream)).Message);

        Assert.InRange(compressed.Length, 1, 100);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    private static void Read(ModelReader reader, string kind)
    {
        switch (kind)
        {
            case "array":
                reader.ReadArray<int>(null, padding: 16);
                break;
            case "text":
                reader.ReadText(1);
                break;
            case "matrix of one row":
                reader.ReadMatrix(1);
                break;
            default:
                reader.ReadMatrix((int)(Most / 16));
                break;
        }
    }

    /// <summary>What stands before so many elements, and zeros, fewer than these.</summary>
    private static byte[] Promise(string kind, long count, int present) => Written(writer =>
    {
        if (kind == "text")
            writer.WriteArray<int>([(int)(count - 100)]);
        else if (kind != "array")
        {
            var (rows, columns) = kind == "matrix of one row" ? (1, (int)count) : ((int)(count / 16), 1);
            writer.WriteInt32(rows);
            writer.WriteInt32(columns);
            count = (long)rows * columns;
        }
        Begin(writer, kind == "text" ? count - 100 : count);
        for (int i = 0; i < present; i++)
            writer.WriteByte(0);
    });

    private static void Begin(ModelWriter writer, long count)
    {
        foreach (var part in BitConverter.GetBytes(count))
            writer.WriteByte(part);
        writer.WriteChecksum();
    }

    private static AlignedMatrix Matrix(int rows, int columns)
    {
        var matrix = new AlignedMatrix(rows, columns);
        var random = new Random(rows);
        for (int row = 0; row < rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle();
        return matrix;
    }

    /// <summary>A reader, by small pieces, of what is written and a checksum.</summary>
    private static ModelReader Reader(bool canSeek, Action<ModelWriter> write, int bytesAtATime = int.MaxValue)
    {
        var bytes = Written(writer =>
        {
            write(writer);
            writer.WriteChecksum();
        });
        return new ModelReader(new SlowStream(bytes, canSeek, bytesAtATime)) { PieceSize = Pieces.Size };
    }

    private static byte[] Written(Action<ModelWriter> write)
    {
        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static Stream Unseekable(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        compressed.Position = 0;
        return new GZipStream(compressed, CompressionMode.Decompress);
    }

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    private sealed class SlowStream(byte[] bytes, bool canSeek, int bytesAtATime) : MemoryStream(bytes)
    {
        public override bool CanSeek => canSeek;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, bytesAtATime)]);
    }
}
