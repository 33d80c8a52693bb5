using System.Globalization;

namespace MLNetRecExt.Fuzz;

/// <summary>The command line: campaigns, each with its number of inputs, and options.</summary>
internal sealed record FuzzArguments
{
    public const string Usage =
        "usage: MLNetRecExt.Fuzz (VERB [N])… [--seed S] [--only K] [--minutes M] [--jobs J]\n"
        + "verbs: all files hostile options csv onnx logs faults threads\n"
        + "README.md says what each tries, and how a failure is repeated.";

    /// <summary>The campaigns in order, with the number of inputs; null where only the time limits it, or the campaign's default.</summary>
    public IReadOnlyList<(string Verb, int? Count)> Campaigns { get; private init; } = [];

    /// <summary>What all inputs follow from.</summary>
    public int Seed { get; private init; } = Environment.TickCount & 0xFFFFFF;

    /// <summary>The one input to try, in this process.</summary>
    public int? Only { get; private init; }

    /// <summary>When to stop.</summary>
    public double? Minutes { get; private init; }

    /// <summary>Processes side by side.</summary>
    public int Jobs { get; private init; } = Environment.ProcessorCount;

    /// <summary>What a worker process has to do; null in the driver.</summary>
    public WorkerTask? Worker { get; private init; }

    /// <exception cref="ArgumentException">There is no such campaign or option.</exception>
    public static FuzzArguments Parse(string[] args)
    {
        var arguments = new FuzzArguments();
        List<(string, int?)> campaigns = [];
        for (int i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                int? count = i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var number) ? number : null;
                campaigns.AddRange(args[i] == "all" ? Fuzz.Campaigns.Names.Select(name => (name, count)) : [(args[i], count)]);
                i += count is null ? 0 : 1;
                continue;
            }
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.");
            arguments = arguments.With(args[i++], value);
        }
        foreach (var (verb, _) in campaigns)
            if (!Fuzz.Campaigns.Has(verb))
                throw new ArgumentException($"There is no campaign '{verb}'.");
        if (campaigns.Count == 0 || (arguments.Only is not null && campaigns.Count > 1))
            throw new ArgumentException("Name a campaign, and for --only just one.");
        return arguments with { Campaigns = campaigns };
    }

    private FuzzArguments With(string option, string value)
    {
        return option switch
        {
            "--seed" => this with { Seed = Integer() },
            "--only" => this with { Only = Integer() },
            "--minutes" => this with { Minutes = Number() },
            "--jobs" => this with { Jobs = Math.Max(1, Integer()) },
            "--task" => this with { Worker = WorkerTask.Parse(value) },
            _ => throw new ArgumentException($"There is no option {option}."),
        };

        int Integer() => int.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : throw Bad();
        double Number() => double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : throw Bad();
        ArgumentException Bad() => new($"{option} needs a number; '{value}' is none.");
    }
}
