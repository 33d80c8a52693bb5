using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Two WALS sweeps over more interactions than an int counts, in a generated store: loss, seconds, private memory, and how far some users
/// and items are from a dense solution in double precision.
/// </summary>
/// <remarks>User u takes the items (7u + 173k) mod I for k below L: all rows are equally long, and who took an item can be told without
/// exchanging rows and columns. The folder of 2.3 thousand million takes 18.4 GB.</remarks>
internal static class BeyondIntBenchmark
{
    private const int Rank = 32, Step = 173, Stride = 7, Checked = 1000;

    private static readonly WalsSettings Settings = new(0.002f, 1, 0.1f, 0, 0, 0, 0, WalsTarget.One, UseBiases: false);

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
        files.AddRange(StoreWriter.WriteIds(folder, "users", IdMap.FromKeys(users).AsRaw(), [.. Enumerable.Range(0, users)]));
        files.AddRange(StoreWriter.WriteIds(folder, "items", IdMap.FromKeys(items).AsRaw(), [.. Enumerable.Range(0, items)]));
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
        var training = new AlternatingLeastSquares(
            data.ByUser, data.Items.Count, Settings,
            new(WalsSolver.Cholesky, Rank, Seed: 1, Environment.ProcessorCount) { ByItem = data.StoredByItem });
        for (int sweep = 1; sweep <= 2; sweep++)
        {
            var clock = Stopwatch.StartNew();
            var loss = training.Sweep();
            Console.WriteLine(FormattableString.Invariant(
                $"sweep {sweep}: loss {loss:G9}, {clock.Elapsed.TotalSeconds:F0} s, private memory {PrivateMegabytes():F0} MB"));
        }
        var users = training.CopyUserFactors();
        Compare("users", data.ByUser, users, training.ItemFactors, Some(data.Users.Count));
        // Users were solved last: items need it once more.
        var items = Some(data.Items.Count);
        training.Solve([], items);
        Compare("items", data.StoredByItem!, training.ItemFactors, users, items);
    }

    private static int[] Some(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Checked).Select(_ => random.Next(count))];
    }

    /// <summary>How far some rows are from the solution of their normal equations, which is computed in double precision.</summary>
    private static void Compare(string name, InteractionRows rows, AlignedMatrix solved, AlignedMatrix other, int[] some)
    {
        var gramian = new double[Rank, Rank];
        for (int row = 0; row < other.Rows; row++)
            AddProduct(gramian, other[row], Settings.UnobservedWeight);
        double difference = 0, length = 0;
        foreach (var row in some)
        {
            var indices = rows.Indices(row);
            var (a, x) = ((double[,])gramian.Clone(), new double[Rank]);
            for (int k = 0; k < Rank; k++)
                a[k, k] += Settings.Regularization * (indices.Length + Settings.UnobservedWeight * (double)other.Rows);
            foreach (var index in indices)
            {
                AddProduct(a, other[index], 1 - (double)Settings.UnobservedWeight);
                for (int k = 0; k < Rank; k++)
                    x[k] += other[index][k];
            }
            Eliminate(a, x);
            for (int k = 0; k < Rank; k++)
            {
                difference += Math.Pow(solved[row][k] - x[k], 2);
                length += x[k] * x[k];
            }
        }
        Console.WriteLine(FormattableString.Invariant(
            $"{some.Length} {name} are {Math.Sqrt(difference / length):E1} of their length from a dense solution in double precision"));
    }

    private static void AddProduct(double[,] sum, ReadOnlySpan<float> row, double weight)
    {
        for (int i = 0; i < Rank; i++)
            for (int j = 0; j < Rank; j++)
                sum[i, j] += weight * row[i] * row[j];
    }

    /// <summary>x ← a⁻¹ x, by Gauss; a is positive definite, so that nothing needs to be exchanged.</summary>
    private static void Eliminate(double[,] a, double[] x)
    {
        for (int pivot = 0; pivot < Rank; pivot++)
            for (int row = 0; row < Rank; row++)
            {
                if (row == pivot)
                    continue;
                var factor = a[row, pivot] / a[pivot, pivot];
                for (int k = pivot; k < Rank; k++)
                    a[row, k] -= factor * a[pivot, k];
                x[row] -= factor * x[pivot];
            }
        for (int k = 0; k < Rank; k++)
            x[k] /= a[k, k];
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
