using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MLNetRecExt.Tool.Verbs;

namespace MLNetRecExt.Tool;

/// <summary>The command line: all verbs, and what holds for each.</summary>
internal sealed class MlrecCommand : RootCommand
{
    public MlrecCommand()
        : base("Compares recommenders on your interactions, saves the best, and asks it. Begin with: mlrec init FILE")
    {
        Add(Verb.Json);
        Add(Verb.Quiet);
        Verb[] verbs =
        [
            new InitVerb(), new CompareVerb(), new TuneVerb(), new TrainVerb(), new EvaluateVerb(), new PublishVerb(),
            new InspectVerb(), new RecommendVerb(), new SimilarVerb(), new ExplainVerb(), new ReportVerb(), new ServeVerb(),
            new DoctorVerb(), new CompletionVerb(),
        ];
        foreach (var verb in verbs)
            Add(verb);
        Add(new Command("data", "Look at interactions, cut them into parts, and get some to try things with.")
        {
            new DescribeVerb(), new SplitVerb(), new FetchVerb(), new MakeVerb(),
        });
        Add(new Command("export", "Write a model, its lists or its vectors in formats of others.")
        {
            new ExportOnnxVerb(), new ExportListsVerb(), new ExportVectorsVerb(),
        });
        var help = Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    /// <summary>Does what some arguments say.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, InvocationConfiguration configuration)
    {
        var parsed = Parse(arguments.Count == 0 ? ["--help"] : arguments);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync(configuration);
        if (parsed.Action is ParseErrorAction action)
            action.ShowHelp = false;
        // Names that were meant are part of the error.
        configuration.Output = configuration.Error;
        await parsed.InvokeAsync(configuration);
        return ExitCodes.Refused;
    }
}
