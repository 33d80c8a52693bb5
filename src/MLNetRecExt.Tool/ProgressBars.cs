using Spectre.Console;

namespace MLNetRecExt.Tool;

/// <summary>A bar for each trainer that has had its turn.</summary>
internal sealed class ProgressBars(ProgressContext context) : IProgress<ExperimentProgress>
{
    private ProgressTask? _bar;
    private string? _trainer;

    /// <summary>Runs with bars on the error stream, where somebody looks at it.</summary>
    public static async Task<RunRecord> ShowAsync(bool quiet, Func<IProgress<ExperimentProgress>?, RunRecord> run)
    {
        if (quiet || Console.IsErrorRedirected)
            return run(null);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => Task.Run(() =>
            {
                var bars = new ProgressBars(context);
                var record = run(bars);
                bars.Finish();
                return record;
            }));
    }

    public void Report(ExperimentProgress value)
    {
        if (_trainer != value.Trainer)
        {
            Finish();
            _trainer = value.Trainer;
            _bar = context.AddTask(Markup.Escape(value.Trainer), maxValue: 1);
        }
        _bar!.Description = Markup.Escape($"{value.Trainer}, {value.Step}");
        _bar.Value = value.Share;
    }

    private void Finish()
    {
        if (_bar is null)
            return;
        _bar.Description = Markup.Escape(_trainer!);
        _bar.Value = _bar.MaxValue;
        _bar.StopTask();
    }
}
