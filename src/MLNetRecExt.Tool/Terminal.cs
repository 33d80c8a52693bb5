using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLNetRecExt.Tool;

/// <summary>Where the tool writes: as wide as the window, with colors, or plain and unbroken where a program or file reads it.</summary>
internal static class Terminal
{
    /// <summary>Wide enough that nothing is broken into lines.</summary>
    private const int Unbroken = 10_000;

    public static IAnsiConsole Over(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Ansi = output.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (!output.IsTerminal)
            console.Profile.Width = Unbroken;
        return console;
    }

    /// <summary>Prints, and ends the line.</summary>
    public static void Print(TextWriter writer, IRenderable view)
    {
        if (Over(writer) is { Profile.Out.IsTerminal: true } console)
        {
            console.Write(new Rows(view));
            return;
        }
        // Tables fill their rows up with spaces, which nobody needs in a file.
        using var text = new StringWriter();
        Over(text).Write(new Rows(view));
        foreach (var line in text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n'))
            writer.WriteLine(line.TrimEnd());
    }
}
