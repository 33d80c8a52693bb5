using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Persistence;

/// <summary>Writes the parts of a model file, as <see cref="ModelFile"/> lays them out, to any stream that can be written.</summary>
internal sealed class ModelWriter(Stream stream)
{
    private readonly XxHash3 _checksum = new();
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _buffered;

    public void WriteByte(byte value) => Append([value]);

    public void WriteInt32(int value) => Append([value]);

    public void WriteSingle(float value) => Append([value]);

    /// <summary>A name of at most 255 UTF-8 bytes.</summary>
    public void WriteName(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        WriteByte(checked((byte)bytes.Length));
        Append<byte>(bytes);
    }

    public void WriteArray<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        BeginArray(values.Length);
        Append(values);
    }

    public void WriteText(ReadOnlySpan<string> texts)
    {
        var lengths = new int[texts.Length];
        long total = 0;
        for (int i = 0; i < lengths.Length; i++)
            total += lengths[i] = texts[i].Length;
        WriteArray<int>(lengths);
        BeginArray(total);
        foreach (var text in texts)
            Append(text.AsSpan());
    }

    /// <summary>Rows without their padding.</summary>
    public void WriteMatrix(AlignedMatrix matrix)
    {
        WriteInt32(matrix.Rows);
        WriteInt32(matrix.Columns);
        BeginArray((long)matrix.Rows * matrix.Columns);
        if (matrix.Stride == matrix.Columns)
            Append<float>(matrix.Padded);
        else
            for (int row = 0; row < matrix.Rows; row++)
                Append<float>(matrix[row]);
    }

    /// <summary>Of everything so far.</summary>
    public ulong Checksum => _checksum.GetCurrentHashAsUInt64();

    public void WriteChecksum() => Append([Checksum]);

    public void Flush()
    {
        stream.Write(_buffer, 0, _buffered);
        _buffered = 0;
    }

    private void BeginArray(long count)
    {
        Append([count]);
        WriteChecksum();
    }

    private void Append<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        for (var rest = MemoryMarshal.AsBytes(values); !rest.IsEmpty;)
        {
            if (_buffered == _buffer.Length)
                Flush();
            var part = rest[..Math.Min(rest.Length, _buffer.Length - _buffered)];
            _checksum.Append(part);
            if (part.Length == _buffer.Length)
                stream.Write(part);
            else
            {
                part.CopyTo(_buffer.AsSpan(_buffered));
                _buffered += part.Length;
            }
            rest = rest[part.Length..];
        }
    }
}
