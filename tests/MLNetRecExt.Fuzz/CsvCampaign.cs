using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt.Fuzz;

/// <summary>Text files of interactions: valid ones are read as ML.NET's <c>TextLoader</c> reads them, wild ones and random bytes the same
/// for any blocks and threads, or refused by a documented exception.</summary>
internal sealed class CsvCampaign : ICampaign
{
    private static readonly InteractionColumns LoaderColumns = new("user", "item", "label", "weight", "time");
    private static readonly (int BlockSize, int Threads)[] Ways = [(1 << 20, 2), (1, 1), (17, 2), (100, 3), (1000, 2)];

    private readonly MLContext _ml = new(1);
    private readonly string _path = Path.GetTempFileName();

    public string Try(Random random, int index)
    {
        var csv = new RandomCsv(random);
        var what = random.Next(4);
        File.WriteAllBytes(_path, what < 2 ? csv.Valid(random) : what == 2 ? csv.Wild(random) : RandomBytes(random));
        var reading = new InteractionReadOptions
        {
            Duplicates = (DuplicateHandling)random.Next(Enum.GetValues<DuplicateHandling>().Length),
            BadRows = what < 2 || random.Next(2) == 0 ? BadRowHandling.Skip : BadRowHandling.Throw,
        };
        var read = Read(csv, reading, 1 << 20, 1);
        if (what < 2)
        {
            var loader = _ml.Data.CreateTextLoader(csv.LoaderOptions);
            var expected = Read(() => _ml.Recommenders().Data.ReadInteractions(loader.Load(_path), LoaderColumns, reading));
            FuzzFailureException.Unless(expected == read, "not as TextLoader", () => $"needed {Difference(expected, read)}");
        }
        for (int way = 0; way < 2; way++)
        {
            var (blockSize, threads) = Ways[random.Next(Ways.Length)];
            var other = Read(csv, reading, blockSize, threads);
            FuzzFailureException.Unless(read == other, "blocks matter",
                () => $"blocks of {blockSize}, {threads} threads: {Difference(read, other)}");
        }
        if (what >= 2)
            ReadOtherwise();
        return what < 2 ? "as TextLoader" : read.StartsWith("refused", StringComparison.Ordinal) ? "refused" : "wild, read";
    }

    private string Read(RandomCsv csv, InteractionReadOptions reading, int blockSize, int threads)
    {
        using var channel = ((IHostEnvironment)_ml).Register("Fuzz").Start("Reading");
        return Read(() => InteractionFileReader.Read([_path], csv.Options, reading with { NumberOfThreads = threads }, channel, blockSize));
    }

    private static string Read(Func<Interactions> read)
    {
        try
        {
            return Describe(read());
        }
        catch (Exception e)
        {
            FuzzFailureException.Unless(e, "at reading", typeof(ArgumentException), typeof(InvalidDataException));
            return $"refused: {e.Message}";
        }
    }

    /// <summary>Guesses the columns, and reads the file as one of features.</summary>
    private void ReadOtherwise()
    {
        var data = _ml.Recommenders().Data;
        foreach (var read in new Action[] { () => data.ReadInteractions(_path), () => data.ReadFeatures(_path) })
        {
            try
            {
                read();
            }
            catch (Exception e)
            {
                FuzzFailureException.Unless(e, "at guessing", typeof(ArgumentException), typeof(InvalidDataException));
            }
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(1 << random.Next(12))];
        random.NextBytes(bytes);
        if (random.Next(2) == 0)
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)"\n\r,;\t\"0123456789.-eabc"[bytes[i] % 22];
        return bytes;
    }

    private static string Describe(Interactions read)
    {
        var rows = read.ByUser;
        var lines = Enumerable.Range(0, read.Users.Count).Select(user =>
            $"{read.Users.GetText(user)}: {string.Join(' ', rows.Indices(user).ToArray())} "
            + $"{string.Join(' ', rows.Labels(user).ToArray().Select(BitConverter.SingleToInt32Bits))} "
            + $"{string.Join(' ', rows.Weights(user).ToArray().Select(BitConverter.SingleToInt32Bits))} "
            + string.Join(' ', rows.Timestamps(user).ToArray()));
        var items = Enumerable.Range(0, read.Items.Count).Select(read.Items.GetText);
        return $"{read.Counts}\n{read.Users.Kind} {read.Items.Kind}\n{string.Join('|', items)}\n{string.Join('\n', lines)}";
    }

    private static string Difference(string needed, string found)
    {
        var (first, second) = (needed.Split('\n'), found.Split('\n'));
        var line = Enumerable.Range(0, Math.Min(first.Length, second.Length)).FirstOrDefault(line => first[line] != second[line], 0);
        return $"'{first[line]}', found '{second[line]}'";
    }
}
