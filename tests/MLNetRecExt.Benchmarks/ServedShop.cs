using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Benchmarks;

/// <summary>The process that <see cref="ServeBenchmark"/> asks: a recommender on loopback, with a sink that can be taken down.</summary>
internal static class ServedShop
{
    /// <summary>Prints its address and runs until its input ends.</summary>
    /// <param name="modelPath">The model's file.</param>
    /// <param name="server">The connection string of a PostgreSQL server for feedback; null: none.</param>
    public static async Task<int> RunAsync(string modelPath, string? server)
    {
        await using var database = server is null ? null : new DatabaseSink(server);
        if (database is not null)
            await database.CreateAsync();
        ServedSink sink = database is null ? new FailingSink() : database;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton(sink);
        builder.Services.AddRecommender<int, int>("shop", options => options.ModelPath = modelPath).WithFeedback<ServedSink>();
        var app = builder.Build();
        app.MapRecommender<int, int>("/api");
        app.MapGet("/status", async (IRecommender<int, int> shop) => Results.Ok(new ServedStatus(
            Environment.WorkingSet, shop.Status.FeedbackAdded, shop.Status.FeedbackDropped, shop.Status.FeedbackWritten,
            await sink.CountAsync(), shop.Status.Reason)));
        app.MapPost("/sink", (bool isDown) => sink.SetDownAsync(isDown));
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }
}
