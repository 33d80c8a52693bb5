using System.Threading.Channels;

namespace Shop;

/// <summary>Trains every night at <c>Shop:TrainAtHour</c>, local time, and when the operator asks.</summary>
internal sealed class NightlyTraining(ModelTrainer trainer, IConfiguration configuration, ILogger<NightlyTraining> logger)
    : BackgroundService
{
    // One request waits while a training runs; more would train the same again.
    private readonly Channel<bool> _requests =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void TrainSoon() => _requests.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Who was switched off at night, as a laptop is, makes up for it.
        if (trainer.Records.FirstOrDefault() is not { } last || DateTimeOffset.UtcNow - last.Time > TimeSpan.FromDays(1))
            TrainSoon();
        while (!stoppingToken.IsCancellationRequested)
        {
            using var night = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            night.CancelAfter(UntilTraining(DateTime.Now, configuration.GetValue("Shop:TrainAtHour", 3)));
            try
            {
                await _requests.Reader.ReadAsync(night.Token);
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogInformation("It is night: training.");
            }
            try
            {
                await Task.Run(() => trainer.TrainAsync(stoppingToken), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The model of yesterday goes on; the health check tells when it gets old.
                logger.LogError(e, "Training failed; it is tried again next night.");
            }
        }
    }

    private static TimeSpan UntilTraining(DateTime now, int hour)
    {
        var tonight = now.Date.AddHours(hour);
        return (tonight > now ? tonight : tonight.AddDays(1)) - now;
    }
}
