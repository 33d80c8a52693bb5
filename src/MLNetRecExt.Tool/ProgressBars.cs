using Spectre.Console;

namespace MLNetRecExt.Tool;

/// <summary>A bar for each step that has had its turn; none where nobody looks.</summary>
internal sealed class ProgressBars : IProgress<ExperimentProgress>, IProgress<TrainingProgress>, IProgress<double>
{
    private readonly ProgressContext? _context;
    private ProgressTask? _bar;
    private string? _step;

    private ProgressBars(ProgressContext? context) => _context = context;

    /// <summary>Works with bars on the error stream, where somebody looks at it.</summary>
    public static async Task<T> ShowAsync<T>(bool quiet, Func<ProgressBars, Task<T>> work)
    {
        if (quiet || Console.IsErrorRedirected)
            return await work(new(null));
        return await Terminal.Over(Console.Error).Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 },
                new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => Task.Run(async () =>
            {
                var bars = new ProgressBars(context);
                var result = await work(bars);
                bars.Finish();
                return result;
            }));
    }

    /// <summary>Begins a step, which ends when the next begins.</summary>
    /// <param name="step">What it is called.</param>
    public void Begin(string step)
    {
        Finish();
        _step = step;
        _bar = _context?.AddTask(Markup.Escape(step), maxValue: 1);
        if (_bar is not null)
            _bar.IsIndeterminate = true;
    }

    /// <summary>The share of the step that is done, 0…1.</summary>
    public void Report(double value)
    {
        if (_bar is null)
            return;
        _bar.IsIndeterminate = false;
        _bar.Value = value;
    }

    public void Report(TrainingProgress value) => Report((double)value.Iteration / value.NumberOfIterations);

    public void Report(ExperimentProgress value)
    {
        if (_step != value.Trainer)
            Begin(value.Trainer);
        if (_bar is not null)
            _bar.Description = Markup.Escape($"{value.Trainer}, {value.Step}");
        Report(value.Share);
    }

    private void Finish()
    {
        if (_bar is null)
            return;
        _bar.Description = Markup.Escape(_step!);
        _bar.IsIndeterminate = false;
        _bar.Value = _bar.MaxValue;
        _bar.StopTask();
    }
}
