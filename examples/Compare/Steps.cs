using System.Diagnostics;
using Spectre.Console;

namespace Compare;

/// <summary>Runs long work under a progress bar on the error stream; where that is no terminal, under a line when it is done.</summary>
internal sealed class Steps
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <param name="title">What is done.</param>
    /// <param name="work">Does it, telling the share that is done, 0…1.</param>
    public T Run<T>(string title, Func<IProgress<double>, T> work)
    {
        if (!_console.Profile.Capabilities.Interactive)
        {
            var watch = Stopwatch.StartNew();
            var result = work(new Forward<double>(_ => { }));
            Console.Error.WriteLine(FormattableString.Invariant($"{title}: {watch.Elapsed.TotalSeconds:0.0} s"));
            return result;
        }
        return _console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(Markup.Escape(title));
                task.IsIndeterminate = true;
                var result = work(new Forward<double>(share =>
                {
                    task.IsIndeterminate = false;
                    task.Value = 100 * share;
                }));
                task.IsIndeterminate = false;
                task.Value = 100;
                return result;
            });
    }
}
