using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tool.Serving;

/// <summary>A model as a service of this machine: endpoints below <c>/api</c>, the operator's page at <c>/recommender</c>.</summary>
internal static class ModelServer
{
    private const string Name = "model", Here = "here";

    /// <summary>Makes the application. It answers nobody but this machine, to whom it shows all.</summary>
    /// <param name="served">The model, and the files.</param>
    /// <param name="port">Port to listen on; 0 for any that is free.</param>
    public static WebApplication Create(ServedFiles served, int port)
    {
        var (model, path, catalogue) = served;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        // Whatever addresses the environment has for other applications.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // Pages of other sites, which a browser here shows, have other names for this machine.
        builder.Services.AddHostFiltering(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1"]);
        builder.Services.AddAuthorizationBuilder().AddPolicy(Here, policy => policy.RequireAssertion(_ => true));
        if (catalogue is not null)
            builder.Services.AddSingleton(catalogue);
        var add = typeof(ModelServer).GetMethod(nameof(Add), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(TypeOf(model.Users), TypeOf(model.Items))
            .CreateDelegate<Func<IServiceCollection, string, bool, Action<WebApplication>>>();
        var map = add(builder.Services, Path.GetFullPath(path), catalogue is not null);
        builder.Services.AddHealthChecks().AddRecommender(Name);

        var app = builder.Build();
        app.UseHostFiltering();
        app.UseAuthorization();
        map(app);
        app.MapRecommenderPage("/recommender", Here);
        app.MapHealthChecks("/health");
        return app;
    }

    private static Action<WebApplication> Add<TUser, TItem>(IServiceCollection services, string path, bool hasCatalogue)
        where TUser : notnull
        where TItem : notnull
    {
        var recommender = services.AddRecommender<TUser, TItem>(Name, options => options.ModelPath = path);
        if (hasCatalogue)
            recommender.WithCatalogue<ItemCatalogue<TItem>>();
        return app => app.MapRecommender<TUser, TItem>("/api", configure: api => api.HistoryPolicy = Here);
    }

    private static Type TypeOf(IdMap ids) => ids.Kind switch
    {
        DataKind.String or null => typeof(string),
        DataKind.Int32 => typeof(int),
        DataKind.UInt32 => typeof(uint),
        DataKind.Int64 => typeof(long),
        DataKind.UInt64 => typeof(ulong),
        var other => throw new NotSupportedException($"The model's ids are of kind {other}; text and integers can be served."),
    };
}
