using System.CommandLine;
using System.CommandLine.Parsing;
using System.Data.Common;

namespace MLNetRecExt.Tool;

/// <summary>A verb of <c>mlrec</c>: its arguments, and what it does with them.</summary>
internal abstract class Verb : Command
{
    /// <summary>Makes one.</summary>
    /// <param name="name">What is typed.</param>
    /// <param name="description">A sentence.</param>
    /// <param name="examples">Commands that help shows.</param>
    protected Verb(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        Validators.Add(RefuseUnknownOptions);
        // A task of its own: signals are listened to once it has begun.
        SetAction((arguments, cancellation) => Task.Run(() => RunAsync(arguments, cancellation), CancellationToken.None));
    }

    /// <summary>Whether JSON is printed in place of text.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print JSON.", Recursive = true };

    /// <summary>Whether only errors are printed.</summary>
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Print nothing but errors.", Recursive = true };

    public IReadOnlyList<string> Examples { get; }

    protected abstract Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation);

    /// <summary>What begins as an option is none of the arguments.</summary>
    private void RefuseUnknownOptions(CommandResult result)
    {
        var values = result.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);
        foreach (var value in values.Where(value => value.StartsWith('-')))
            result.AddError($"There is no option '{value}'{Spelling.Suggest(value, Options.Select(option => option.Name))}.");
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var (output, error) = (arguments.InvocationConfiguration.Output, arguments.InvocationConfiguration.Error);
        try
        {
            var answer = await AnswerAsync(arguments, cancellation);
            if (arguments.GetValue(Json))
                output.WriteLine(answer.ToJson());
            else if (!arguments.GetValue(Quiet))
                Terminal.Print(output, answer.View);
            return answer.ExitCode;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("Cancelled.");
            return ExitCodes.Cancelled;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            error.WriteLine(OneLine(e));
            return ExitCodes.Refused;
        }
        catch (InsufficientMemoryException e)
        {
            error.WriteLine(OneLine(e));
            return ExitCodes.TrainerFailed;
        }
    }

    /// <summary>Whether an exception tells of something that is not as it should be.</summary>
    protected static bool IsRefusal(Exception e) => e is ArgumentException or IOException or InvalidDataException or FormatException
        or UnauthorizedAccessException or InvalidOperationException or NotSupportedException or DbException or KeyNotFoundException;

    protected static string OneLine(Exception e)
    {
        var message = e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "") : e.Message;
        return message.ReplaceLineEndings(" ").Trim();
    }
}
