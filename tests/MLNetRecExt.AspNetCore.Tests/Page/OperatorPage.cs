using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore.Tests.Page;

/// <summary>An application with six recommenders and the operator's page under a path base.</summary>
public sealed partial class OperatorPage : IAsyncLifetime
{
    public const string Root = "/base/ops/recommender";

    /// <summary>Answers as "shop" by another seed; its name is made to hurt.</summary>
    public const string Rival = "<b>rival</b> & co";

    private readonly string _folder = Directory.CreateTempSubdirectory("page").FullName;
    private RunningShop _shop = null!;

    public IRecommender<long, string> Recommender => _shop.Recommender;

    public RecommenderModel Model => Recommender.Current!.Model;

    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _shop = await RunningShop.StartAsync(
            build: shop =>
            {
                shop.WithCatalogue<BookCatalogue>().WithHistory<LateHistory>();
                Add(Rival, Saved("rival", TrainedModels.Second));
                Add("popular", Saved("popular", TrainedModels.Popularity));
                Add("content", Saved("content", TrainedModels.Content));
                Add("hybrid", Saved("hybrid", TrainedModels.Hybrid));
                Add("none", Path.Combine(_folder, "missing"));

                void Add(string name, string path) =>
                    shop.Services.AddRecommender<long, string>(name, options => options.ModelPath = path);
            },
            services: services =>
            {
                services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
                services.AddAuthorization(options => options.AddPolicy("operators", policy => policy.RequireUserName("Olga")));
            },
            map: app =>
            {
                app.UsePathBase("/base");
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapGroup("/ops").MapRecommenderPage("/recommender", "operators");
            },
            model: TrainedModels.First);
        Client = _shop.NewClient();
        Client.DefaultRequestHeaders.Add(HeaderAuthentication.Header, "Olga");
    }

    /// <summary>An application with one recommender and its page at <c>/recommender</c>, for everybody.</summary>
    public static Task<RunningShop> StartForAllAsync() => RunningShop.StartAsync(
        services: services => services.AddAuthorizationBuilder().AddPolicy("all", policy => policy.RequireAssertion(_ => true)),
        map: app => app.MapRecommenderPage("/recommender", "all"),
        model: TrainedModels.First);

    public async Task DisposeAsync()
    {
        await _shop.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public HttpClient NewClient() => _shop.NewClient();

    /// <summary>The HTML of a view, with the status that is expected.</summary>
    public async Task<string> GetAsync(string view, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await Client.GetAsync(Root + view);
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>The ids of the items that the section of a heading names, in order.</summary>
    public static IReadOnlyList<string> Items(string html, string heading) =>
        [.. ItemLinks().Matches(Section(html, heading)).Select(match => Uri.UnescapeDataString(match.Groups[1].Value))];

    /// <summary>The part of a page from a heading to the end of its section.</summary>
    public static string Section(string html, string heading)
    {
        var start = html.IndexOf($">{heading}</h2>", StringComparison.Ordinal);
        Assert.True(start >= 0, $"There is no heading '{heading}'.");
        return html[start..html.IndexOf("</section>", start, StringComparison.Ordinal)];
    }

    private string Saved(string name, byte[] model)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, model);
        return path;
    }

    [GeneratedRegex("href=\"[^\"]*/item\\?[^\"]*id=([^\"&]*)\"")]
    private static partial Regex ItemLinks();
}
