using System.Buffers.Binary;
using System.IO.Hashing;

namespace MLNetRecExt.Fuzz;

/// <summary>A file with checksums, each of every byte before it: its places are found in a good file, so that the checksums can be set
/// right when the contents have been changed.</summary>
/// <remarks>No layout is known here: a new kind of model is attacked like the others.</remarks>
internal sealed class SealedFile
{
    private readonly int[] _checksums;
    private readonly (int Checksum, int Count, int Width)[] _arrays;

    private readonly Lazy<List<uint>> _answers;

    public SealedFile(byte[] bytes)
    {
        Bytes = bytes;
        _answers = new(() => LoadedModel.Use(LoadedModel.Load(bytes)!));
        _checksums = [.. FindChecksums(bytes)];
        _arrays = [.. FindArrays()];
    }

    /// <summary>The good file.</summary>
    public byte[] Bytes { get; }

    /// <summary>What the model in it answers.</summary>
    public List<uint> Answers => _answers.Value;

    /// <summary>A copy with one to four changes and right checksums.</summary>
    /// <param name="other">What arrays are taken from.</param>
    /// <param name="random">Chooses.</param>
    public byte[] Change(SealedFile other, Random random)
    {
        var bytes = (byte[])Bytes.Clone();
        // Lengths change at most once, as the last: places would be others afterwards.
        for (int change = random.Next(4); change > 0; change--)
            Overwrite(bytes, random);
        if (_arrays.Length == 0 || random.Next(3) > 0)
            Overwrite(bytes, random);
        else
            return Resize(bytes, other, random);
        Seal(bytes, _checksums);
        return bytes;
    }

    private void Overwrite(byte[] bytes, Random random)
    {
        if (_arrays.Length == 0 || random.Next(4) == 0)
        {
            var place = random.Next(bytes.Length);
            var width = 1 << random.Next(4);
            Mutation.WriteWild(bytes.AsSpan(place, place + width <= bytes.Length ? width : 1), random);
            return;
        }
        var array = _arrays[random.Next(_arrays.Length)];
        var elements = bytes.AsSpan(array.Checksum + 8, array.Count * array.Width);
        if (elements.IsEmpty)
            return;
        var step = Math.Min(array.Width, 1 << random.Next(4));
        switch (random.Next(4))
        {
            case 0:
                // The same everywhere, so that sums and checks agree with each other.
                Mutation.WriteWild(elements[..step], random);
                for (int i = step; i + step <= elements.Length; i += step)
                    elements[..step].CopyTo(elements[i..]);
                break;
            case 1:
                for (int i = 0; i + step <= elements.Length; i += step)
                    Mutation.WriteWild(elements.Slice(i, step), random);
                break;
            case 2:
                random.Shuffle(elements);
                break;
            default:
                Mutation.WriteWild(elements.Slice(random.Next(elements.Length / step) * step, step), random);
                break;
        }
    }

    /// <summary>Gives an array more or fewer elements, or those of another file, and the count that goes with it.</summary>
    private byte[] Resize(byte[] bytes, SealedFile other, Random random)
    {
        var array = _arrays[random.Next(_arrays.Length)];
        var (start, length) = (array.Checksum + 8, array.Count * array.Width);
        var elements = bytes[start..(start + length)];
        var count = random.Next(3) switch
        {
            0 => Math.Max(0, array.Count + random.Next(-2, 3)),
            1 => random.Next(0, 40),
            _ => array.Count,
        };
        if (count == array.Count && other._arrays is [_, ..] theirs)
        {
            var taken = theirs[random.Next(theirs.Length)];
            if (taken.Width == array.Width)
                (count, elements) = (taken.Count, other.Bytes.AsSpan(taken.Checksum + 8, taken.Count * taken.Width).ToArray());
        }
        Array.Resize(ref elements, count * array.Width);
        byte[] changed = [.. bytes[..start], .. elements, .. bytes[(start + length)..]];
        BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(array.Checksum - 8), count);
        Seal(changed, Array.ConvertAll(_checksums, place => place < start ? place : place + elements.Length - length));
        return changed;
    }

    private static void Seal(byte[] bytes, int[] checksums)
    {
        var hash = new XxHash3();
        var start = 0;
        foreach (var place in checksums)
        {
            hash.Append(bytes.AsSpan(start..place));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(place), hash.GetCurrentHashAsUInt64());
            start = place;
        }
    }

    private static IEnumerable<int> FindChecksums(byte[] bytes)
    {
        var hash = new XxHash3();
        for (int place = 0; place + 8 <= bytes.Length; place++)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(place)) == hash.GetCurrentHashAsUInt64())
                yield return place;
            hash.Append(bytes.AsSpan(place, 1));
        }
    }

    /// <summary>An array is a count of 8 bytes, a checksum, and elements of 1, 2, 4 or 8 bytes: the width by which the next array begins
    /// right behind, or else the largest that there is room for.</summary>
    private IEnumerable<(int, int, int)> FindArrays()
    {
        for (int i = 0; i < _checksums.Length; i++)
        {
            var place = _checksums[i];
            var room = (i + 1 < _checksums.Length ? _checksums[i + 1] : Bytes.Length) - place - 8;
            if (place < 8 || BinaryPrimitives.ReadInt64LittleEndian(Bytes.AsSpan(place - 8)) is var count && (count < 0 || count > room))
                continue;
            int[] widths = [8, 4, 2, 1];
            var width = Array.Find(widths, width => count * width + 8 == room);
            yield return (place, (int)count, width > 0 ? width : Array.Find(widths, width => count * width <= room));
        }
    }
}
