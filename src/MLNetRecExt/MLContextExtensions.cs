using Microsoft.Extensions.Logging;
using Microsoft.ML.Runtime;
using MLNetRecExt;

namespace Microsoft.ML;

/// <summary>The door to MLNetRecExt, and a way out for what is logged.</summary>
public static class MLContextExtensions
{
    /// <summary>Recommenders: trainers, transforms, data, splits, stages, evaluation and tuning.</summary>
    /// <param name="mlContext">The context; its log and seed are used.</param>
    /// <returns>The catalog of all that MLNetRecExt has.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="mlContext"/> is null.</exception>
    /// <example><code>
    /// var recommenders = new MLContext().Recommenders();
    /// var model = recommenders.Trainers.Wals("User", "Item").Fit(data).Model;
    /// </code></example>
    public static RecommendersCatalog Recommenders(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new(mlContext);
    }

    /// <summary>Passes on what ML.NET and MLNetRecExt log, such as the summary of data that was read, options that follow from the data, and
    /// warnings.</summary>
    /// <param name="mlContext">The context whose log is passed on, as long as it lives.</param>
    /// <param name="logger">Gets each entry at its level, with its text as <c>Message</c> and where it comes from as
    /// <c>Source</c>.</param>
    /// <returns><paramref name="mlContext"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example><code>var mlContext = new MLContext().LogTo(logger);</code></example>
    public static MLContext LogTo(this MLContext mlContext, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(logger);
        mlContext.Log += (_, entry) => logger.Log(Level(entry.Kind), "[{Source}] {Message}", entry.Source, entry.RawMessage);
        return mlContext;

        static LogLevel Level(ChannelMessageKind kind) => kind switch
        {
            ChannelMessageKind.Trace => LogLevel.Trace,
            ChannelMessageKind.Info => LogLevel.Information,
            ChannelMessageKind.Warning => LogLevel.Warning,
            _ => LogLevel.Error,
        };
    }
}
