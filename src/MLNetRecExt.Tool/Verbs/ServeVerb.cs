using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using MLNetRecExt.Tool.Serving;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Serves a model until it is told to stop.</summary>
internal sealed class ServeVerb : ModelVerb
{
    private readonly Option<bool> _demo = new("--demo") { Description = "Serve a model of a made-up film club." };
    private readonly Option<int> _port = new("--port", "-p")
    {
        Description = "Port to listen on; 0 for any.",
        DefaultValueFactory = _ => 5000,
    };

    public ServeVerb()
        : base("serve", "Serve a model to this machine: lists below /api, the operator's page at /recommender.",
            "mlrec serve best.model", "mlrec serve --demo", "mlrec serve best.model --port 8080 --config shop.json")
    {
        _port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > ushort.MaxValue)
                result.AddError($"--port must be 0 to {ushort.MaxValue}.");
        });
        Model.Arity = ArgumentArity.ZeroOrOne;
        Add(_port);
        Add(_demo);
        Add(Configuration);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetValue(_demo) == arguments.GetValue(Model) is not null)
            throw new ArgumentException("serve needs either a model or --demo.");
        if (!arguments.GetValue(_demo))
            return await base.AnswerAsync(arguments, cancellation);
        var folder = Directory.CreateTempSubdirectory("mlrec").FullName;
        try
        {
            var demo = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), bars =>
            {
                bars.Begin("demo");
                return Demo.MakeAsync(folder, cancellation);
            });
            return await ServeAsync(demo, arguments, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var experiment = FindConfiguration(arguments);
        var catalogue = experiment?.Configuration.Data.Items is { } items
            ? new ItemCatalogueFile(experiment.PathOf(items), experiment.Configuration.Data) : null;
        return ServeAsync(new(model, arguments.GetValue(Model)!, catalogue), arguments, cancellation);
    }

    private async Task<Answer> ServeAsync(ServedFiles served, ParseResult arguments, CancellationToken cancellation)
    {
        await using var app = ModelServer.Create(served, arguments.GetValue(_port));
        await app.StartAsync(cancellation);
        var url = app.Urls.Single();
        if (arguments.GetValue(Json))
            arguments.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(new { url, page = $"{url}/recommender" }));
        else if (!arguments.GetValue(Quiet))
            Terminal.Print(arguments.InvocationConfiguration.Output, Addresses(served.Model, url));
        await app.WaitForShutdownAsync(cancellation);
        return new("Stopped.", new { Stopped = true });
    }

    private static Spectre.Console.Grid Addresses(RecommenderModel model, string url)
    {
        var (user, item) = (model.Users.Count > 0 ? model.Users.GetText(0) : "ID", model.Items.GetText(0));
        return Columns.Pairs(
            ("page", $"{url}/recommender"), ("a list", $"{url}/api/users/{Uri.EscapeDataString(user)}/recommendations"),
            ("like an item", $"{url}/api/items/{Uri.EscapeDataString(item)}/similar"), ("the card", $"{url}/api/model"),
            ("health", $"{url}/health"), ("", "Ctrl+C stops it. A model that is saved at the same place is served at once."));
    }
}
