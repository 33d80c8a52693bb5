using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.ML;
using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// A shop of 27,000 items and 10,000 users under load: requests begin by the clock, whether or not the ones before have ended, and are
/// timed from when they were due. The model is replaced every 10 s. Client and server share the machine.
/// </summary>
internal static class ServeBenchmark
{
    private const int Users = 10_000, Items = 27_000, Rank = 64, RequestsPerSecond = 500, SecondsPerModel = 10;
    private const int EventsPerSecond = 5_000, EventsPerRequest = 50, DownFrom = 20, DownUntil = 40, FeedbackSeconds = 60;

    public static async Task<int> RunAsync(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var path = Path.Combine(folder, "shop.model");
            foreach (var (name, seed) in new[] { ("a", 1), ("b", 2) })
                Model(seed).Save(Path.Combine(folder, name));
            File.Copy(Path.Combine(folder, "a"), path);
            var isFeedback = args is ["feedback"];
            using var server = Start(path, isFeedback);
            using var client = new HttpClient { BaseAddress = new(server.StandardOutput.ReadLine()!), Timeout = Timeout.InfiniteTimeSpan };
            if (isFeedback)
                await FeedbackAsync(client);
            else
                await LoadAsync(client, path, args is ["--seconds", var seconds] ? int.Parse(seconds) : 300);
            server.StandardInput.Close();
            await server.WaitForExitAsync();
            return server.ExitCode;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LoadAsync(HttpClient client, string path, int seconds)
    {
        var requests = new ServedRequests(client, Users, Items);
        await requests.RunAsync(RequestsPerSecond, 5);
        requests.Clear();
        using var stop = new CancellationTokenSource();
        var replacing = ReplaceAsync(path, requests, stop.Token);
        var firstPart = Math.Min(60, seconds / 2);
        await requests.RunAsync(RequestsPerSecond, firstPart);
        var early = (await StatusAsync(client)).WorkingSet;
        await requests.RunAsync(RequestsPerSecond, seconds - firstPart);
        await stop.CancelAsync();
        await replacing;
        var status = await StatusAsync(client);
        Console.WriteLine($"{Items:N0} items, {Users:N0} users, rank {Rank}, {RequestsPerSecond} requests/s for {seconds} s, "
            + $"a new model every {SecondsPerModel} s");
        requests.Print();
        Console.WriteLine(FormattableString.Invariant(
            $"working set after {firstPart} s {early / 1e6:0} MB, at the end {status.WorkingSet / 1e6:0} MB"));
        Console.WriteLine($"trouble at the end: {status.Reason ?? "none"}");
    }

    /// <summary>Lets the two models take turns.</summary>
    private static async Task ReplaceAsync(string path, ServedRequests requests, CancellationToken stop)
    {
        for (int turn = 1; !stop.IsCancellationRequested; turn++)
        {
            await Task.Delay(TimeSpan.FromSeconds(SecondsPerModel), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            File.Copy(Path.Combine(Path.GetDirectoryName(path)!, turn % 2 == 0 ? "a" : "b"), path + ".unfinished", overwrite: true);
            File.Move(path + ".unfinished", path, overwrite: true);
            requests.Replaced();
        }
    }

    private static async Task FeedbackAsync(HttpClient client)
    {
        var pages = new ServedRequests(client, Users, Items);
        await pages.RunAsync(RequestsPerSecond / 10, 2);
        pages.Clear();
        var asking = pages.RunAsync(RequestsPerSecond / 10, FeedbackSeconds);
        var posts = new List<Task<HttpResponseMessage>>();
        var clock = Stopwatch.StartNew();
        for (int post = 0; post < FeedbackSeconds * EventsPerSecond / EventsPerRequest; post++)
        {
            await WaitAsync(clock, (double)post * EventsPerRequest / EventsPerSecond);
            if (post * EventsPerRequest is DownFrom * EventsPerSecond or DownUntil * EventsPerSecond)
                await client.PostAsync($"/sink?isDown={post * EventsPerRequest < DownUntil * EventsPerSecond}", null);
            posts.Add(client.PostAsJsonAsync("/api/events", Enumerable.Range(0, EventsPerRequest).Select(e =>
                new { user = post % Users, item = (post + e) % Items, kind = FeedbackKind.Seen, position = e + 1, model = "shop" })));
        }
        var failures = (await Task.WhenAll(posts)).Count(answer => !answer.IsSuccessStatusCode);
        await asking;
        await Task.Delay(TimeSpan.FromSeconds(8));
        var status = await StatusAsync(client);
        var events = posts.Count * EventsPerRequest;
        var sink = Environment.GetEnvironmentVariable(QueryBenchmark.Variable) is null ? "sink that throws" : "PostgreSQL database";
        Console.WriteLine($"{events:N0} events in {FeedbackSeconds} s, the {sink} down from second {DownFrom} to {DownUntil}");
        Console.WriteLine($"added {status.Added:N0}, dropped and counted {status.Dropped:N0}, written {status.Written:N0}, "
            + $"rows {status.Rows:N0}, unaccounted {events - status.Written - status.Dropped:N0}, posts that failed {failures}");
        pages.Print();
    }

    internal static Task WaitAsync(Stopwatch clock, double second)
    {
        var wait = TimeSpan.FromSeconds(second) - clock.Elapsed;
        return wait > TimeSpan.Zero ? Task.Delay(wait) : Task.CompletedTask;
    }

    private static async Task<ServedStatus> StatusAsync(HttpClient client) => (await client.GetFromJsonAsync<ServedStatus>("/status"))!;

    private static Process Start(string path, bool isFeedback)
    {
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        string[] own = ["served", path, .. isFeedback ? ["feedback"] : Array.Empty<string>()];
        string[] args = isHost ? [typeof(ServeBenchmark).Assembly.Location, .. own] : own;
        var start = new ProcessStartInfo(Environment.ProcessPath!, args) { RedirectStandardOutput = true, RedirectStandardInput = true };
        return Process.Start(start)!;
    }

    /// <summary>Users with a taste for one of 50 groups of items, 60 items each.</summary>
    private static WalsModel Model(int seed)
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, Users).SelectMany(user => Enumerable.Range(0, 60).Select(_ => new Taken(
            user, random.Next(4) > 0 ? user % 50 + 50 * random.Next(Items / 50) : random.Next(Items))));
        return new MLContext().Recommenders().Trainers.Wals(new WalsTrainer.Options
        {
            UserColumnName = nameof(Taken.User),
            ItemColumnName = nameof(Taken.Item),
            ApproximationRank = Rank,
            NumberOfIterations = 4,
            Seed = seed,
        }).Fit(new MLContext().Data.LoadFromEnumerable(rows)).Model;
    }

    private sealed record Taken(int User, int Item);
}
