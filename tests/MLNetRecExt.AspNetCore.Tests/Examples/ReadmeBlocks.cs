using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;

namespace MLNetRecExt.AspNetCore.Tests.Examples;

/// <summary>The code blocks of the package's README, word for word.</summary>
internal static class ReadmeBlocks
{
    public static async Task FromTableToEndpointAsync(DbDataSource database, string modelPath, string[] args)
    {
        // At night: the orders become a model.
        await using var command = database.CreateCommand("SELECT customer_id, sku, ordered_at FROM order_lines");
        await using var rows = await command.ExecuteReaderAsync();
        var recommenders = new MLContext().Recommenders();
        var orders = await recommenders.Data.ReadInteractionsAsync(rows, new("customer_id", "sku", Timestamp: "ordered_at"));
        recommenders.Trainers.Wals(new WalsTrainer.Options()).Fit(orders).Save(modelPath);

        // In the shop: GET /api/users/4711/recommendations. The next model that is saved there is taken at once.
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddRecommender<long, string>("shop", options => options.ModelPath = modelPath);
        builder.Services.AddHealthChecks().AddRecommender("shop", maxAge: TimeSpan.FromHours(26));
        var app = builder.Build();
        app.MapRecommender<long, string>("/api");
        app.MapHealthChecks("/health");
        await app.RunAsync();
    }

    public static async Task AskInCodeAsync(IRecommender<long, string> shop, IFeedback<long, string> feedback, long customer)
    {
        var list = await shop.RecommendAsync(customer, count: 12, new CatalogueFilter { Category = "shoes", MaxPrice = 100 });
        foreach (var item in list.Items)
            Console.WriteLine($"{item.Id}, as you took {string.Join(" and ", item.Because)}");
        feedback.Add(new(customer, list.Items[0].Id, FeedbackKind.Clicked, DateTimeOffset.UtcNow, list.ListId, Position: 1, list.Model));
    }
}
