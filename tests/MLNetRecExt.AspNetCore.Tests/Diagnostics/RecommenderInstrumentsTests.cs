using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MLNetRecExt.AspNetCore.Tests.Diagnostics;

public class RecommenderInstrumentsTests
{
    [Fact]
    public async Task OpenTelemetry_ListsReloadsAndFeedback_AreExported()
    {
        var (metrics, spans) = (new List<Metric>(), new List<Activity>());
        await using var shop = await RunningShop.StartAsync(
            options => options.Fallback = RecommendationFallback.Popularity,
            services: services => services.AddOpenTelemetry()
                .WithMetrics(meters => meters.AddMeter("MLNetRecExt").AddInMemoryExporter(metrics))
                .WithTracing(sources => sources.AddSource("MLNetRecExt").AddInMemoryExporter(spans)),
            model: TrainedModels.First, name: "measured");
        var list = await shop.Recommender.RecommendAsync(7);
        await shop.Recommender.RecommendAsync(999);
        await shop.Recommender.SimilarAsync("item-xx");
        shop.Services.GetRequiredService<IFeedback<long, string>>().Add(new(7, "item-04", FeedbackKind.Clicked, default));
        shop.Shelf.Publish(TrainedModels.Smaller);
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded);
        shop.Services.GetRequiredService<MeterProvider>().ForceFlush();

        Assert.Equal(3, Sum("recommend.duration"));
        Assert.Equal(1, Sum("recommend.duration", ("reason", "Popularity")));
        Assert.Equal(1, Sum("recommend.empty"));
        Assert.Equal(1, Sum("recommend.fallbacks"));
        Assert.Equal(1, Sum("model.reloads", ("result", "accepted")));
        Assert.Equal(1, Sum("model.reloads", ("result", "refused")));
        Assert.Equal(1, Sum("feedback.events", ("kind", "Clicked"), ("result", "dropped")));
        Assert.True(Points("model.age").Single().GetGaugeLastValueDouble() > 0);

        var span = spans.Single(one => Equals(one.GetTagItem("recommend.list_id"), list.ListId));
        Assert.Equal(("recommend", list.Version, "Model"),
            (span.OperationName, span.GetTagItem("recommend.version"), span.GetTagItem("recommend.reason")));

        long Sum(string name, params (string Key, string Value)[] tags) => Points(name)
            .Where(point => tags.All(tag => Tags(point).Contains(tag)))
            .Sum(point => name == "recommend.duration" ? point.GetHistogramCount() : point.GetSumLong());

        IEnumerable<MetricPoint> Points(string name)
        {
            // Meters of other tests have the same name.
            foreach (var metric in metrics.Where(metric => metric.Name == name))
                foreach (var point in metric.GetMetricPoints())
                    if (Tags(point).Contains(("model", "measured")))
                        yield return point;
        }
    }

    private static List<(string, string)> Tags(MetricPoint point)
    {
        var tags = new List<(string, string)>();
        foreach (var tag in point.Tags)
            tags.Add((tag.Key, $"{tag.Value}"));
        return tags;
    }
}
