using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MLNetRecExt.AspNetCore.Tests;

/// <summary>An application with one recommender, whose models are put on a shelf.</summary>
public sealed class RunningShop : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningShop(WebApplication app, ModelShelf shelf, LogLines log) => (_app, Shelf, Log) = (app, shelf, log);

    public ModelShelf Shelf { get; }

    public LogLines Log { get; }

    public IServiceProvider Services => _app.Services;

    public IRecommender<long, string> Recommender => Services.GetRequiredService<IRecommender<long, string>>();

    public HttpClient NewClient() => _app.GetTestClient();

    public Task StopAsync() => _app.StopAsync();

    /// <param name="configure">Sets options.</param>
    /// <param name="build">Adds parts.</param>
    /// <param name="services">Registers more; before the recommender.</param>
    /// <param name="further">Registers more; after the recommender.</param>
    /// <param name="map">Maps endpoints.</param>
    /// <param name="model">The model on the shelf; null for none.</param>
    /// <param name="name">The recommender's.</param>
    public static async Task<RunningShop> StartAsync(
        Action<RecommenderServiceOptions>? configure = null, Action<RecommenderBuilder<long, string>>? build = null,
        Action<IServiceCollection>? services = null, Action<IServiceCollection>? further = null, Action<WebApplication>? map = null,
        byte[]? model = null, string name = "shop")
    {
        var (shelf, log) = (new ModelShelf(), new LogLines());
        if (model is not null)
            shelf.Publish(model);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(shelf);
        services?.Invoke(builder.Services);
        var recommender = builder.Services.AddRecommender<long, string>(name, configure ?? (_ => { })).WithSource<ModelShelf>();
        build?.Invoke(recommender);
        further?.Invoke(builder.Services);
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return new(app, shelf, log);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
