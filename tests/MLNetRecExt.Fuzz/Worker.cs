using System.Diagnostics;

namespace MLNetRecExt.Fuzz;

/// <summary>The process that tries inputs, and tells the driver line by line: <c>fail</c>, index, kind, message; <c>long</c> before it
/// ends because of an answer that may take long; at the end <c>outcome</c>, count, name for each outcome, and <c>done</c>.</summary>
internal sealed class Worker(FuzzArguments arguments)
{
    // Processors' time that an answer may take; on the clock it may take longer, since a busy machine is slow.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10), LongestOnTheClock = TimeSpan.FromSeconds(60);

    private readonly TextWriter _answers = TextWriter.Synchronized(Console.Out);
    private long _began, _usedBefore;
    private int _index;

    public int Run()
    {
        var (verb, task) = (arguments.Campaigns[0].Verb, arguments.Worker!);
        // What campaigns and the library print is no answer.
        Console.SetOut(TextWriter.Null);
        using var place = new Place(task.PlacePath);
        place.Index = task.First;
        var campaign = Campaigns.Make(verb);
        new Thread(() => Watch(campaign)) { IsBackground = true, Priority = ThreadPriority.Highest }.Start();
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int index = task.First; index < task.End && DateTime.UtcNow.Ticks < task.Until; index++)
        {
            place.Index = _index = index;
            _usedBefore = Environment.CpuUsage.TotalTime.Ticks;
            Volatile.Write(ref _began, Stopwatch.GetTimestamp());
            var outcome = Try(campaign, index);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            place.Index = index + 1;
        }
        Volatile.Write(ref _began, 0);
        foreach (var (outcome, count) in outcomes)
            Answer("outcome", $"{count}", outcome);
        Answer("done");
        (campaign as IDisposable)?.Dispose();
        return 0;
    }

    /// <summary>The input's own generator.</summary>
    public static Random RandomOf(int seed, int index) => new((int)new SeededRandom(seed, index).NextBits());

    private string Try(ICampaign campaign, int index)
    {
        try
        {
            return campaign.Try(RandomOf(arguments.Seed, index), index);
        }
        catch (FuzzFailureException e)
        {
            if (arguments.Only is not null && e.Input is { } input)
                File.WriteAllBytes($"{arguments.Campaigns[0].Verb}-{arguments.Seed}-{index}.model", input);
            Answer("fail", $"{index}", e.Kind, Describe(e, e.InnerException));
        }
        catch (Exception e)
        {
            Answer("fail", $"{index}", e.GetType().Name, Describe(e, e));
        }
        return "failed";
    }

    /// <summary>An exception, with the place where another one was thrown than a promised one.</summary>
    private string Describe(Exception e, Exception? thrown)
    {
        if (arguments.Only is not null)
            return $"{e}";
        var place = thrown is FuzzFailureException ? null
            : thrown?.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains(" MLNetRecExt.", StringComparison.Ordinal));
        return $"{e.Message} {place?.Trim().Split(" in ")[0]}".Trim();
    }

    private void Watch(ICampaign campaign)
    {
        while (true)
        {
            Thread.Sleep(500);
            var began = Volatile.Read(ref _began);
            if (began == 0 || Stopwatch.GetElapsedTime(began) < LongestOnTheClock && UsedSinceBegin() < Longest)
                continue;
            if (campaign.MayTakeLong)
                Answer("long");
            else
                Answer("fail", $"{_index}", "hang", $"not answered after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
            Environment.Exit(HangExitCode);
        }
    }

    private TimeSpan UsedSinceBegin() => Environment.CpuUsage.TotalTime - TimeSpan.FromTicks(_usedBefore);

    /// <summary>What a worker ends with that reported a hang.</summary>
    public const int HangExitCode = 77;

    private void Answer(params string[] parts)
    {
        var lineEnd = arguments.Only is null ? " " : "\v";
        _answers.WriteLine(string.Join('\t', parts.Select(part => part.Replace('\t', ' ').ReplaceLineEndings(lineEnd))));
        _answers.Flush();
    }
}
