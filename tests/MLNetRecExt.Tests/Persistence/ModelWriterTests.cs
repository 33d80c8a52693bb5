using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Tests.Persistence;

public sealed class ModelWriterTests
{
    [Fact]
    public void WriteArray_AnyNumberOfPieces_WritesCountChecksumAndElements()
    {
        Check<byte>();
        Check<Pieces.Triple>();
        Check<float>();
        Check<long>();
        Check<Pieces.Wide>();

        static void Check<T>() where T : unmanaged =>
            Assert.All(Pieces.Counts(Unsafe.SizeOf<T>()), count =>
            {
                var values = Pieces.Values<T>(count);

                Assert.Equal(
                    Laid(writer => writer.Write((long)count), MemoryMarshal.AsBytes<T>(values).ToArray()),
                    Written(writer => writer.WriteArray<T>(values)));
            });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(48)]
    public void WriteMatrix_AnyNumberOfPieces_WritesShapeAndRowsWithoutPadding(int columns)
    {
        foreach (var rows in new[] { 0, 1, 2, 3, 40 })
        {
            var matrix = new AlignedMatrix(rows, columns);
            var values = Pieces.Values<float>(rows * columns);
            for (int row = 0; row < rows; row++)
                values.AsSpan(row * columns, columns).CopyTo(matrix[row]);

            Assert.Equal(
                Laid(
                    writer =>
                    {
                        writer.Write(rows);
                        writer.Write(columns);
                        writer.Write((long)rows * columns);
                    },
                    MemoryMarshal.AsBytes<float>(values).ToArray()),
                Written(writer => writer.WriteMatrix(matrix)));
        }
    }

    // Memory that is only looked at costs none: every page of it is the one page of zeros.
    [Fact]
    public unsafe void WriteArray_MoreBytesThanASpanHolds_WritesThemAll()
    {
        const int count = (1 << 28) + 1;
        var zeros = NativeMemory.AllocZeroed(count, sizeof(long));
        try
        {
            using var stream = new CountingStream();
            var writer = new ModelWriter(stream);

            writer.WriteArray(new ReadOnlySpan<long>(zeros, count));
            writer.Flush();

            Assert.Equal(sizeof(long) + sizeof(ulong) + count * (long)sizeof(long), stream.Length);
        }
        finally
        {
            NativeMemory.Free(zeros);
        }
    }

    private static byte[] Written(Action<ModelWriter> write)
    {
        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream) { PieceSize = Pieces.Size };
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>The layout as its documentation says it.</summary>
    private static byte[] Laid(Action<BinaryWriter> writeHead, byte[] elements)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writeHead(writer);
        writer.Write(XxHash3.HashToUInt64(stream.ToArray()));
        writer.Write(elements);
        return stream.ToArray();
    }

    private sealed class CountingStream : Stream
    {
        private long _length;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get => _length; set => throw new NotSupportedException(); }
        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;
        public override void Write(byte[] buffer, int offset, int count) => _length += count;
        public override void Flush() => throw new NotSupportedException();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
