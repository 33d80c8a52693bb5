using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Benchmarks;

/// <summary>Requests of pages, begun by the clock, with what they took and which model answered.</summary>
internal sealed class ServedRequests(HttpClient client, int users, int items)
{
    private const int MostAtOnce = 32;

    private readonly ConcurrentQueue<(long Begun, long Ended, double Milliseconds, string? Version)> _answers = [];
    private readonly ConcurrentQueue<long> _replaced = [];

    public void Clear() => _answers.Clear();

    /// <summary>The file was replaced.</summary>
    public void Replaced() => _replaced.Enqueue(Stopwatch.GetTimestamp());

    /// <summary>Asks by the clock from as many threads as requests can be under way: one that waits keeps none of the others.</summary>
    public async Task RunAsync(int perSecond, int seconds)
    {
        var (clock, begun) = (Stopwatch.StartNew(), 0);
        await Task.WhenAll(Enumerable.Range(0, MostAtOnce).Select(_ => Task.Factory.StartNew(() =>
        {
            while (Interlocked.Increment(ref begun) is var request && request <= perSecond * seconds)
            {
                var due = (request - 1.0) / perSecond;
                if (TimeSpan.FromSeconds(due) - clock.Elapsed is { Ticks: > 0 } early)
                    Thread.Sleep((int)Math.Ceiling(early.TotalMilliseconds));
                Ask(new Random(request), clock, due);
            }
        }, TaskCreationOptions.LongRunning)));
    }

    public void Print()
    {
        var answers = _answers.ToArray();
        var sorted = answers.Select(answer => answer.Milliseconds).Order().ToArray();
        Console.WriteLine(FormattableString.Invariant(
            $"{answers.Length:N0} answers: p50 {At(0.5):0.00} ms, p99 {At(0.99):0.00} ms, p99.9 {At(0.999):0.00} ms, ")
            + FormattableString.Invariant($"max {sorted[^1]:0.0} ms"));
        Console.WriteLine($"errors: {answers.Count(answer => answer.Version is null)}");
        if (_replaced.IsEmpty)
            return;
        var swaps = Swaps(answers);
        var stale = answers.Count(answer => answer.Version is not null && IsStale(answer.Begun, answer.Ended, answer.Version, swaps));
        var slowest = _replaced.Max(time => swaps.Where(swap => swap.Time > time)
            .Select(swap => Stopwatch.GetElapsedTime(time, swap.Time).TotalSeconds).DefaultIfEmpty(double.NaN).First());
        Console.WriteLine(FormattableString.Invariant(
            $"{_replaced.Count} files, {swaps.Count} swaps, at most {slowest:0.00} s after the file; ")
            + $"answers of an old model more than 1 s after a swap: {stale}");

        double At(double share) => sorted[(int)(share * (sorted.Length - 1))];
    }

    /// <summary>Whether a model answered that had been replaced more than a second before it was asked.</summary>
    private static bool IsStale(long begun, long ended, string version, List<(long Time, string Version)> swaps)
    {
        var serving = swaps.FindLastIndex(swap => swap.Time < begun && Stopwatch.GetElapsedTime(swap.Time, begun).TotalSeconds > 1);
        return serving >= 0 && !swaps.Skip(serving).TakeWhile(swap => swap.Time <= ended).Any(swap => swap.Version == version);
    }

    /// <summary>When a version first answered that was not the last one.</summary>
    private static List<(long Time, string Version)> Swaps(
        IEnumerable<(long Begun, long Ended, double Milliseconds, string? Version)> answers)
    {
        var swaps = new List<(long Time, string Version)>();
        string? last = null;
        foreach (var answer in answers.Where(answer => answer.Version is not null).OrderBy(answer => answer.Ended))
        {
            // What was begun before the swap may end after it.
            if (last is not null && answer.Version != last
                && (swaps.Count == 0 || Stopwatch.GetElapsedTime(swaps[^1].Time, answer.Ended).TotalSeconds > 5))
                swaps.Add((answer.Ended, answer.Version!));
            last = swaps.Count > 0 ? swaps[^1].Version : answer.Version;
        }
        return swaps;
    }

    private void Ask(Random random, Stopwatch clock, double due)
    {
        var (user, item) = (random.Next(users), random.Next(items));
        using var request = random.Next(10) switch
        {
            < 7 => new HttpRequestMessage(HttpMethod.Get, $"/api/users/{user}/recommendations?count=12"),
            < 9 => new HttpRequestMessage(HttpMethod.Get, $"/api/items/{item}/similar"),
            _ => new HttpRequestMessage(HttpMethod.Post, "/api/recommendations")
            {
                Content = JsonContent.Create(new { history = new[] { new { item }, new { item = (item + 50) % items } } }),
            },
        };
        var begun = Stopwatch.GetTimestamp();
        string? version = null;
        try
        {
            using var answer = client.Send(request);
            using var body = answer.Content.ReadAsStream();
            version = answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<RecommendationList<int>>(body, JsonSerializerOptions.Web)!.Version
                : null;
        }
        catch (HttpRequestException)
        {
            // Counted as an error: it has no version.
        }
        _answers.Enqueue((begun, Stopwatch.GetTimestamp(), clock.Elapsed.TotalMilliseconds - due * 1000, version));
    }
}
