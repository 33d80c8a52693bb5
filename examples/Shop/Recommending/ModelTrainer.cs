using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using MLNetRecExt;
using MLNetRecExt.AspNetCore;

namespace Shop;

/// <summary>Reads the orders, judges what can be learned of them on what it holds out, and publishes a model unless it got worse.</summary>
internal sealed class ModelTrainer(DbDataSource database, IOptionsMonitor<RecommenderServiceOptions> options, ILogger<ModelTrainer> logger)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    private string ModelPath => options.Get("shop").ModelPath!;

    public bool HasModel => File.Exists(ModelPath);

    /// <summary>The last trainings, latest first.</summary>
    public IReadOnlyList<TrainingRecord> Records =>
        File.Exists(RecordPath) ? JsonSerializer.Deserialize<TrainingRecord[]>(File.ReadAllBytes(RecordPath))! : [];

    private string RecordPath => ModelPath + ".json";

    public async Task<TrainingRecord> TrainAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var watch = Stopwatch.StartNew();
            var recommenders = new MLContext().Recommenders();
            var orders = await ReadOrdersAsync(recommenders, cancellationToken);
            var trainer = recommenders.Trainers.ItemKnn();
            var split = recommenders.Splits.LeaveLast(orders);
            var report = recommenders.Evaluate(trainer.Fit(split.Train), split.Test, new() { Cutoffs = [10] });
            var ndcg = report.Ndcg(10);

            // Worse means more than chance: that even the upper end of the interval is below what the published model had.
            var published = Records.FirstOrDefault(record => record.Published);
            var record = new TrainingRecord(DateTimeOffset.UtcNow, 0, orders.Count, orders.Users.Count,
                ndcg.Mean, ndcg.Low, ndcg.High, published is null || ndcg.High >= published.Ndcg);
            if (record.Published)
                trainer.Fit(orders).WithMetrics(report).Save(ModelPath);
            record = record with { Seconds = watch.Elapsed.TotalSeconds };
            var records = JsonSerializer.SerializeToUtf8Bytes(Records.Prepend(record).Take(20));
            await File.WriteAllBytesAsync(RecordPath, records, cancellationToken);
            logger.LogInformation("Trained: {Record}", record);
            return record;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<Interactions> ReadOrdersAsync(RecommendersCatalog recommenders, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT customer_id, sku, ordered_at FROM order_lines");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await recommenders.Data.ReadInteractionsAsync(
            reader, new("customer_id", "sku", Timestamp: "ordered_at"), cancellationToken: cancellationToken);
    }
}
