using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Benchmarks;

/// <summary>The process that <see cref="ServeBenchmark"/> asks: a recommender on loopback, with a sink that can be taken down.</summary>
internal static class ServedShop
{
    /// <summary>Prints its address and runs until its input ends.</summary>
    public static int Run(string modelPath)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var sink = new Sink();
        builder.Services.AddSingleton(sink);
        builder.Services.AddRecommender<int, int>("shop", options => options.ModelPath = modelPath).WithFeedback<Sink>();
        var app = builder.Build();
        app.MapRecommender<int, int>("/api");
        app.MapGet("/status", (IRecommender<int, int> shop) => Results.Ok(new ServedStatus(
            Environment.WorkingSet, shop.Status.FeedbackAdded, shop.Status.FeedbackDropped, shop.Status.FeedbackWritten, sink.Rows,
            shop.Status.Reason)));
        app.MapPost("/sink", (bool isDown) => sink.IsDown = isDown);
        app.Start();
        Console.WriteLine(app.Urls.Single());
        Console.In.ReadToEnd();
        app.StopAsync().Wait();
        return 0;
    }

    private sealed class Sink : IFeedbackSink<int, int>
    {
        private long _rows;

        public volatile bool IsDown;

        public long Rows => Interlocked.Read(ref _rows);

        public async Task WriteAsync(IReadOnlyList<FeedbackEvent<int, int>> batch, CancellationToken cancellationToken)
        {
            // About as long as COPY takes.
            await Task.Delay(5, cancellationToken);
            if (IsDown)
                throw new IOException("The database is down.");
            Interlocked.Add(ref _rows, batch.Count);
        }
    }
}
