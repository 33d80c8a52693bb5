using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Two WALS sweeps over more interactions than an int counts, in a generated store: loss, seconds, private memory, and how far some users
/// are from the exact solution of their own problem.
/// </summary>
/// <remarks>User u takes the items (7u + 173k) mod I for k below L: all rows are equally long, and who took an item can be told without
/// exchanging rows and columns. The folder of 2.3 thousand million takes 18.4 GB.</remarks>
internal static class BeyondIntBenchmark
{
    private const int Rank = 32, Step = 173, Stride = 7, Checked = 1000;

    public static int Run(string[] args)
    {
        var (users, items, length) = args is [var givenUsers, var givenItems, var givenLength]
            ? (Number(givenUsers), Number(givenItems), Number(givenLength))
            : (2_000_000, 200_000, 1150);
        if (users % items != 0 || items % Stride == 0 || items % Step == 0 || length > items)
        {
            Console.Error.WriteLine($"Users must be a multiple of items, items none of {Stride} or {Step}, and a row no longer than items.");
            return 2;
        }
        var folder = Path.Combine(Path.GetTempPath(), $"beyond-int-{Environment.ProcessId}.store");
        try
        {
            var clock = Stopwatch.StartNew();
            Make(folder, users, items, length);
            Console.WriteLine(FormattableString.Invariant($"made in {clock.Elapsed.TotalSeconds:F0} s"));
            clock.Restart();
            var data = InteractionStore.Open(folder).Interactions;
            Console.WriteLine(FormattableString.Invariant($"opened in {clock.Elapsed.TotalSeconds:F0} s: {data}"));
            Train(data);
            return 0;
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private static void Make(string folder, int users, int items, int length)
    {
        Directory.CreateDirectory(folder);
        var files = new List<StoreManifest.FileEntry>();
        using (var side = new StoreSide(folder, "users", false, false, false))
        {
            WriteRows(side, users, length, (user, row) =>
            {
                for (int k = 0; k < length; k++)
                    row[k] = (int)(((long)Stride * user + (long)Step * k) % items);
                row.Sort();
            });
            files.AddRange(side.Complete());
        }
        // The user below I to whom the first item of a row is that.
        var firstOf = new int[items];
        for (int user = 0; user < items; user++)
            firstOf[(int)((long)Stride * user % items)] = user;
        var times = users / items;
        using (var side = new StoreSide(folder, "items", false, false, false))
        {
            WriteRows(side, items, length * times, (item, row) =>
            {
                for (int k = 0; k < length; k++)
                    row[k] = firstOf[(int)(((item - (long)Step * k) % items + items) % items)];
                row[..length].Sort();
                for (int user = length; user < row.Length; user++)
                    row[user] = row[user - length] + items;
            });
            files.AddRange(side.Complete());
        }
        files.AddRange(StoreWriter.WriteIds(folder, "users", IdMap.FromKeys(users).AsRaw()));
        files.AddRange(StoreWriter.WriteIds(folder, "items", IdMap.FromKeys(items).AsRaw()));
        var entries = (long)users * length;
        new StoreManifest(StoreManifest.CurrentVersion, users, items, entries, DataKind.UInt32, DataKind.UInt32, new(entries), files).Write(folder);
    }

    private delegate void Fill(int row, Span<int> indices);

    private static void WriteRows(StoreSide side, int rows, int length, Fill fill)
    {
        var atATime = Math.Max(1, (1 << 22) / length);
        for (int first = 0; first < rows; first += atATime)
        {
            var count = Math.Min(atATime, rows - first);
            var indices = new int[count * length + InteractionRows.Padding];
            var start = first;
            Parallel.For(0, count, row => fill(start + row, indices.AsSpan(row * length, length)));
            side.Write(new([.. Enumerable.Range(0, count + 1).Select(row => row * length)], indices, null, null, null));
        }
    }

    private static void Train(Interactions data)
    {
        var settings = new WalsSettings(0.002f, 1, 0.1f, 0, 0, 0, 0, WalsTarget.One, UseBiases: false);
        var training = new AlternatingLeastSquares(
            data.ByUser, data.Items.Count, settings,
            new(WalsSolver.ConjugateGradient, Rank, Seed: 1, Environment.ProcessorCount) { ByItem = data.StoredByItem });
        for (int sweep = 1; sweep <= 2; sweep++)
        {
            var clock = Stopwatch.StartNew();
            var loss = training.Sweep();
            Console.WriteLine(FormattableString.Invariant(
                $"sweep {sweep}: loss {loss:G9}, {clock.Elapsed.TotalSeconds:F0} s, private memory {PrivateMegabytes():F0} MB"));
        }
        var (users, items) = training.TakeFactors();
        var model = new WalsModel(data.Users, data.Items, data.ByUser, users, items, settings);
        var random = new Random(1);
        double squares = 0, all = 0;
        for (int n = 0; n < Checked; n++)
        {
            var user = random.Next(data.Users.Count);
            var exact = model.FoldIn(RecommenderQuery.ForHistory(Array.ConvertAll(data.ByUser.Indices(user).ToArray(), item => new ItemFeedback(item))));
            var own = model.UserFactors(user);
            for (int k = 0; k < Rank; k++)
            {
                squares += Math.Pow(own[k] - exact[k], 2);
                all += Math.Pow(exact[k], 2);
            }
        }
        Console.WriteLine(FormattableString.Invariant($"{Checked} users are {Math.Sqrt(squares / all):P3} from the exact solution"));
    }

    /// <summary>Memory that is the process's own, mapped files aside.</summary>
    private static double PrivateMegabytes()
    {
        if (!File.Exists("/proc/self/status"))
            return Process.GetCurrentProcess().PrivateMemorySize64 / 1048576.0;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024.0;
    }
}
