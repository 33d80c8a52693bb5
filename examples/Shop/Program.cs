using Microsoft.AspNetCore.Authentication.Cookies;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Shop;

var builder = WebApplication.CreateBuilder(args);
var (services, configuration) = (builder.Services, builder.Configuration);
builder.WebHost.UseStaticWebAssets();

// What the shop writes is beside its project: the SQLite file, unless ConnectionStrings:Shop names a PostgreSQL database, and the model.
var folder = Path.GetFullPath(configuration["Shop:Folder"] ?? "data", builder.Environment.ContentRootPath);
Directory.CreateDirectory(folder);
configuration["Recommender:ModelPath"] ??= Path.Combine(folder, "shop.model");
services.AddSingleton(Schema.Open(configuration.GetConnectionString("Shop"), folder));

// The recommender: what it knows of products, what customers did since the night, where their clicks go. Pages use the same three.
services.AddMemoryCache(cache => cache.SizeLimit = 100_000);
services.AddSingleton<Catalogue>().AddSingleton<CustomerHistory>().AddSingleton<EventTable>();
services.AddRecommender<long, string>("shop", configuration.GetSection("Recommender"))
    .WithCatalogue<Catalogue>()
    .WithHistory<CustomerHistory>()
    .WithFeedback<EventTable>();
services.AddHealthChecks().AddRecommender("shop", maxAge: TimeSpan.FromHours(26));
services.AddSingleton<ModelTrainer>().AddSingleton<NightlyTraining>();
services.AddHostedService(provider => provider.GetRequiredService<NightlyTraining>());

// The shop's pages. Everybody has a cookie with a customer's id; the operator's has a role, too.
services.AddSingleton<Orders>().AddSingleton<Shelves>();
services.AddRazorPages().AddMvcOptions(mvc => mvc.Filters.Add<VisitorFilter>());
services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
    .AddCookie(cookie =>
    {
        (cookie.LoginPath, cookie.AccessDeniedPath) = ("/operator", "/operator");
        cookie.ExpireTimeSpan = TimeSpan.FromDays(180);
    });
services.AddRouting(routing => routing.LowercaseUrls = true);
services.AddAuthorizationBuilder().AddPolicy(Visitor.Operator, policy => policy.RequireRole(Visitor.Operator));
services.AddOpenApi();
services.AddProblemDetails();
if (configuration.GetValue<bool>("OpenTelemetry:Console"))
    services.AddOpenTelemetry()
        .WithMetrics(metrics => metrics.AddMeter("MLNetRecExt").AddConsoleExporter())
        .WithTracing(tracing => tracing.AddSource("MLNetRecExt").AddConsoleExporter());

var app = builder.Build();
await Schema.CreateAsync(app.Services.GetRequiredService<System.Data.Common.DbDataSource>());
await app.Services.GetRequiredService<Catalogue>().ReadAsync(default);
// On the first start the page waits for its model, some seconds; from then on each is trained while the last one serves.
if (app.Services.GetRequiredService<ModelTrainer>() is { HasModel: false } trainer)
    await trainer.TrainAsync(default);

app.UseExceptionHandler("/error");
app.UseStatusCodePagesWithReExecute("/error", "?code={0}");
app.UseAuthentication();
app.UseAuthorization();
app.MapStaticAssets();
app.MapRazorPages().WithStaticAssets();
app.MapHealthChecks("/health");
if (app.Environment.IsDevelopment())
    app.MapOpenApi();
app.MapRecommender<long, string>("/api", configure: api => api.HistoryPolicy = Visitor.Operator).RequireAuthorization(Visitor.Operator);
app.MapRecommenderPage("/recommender", Visitor.Operator);
app.Run();
