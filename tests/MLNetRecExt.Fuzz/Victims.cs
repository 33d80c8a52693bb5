using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Fuzz;

/// <summary>Processes of this program that work until they are killed, or until their disk is full; and what must be true
/// afterwards.</summary>
internal sealed class Victims
{
    /// <summary>What a victim says when its work has begun.</summary>
    private const string Ready = "ready";

    private const string Storing = "store";

    private static readonly string[] Works = ["save", "train", "tune", Storing];
    private static readonly Resumable TuningWork = Resumable.Tuning();
    private static readonly Resumable TrainingWork = Resumable.Training();
    // Of two processes, each trains at a time of its own.
    private static readonly SaveOptions WithoutTimes = new() { Times = false };
    private static readonly Lazy<(RecommenderModel First, RecommenderModel Second)> Models = new(() => (Model(1), Model(2)));

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    /// <summary>Works until it is killed: what the process with such arguments is for.</summary>
    /// <param name="work">Which work.</param>
    /// <param name="path">The file or folder that it writes.</param>
    public static void Work(string work, string path)
    {
        if (work == Storing)
        {
            Console.Error.WriteLine(Ready);
            StoredRows.WriteForever(path);
        }
        if (work != "save")
        {
            Resume(work).Run(path, () => Console.Error.WriteLine(Ready));
            return;
        }
        var (first, second) = Models.Value;
        Console.Error.WriteLine(Ready);
        while (true)
        {
            first.Save(path, WithoutTimes);
            second.Save(path, WithoutTimes);
        }
    }

    /// <summary>Kills a victim at a random moment. What it was writing is there as it was, or complete; what it was doing goes
    /// on.</summary>
    public string Kill(Random random)
    {
        var work = Works[random.Next(Works.Length)];
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        var info = OwnProcess.Info("--victim", work, path);
        info.RedirectStandardError = true;
        using (var victim = Process.Start(info)!)
        {
            while (victim.StandardError.ReadLine() is { } line && line != Ready)
                continue;
            var clock = Stopwatch.StartNew();
            var moment = random.NextDouble() * (work is "save" or Storing ? 40 : 15);
            while (clock.Elapsed.TotalMilliseconds < moment)
                Thread.Yield();
            victim.Kill();
            victim.WaitForExit();
        }
        Check(work, path, first: File.Exists(path) ? File.ReadAllBytes(path) : null);
        return $"killed to {work}";
    }

    /// <summary>Has a victim work on a small disk of its own.</summary>
    public string FillDisk(Random random)
    {
        var work = Works[random.Next(Works.Length)];
        var own = OwnProcess.Info("--disk", work, _folder, $"{random.Next(3)}");
        try
        {
            // The disk is there for that process alone, and is gone with it.
            using var victim = Process.Start(new ProcessStartInfo("unshare",
            [
                "-rm", "/bin/sh", "-c", $"mount -t tmpfs -o size=1m tmpfs '{_folder}' && exec \"$0\" \"$@\"",
                own.FileName, .. own.ArgumentList,
            ])
            {
                RedirectStandardError = true,
            })!;
            var said = victim.StandardError.ReadToEnd();
            victim.WaitForExit();
            if (said.Contains("unshare:", StringComparison.Ordinal) || said.Contains("mount:", StringComparison.Ordinal))
                return "full disk skipped: no leave to mount a small one";
            FuzzFailureException.Unless(victim.ExitCode == 0, $"full disk to {work}", () => said);
            return $"full disk to {work}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "full disk skipped: no unshare here";
        }
    }

    /// <summary>Works where there is no room, and again when there is.</summary>
    /// <param name="work">Which work.</param>
    /// <param name="folder">The small disk.</param>
    /// <param name="pages">So many pages are left on it.</param>
    public static void WorkWithoutRoom(string work, string folder, int pages)
    {
        var path = Path.Combine(folder, "file");
        if (work == "save")
            Models.Value.First.Save(path, WithoutTimes);
        var filler = Path.Combine(folder, "filler");
        using (var stream = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            try
            {
                while (true)
                    stream.Write(new byte[4096]);
            }
            catch (IOException)
            {
                stream.SetLength(stream.Length - 4096 * pages);
            }
        }
        try
        {
            if (work == "save")
                Models.Value.Second.Save(path, WithoutTimes);
            else if (work == Storing)
                StoredRows.Write(path);
            else
                Resume(work).Run(path);
        }
        catch (IOException)
        {
            // As promised: the disk is full.
        }
        File.Delete(filler);
        Check(work, path, work == "save" ? Bytes(Models.Value.First) : null);
    }

    /// <summary>What must be true after any fault.</summary>
    /// <param name="work">What was done.</param>
    /// <param name="path">The file or folder that was being written.</param>
    /// <param name="first">What the file is to be; null: nothing in particular.</param>
    private static void Check(string work, string path, byte[]? first)
    {
        if (work == "save")
        {
            if (first is not null)
                FuzzFailureException.Unless(IsModel(first) && first.AsSpan().SequenceEqual(File.ReadAllBytes(path)), "damaged file",
                    () => "the file is none of the two models that were being saved");
            // The next save sweeps what the fault has left.
            Models.Value.First.Save(path, WithoutTimes);
        }
        else if (work == Storing)
            StoredRows.Check(path);
        else
            FuzzFailureException.Unless(Resume(work).Run(path) == Resume(work).Result, "other result",
                () => "what was interrupted does not go on to the same result");
        var name = Path.GetFileName(path);
        string[] left =
        [
            .. Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!).Select(file => Path.GetFileName(file)!)
                .Where(file => file != name && file.StartsWith(name, StringComparison.Ordinal)),
        ];
        FuzzFailureException.Unless(left.Length == 0, "files left", () => string.Join(", ", left));
        File.Delete(path);
    }

    private static bool IsModel(ReadOnlySpan<byte> bytes) =>
        bytes.SequenceEqual(Bytes(Models.Value.First)) || bytes.SequenceEqual(Bytes(Models.Value.Second));

    private static byte[] Bytes(RecommenderModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream, WithoutTimes);
        return stream.ToArray();
    }

    private static Resumable Resume(string work) => work == "train" ? TrainingWork : TuningWork;

    private static WalsModel Model(int seed)
    {
        var random = new Random(seed);
        return new MLContext(1).Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 16, NumberOfIterations = 1 })
            .Fit(RandomData.Ordinary(300, 200, random));
    }
}
