using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Compare;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// What a short training takes in a process that has compiled nothing: 323,000 generated entries, the defaults of Wals. Each training has
/// a process of its own; settings of the runtime come as variables of the environment (<c>DOTNET_TieredPGO=0</c>).
/// </summary>
internal static class FirstSecondBenchmark
{
    private const int Sweeps = 8, Users = 4_845;

    private static readonly string[] Figures =
    [
        "start to Fit, s", "Fit, s", "Fit, CPU s", "before the first sweep, ms", "after the last, ms", "compiling, ms", "methods",
        .. Enumerable.Range(1, Sweeps).Select(sweep => $"sweep {sweep}, ms"), .. Enumerable.Range(1, Sweeps).Select(sweep => $"sweep {sweep}, CPU ms"),
    ];

    public static int Run(string[] args)
    {
        if (args is ["child"])
        {
            Train();
            return 0;
        }
        var children = args is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 5;
        var runs = Enumerable.Range(0, children)
            .Select(_ => OwnProcess.Read("first-second", "child").Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray())
            .ToArray();
        Console.WriteLine($"| figure | median of {children} processes | least | most |");
        Console.WriteLine("|---|---|---|---|");
        for (int figure = 0; figure < Figures.Length; figure++)
        {
            var sorted = runs.Select(run => run[figure]).Order().ToArray();
            Console.WriteLine(FormattableString.Invariant(
                $"| {Figures[figure]} | {sorted[children / 2]:G4} | {sorted[0]:G4} | {sorted[^1]:G4} |"));
        }
        return 0;
    }

    private static void Train()
    {
        var ml = new MLContext();
        var taken = SyntheticData.Generate(seed: 1, Users).Interactions.Select(taken => new Row { User = taken.User, Item = taken.Item });
        var data = ml.Recommenders().Data.ReadInteractions(ml.Data.LoadFromEnumerable(taken));
        var start = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds;
        var (compiling, methods, cpu) = (JitInfo.GetCompilationTime(), JitInfo.GetCompiledMethodCount(), Cpu());
        var clock = Stopwatch.StartNew();
        List<(TimeSpan Sweeps, TimeSpan Fit, TimeSpan Cpu)> told = [];
        ml.Recommenders().Trainers.Wals(new WalsTrainer.Options
        {
            Progress = new Forwarded<TrainingProgress>(progress => told.Add((progress.Elapsed, clock.Elapsed, Cpu()))),
        }).Fit(data);
        var (fit, cpuOfFit) = (clock.Elapsed, Cpu() - cpu);
        double[] figures =
        [
            start, fit.TotalSeconds, cpuOfFit.TotalSeconds,
            (told[0].Fit - told[0].Sweeps).TotalMilliseconds, (fit - told[^1].Fit).TotalMilliseconds,
            (JitInfo.GetCompilationTime() - compiling).TotalMilliseconds, JitInfo.GetCompiledMethodCount() - methods,
            .. Enumerable.Range(0, Sweeps).Select(i => (told[i].Sweeps - (i == 0 ? default : told[i - 1].Sweeps)).TotalMilliseconds),
            // The first includes what comes before it.
            .. Enumerable.Range(0, Sweeps).Select(i => (told[i].Cpu - (i == 0 ? cpu : told[i - 1].Cpu)).TotalMilliseconds),
        ];
        Console.Write(string.Join(' ', figures));
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;

    private sealed class Row
    {
        public int User { get; set; }
        public int Item { get; set; }
    }
}
