using System.Diagnostics;
using System.Globalization;

namespace MLNetRecExt.Fuzz;

/// <summary>Runs campaigns in worker processes, stretch by stretch: when one dies, the input is known, and the next goes on behind
/// it.</summary>
internal sealed class Driver(FuzzArguments arguments)
{
    // What one worker's objects may take: a load that wants more fails in the worker, not on the machine.
    private const string HeapLimit = "40000000";

    private readonly string _folder = Directory.CreateTempSubdirectory("MLNetRecExt.Fuzz").FullName;

    /// <returns>The exit code: 1 when anything failed.</returns>
    public int Run()
    {
        Console.WriteLine($"seed {arguments.Seed}");
        var end = arguments.Minutes is { } minutes ? DateTime.UtcNow.AddMinutes(minutes) : DateTime.MaxValue;
        List<CampaignResult> results = [];
        try
        {
            foreach (var (verb, count) in arguments.Campaigns)
            {
                // Of the time that is left, each campaign that is left gets an equal share.
                var now = DateTime.UtcNow;
                var until = end == DateTime.MaxValue ? end : now + (end - now) / (arguments.Campaigns.Count - results.Count);
                results.Add(Run(verb, count ?? (arguments.Minutes is null ? Campaigns.DefaultCount(verb) : int.MaxValue), until));
            }
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
        Console.WriteLine(CampaignResult.Heading);
        foreach (var result in results)
            Console.WriteLine(result);
        return results.Any(result => result.Failures > 0) ? 1 : 0;
    }

    private CampaignResult Run(string verb, int count, DateTime until)
    {
        var result = new CampaignResult(verb, arguments.Seed);
        if (arguments.Only is { } only)
            RunStretch(result, verb, new(only, only + 1, until.Ticks, PathOf(0)));
        else
        {
            var (next, size) = (0L, Campaigns.BatchSize(verb));
            Parallel.For(0, arguments.Jobs, new ParallelOptions { MaxDegreeOfParallelism = arguments.Jobs }, job =>
            {
                long first;
                while ((first = Interlocked.Add(ref next, size) - size) < count && DateTime.UtcNow < until)
                    RunStretch(result, verb, new((int)first, (int)Math.Min(count, first + size), until.Ticks, PathOf(job)));
            });
        }
        result.Stop();
        return result;
    }

    private string PathOf(int job) => Path.Combine(_folder, $"place{job}");

    /// <summary>Has workers try all inputs of a stretch: another after each that dies.</summary>
    private void RunStretch(CampaignResult result, string verb, WorkerTask task)
    {
        while (task.First < task.End && DateTime.UtcNow.Ticks < task.Until)
        {
            var (exitCode, isDone, hung, errors) = RunWorker(result, verb, task);
            using var place = new Place(task.PlacePath);
            var index = place.Index;
            if (isDone)
            {
                result.AddInputs(index - task.First);
                return;
            }
            if (!hung)
                result.AddFailure(index, "crash", $"exit code {exitCode}. {errors}");
            result.AddInputs(index + 1 - task.First);
            task = task with { First = index + 1 };
        }
    }

    private (int ExitCode, bool IsDone, bool Hung, string Errors) RunWorker(CampaignResult result, string verb, WorkerTask task)
    {
        using var worker = Process.Start(StartInfo(verb, task))!;
        var errors = "";
        worker.ErrorDataReceived += (_, line) => errors = errors.Length < 1000 ? $"{errors} {line.Data}" : errors;
        worker.BeginErrorReadLine();
        var (isDone, hung) = (false, false);
        while (worker.StandardOutput.ReadLine() is { } line)
        {
            switch (line.Split('\t'))
            {
                case ["fail", var index, var kind, var message]:
                    // Lines of an exception come in one.
                    result.AddFailure(int.Parse(index, CultureInfo.InvariantCulture), kind, message.Replace("\v", Environment.NewLine));
                    hung |= kind == "hang";
                    break;
                case ["outcome", var count, var outcome]:
                    result.AddOutcome(outcome, int.Parse(count, CultureInfo.InvariantCulture));
                    break;
                case ["long"]:
                    result.AddOutcome("long", 1);
                    hung = true;
                    break;
                case ["done"]:
                    isDone = true;
                    break;
                default:
                    Console.WriteLine(line);
                    break;
            }
        }
        worker.WaitForExit();
        return (worker.ExitCode, isDone, hung, errors);
    }

    private ProcessStartInfo StartInfo(string verb, WorkerTask task)
    {
        string[] args = [verb, "--seed", $"{arguments.Seed}", "--task", $"{task}"];
        var info = OwnProcess.Info(arguments.Only is { } only ? [.. args, "--only", $"{only}"] : args);
        info.RedirectStandardOutput = info.RedirectStandardError = true;
        info.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        info.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        // What a worker that dies leaves goes with the folder.
        info.Environment["TMPDIR"] = _folder;
        return info;
    }
}
