using Microsoft.Extensions.Logging;
using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class MLContextExtensionsTests
{
    private readonly Lines _lines = new();

    [Fact]
    public void LogTo_DataThatIsRead_LogsItsSummaryAndWhatWasSkipped()
    {
        var mlContext = new MLContext(1).LogTo(_lines);

        var read = mlContext.Recommenders().Data.ReadInteractions(["ann", "", "bob"], user => user, _ => "x");

        Assert.Equal("3 rows: 2 interactions of 2 users and 1 items, density 100 %; 1 skipped: 1 without a user or item id", read.ToString());
        Assert.Contains((LogLevel.Information, $"Read {read}."), _lines.Entries.Select(entry => (entry.Level, entry.Text[(entry.Text.IndexOf(']') + 2)..])));
        Assert.Contains(_lines.Entries, entry => entry.Level == LogLevel.Warning && entry.Text.Contains("Skipped 1 of 3 rows"));
        Assert.All(_lines.Entries, entry => Assert.StartsWith("[", entry.Text));
    }

    [Fact]
    public void LogTo_Null_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => new MLContext().LogTo(null!));
        Assert.Throws<ArgumentNullException>(() => ((MLContext)null!).LogTo(_lines));
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, string Text)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception)));
    }
}
