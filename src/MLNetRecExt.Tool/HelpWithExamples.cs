using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MLNetRecExt.Tool;

/// <summary>The help of a command, and under it commands to type.</summary>
/// <param name="help">The help without them.</param>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in verb.Examples)
                output.WriteLine("  " + example);
        }
        return code;
    }
}
