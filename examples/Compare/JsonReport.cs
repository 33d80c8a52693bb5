using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNetRecExt;

namespace Compare;

/// <summary>Every number and setting of a comparison, for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string path, Arguments arguments, ComparisonData data, Outcome outcome) =>
        File.WriteAllText(path, Make(arguments, data, outcome).ToJsonString(Indented));

    private static JsonObject Make(Arguments arguments, ComparisonData data, Outcome outcome) => new()
    {
        ["caption"] = data.Caption,
        ["arguments"] = new JsonArray([.. arguments.Words.Select(word => (JsonNode)word)]),
        ["task"] = arguments.Task == ComparisonTask.Ratings ? "ratings" : "ranking",
        ["seed"] = arguments.Seed,
        ["threads"] = arguments.Threads ?? Environment.ProcessorCount,
        ["cores"] = Environment.ProcessorCount,
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["peakMemoryBytes"] = Process.GetCurrentProcess().PeakWorkingSet64,
        ["data"] = new JsonObject
        {
            ["users"] = data.Train.Users.Count,
            ["items"] = data.Train.Items.Count,
            ["trainInteractions"] = data.Train.Count,
            ["testInteractions"] = data.Test.Count,
            ["foldInInteractions"] = data.FoldIn?.Count,
            ["coldItemsRanked"] = data.ColdItems?.Count,
            ["tuningTrainInteractions"] = data.Tuning?.Train.Count,
            ["tuningValidationInteractions"] = data.Tuning?.Validation.Count,
            ["trainRows"] = JsonSerializer.SerializeToNode(data.Train.Counts, JsonSerializerOptions.Web),
        },
        ["leftOut"] = JsonSerializer.SerializeToNode(outcome.LeftOut),
        ["failures"] = JsonSerializer.SerializeToNode(outcome.Failures, JsonSerializerOptions.Web),
        ["trainers"] = new JsonArray([.. outcome.Results.Select(Row)]),
        ["comparisons"] = new JsonArray([.. Pairs(arguments, outcome.Results)]),
    };

    private static JsonObject Row(TrainerResult result)
    {
        var (ranking, ratings) = (result.Report as RankingReport, result.Report as RatingReport);
        return new JsonObject
        {
            ["name"] = result.Name,
            ["settings"] = new JsonObject(result.Settings.Select(s => KeyValuePair.Create(s.Name, Setting(s.Value)))),
            ["fromData"] = new JsonArray([.. result.FromData.Select(line => (JsonNode)line)]),
            ["tuneWallSeconds"] = result.Search?.Cost.WallSeconds,
            ["tuneCpuSeconds"] = result.Search?.Cost.CpuSeconds,
            ["trials"] = new JsonArray([.. (result.Search?.Trials ?? []).Select(Trial)]),
            ["tuneNotes"] = new JsonArray([.. (result.Search?.Notes ?? []).Select(note => (JsonNode)note)]),
            ["auto"] = result.Auto is { } found ? new JsonArray([.. found.Candidates.Select(Candidate)]) : null,
            ["trainWallSeconds"] = result.Training.WallSeconds,
            ["trainCpuSeconds"] = result.Training.CpuSeconds,
            ["estimatedMemoryBytes"] = result.EstimatedMemory > 0 ? result.EstimatedMemory : null,
            ["usersPerSecond"] = result.UsersPerSecond,
            ["modelBytes"] = result.ModelBytes,
            ["evaluatedUsers"] = ranking?.EvaluatedUsers ?? result.Report.Users.Length,
            ["usersWithoutHeldOut"] = ranking?.UsersWithoutHeldOut,
            ["heldOutPairs"] = ranking?.HeldOutPairs ?? ratings?.Pairs,
            ["coldUsers"] = ranking?.ColdUsers,
            ["coldItems"] = ranking?.ColdItems,
            ["coldPairs"] = ranking?.ColdPairs,
            ["seenPairs"] = ranking?.SeenPairs,
            ["coldUserPairs"] = ratings?.ColdUserPairs,
            ["coldItemPairs"] = ratings?.ColdItemPairs,
            ["metrics"] = new JsonObject(result.Report.Estimates.Select(e => KeyValuePair.Create(e.Name, (JsonNode?)new JsonObject
            {
                ["mean"] = Number(e.Mean),
                ["low"] = Number(e.Low),
                ["high"] = Number(e.High),
                ["users"] = e.Users,
            }))),
        };
    }

    private static JsonObject Candidate(AutoCandidate candidate) => new()
    {
        ["trainer"] = candidate.Trainer,
        ["untuned"] = Number(candidate.Untuned),
        ["tuned"] = Number(candidate.Tuned),
        ["weight"] = candidate.Weight,
        ["options"] = new JsonObject(candidate.Options.Select(option => KeyValuePair.Create(option.Key, Number(option.Value)))),
        ["trials"] = candidate.Trials.Count,
        ["seconds"] = candidate.Seconds,
        ["note"] = candidate.Note,
    };

    private static JsonObject Trial(TuneTrial trial) => new()
    {
        ["values"] = new JsonObject(trial.Values.Select(value => KeyValuePair.Create(value.Key, Number(value.Value)))),
        ["metric"] = trial.MetricName,
        ["validationMetrics"] = new JsonArray([.. trial.Metrics.Select(Number)]),
        ["standardErrors"] = trial.StandardErrors is { } errors ? new JsonArray([.. errors.Select(Number)]) : null,
        ["halved"] = trial.Halved,
        ["outOfTime"] = trial.OutOfTime,
        ["seconds"] = trial.Seconds,
        ["error"] = trial.Error,
    };

    /// <summary>Each trainer against each that comes before it.</summary>
    private static IEnumerable<JsonNode> Pairs(Arguments arguments, IReadOnlyList<TrainerResult> results)
    {
        var metric = arguments.DecisiveMetric;
        foreach (var (i, first) in results.Index())
        {
            foreach (var second in results.Take(i))
            {
                var c = EvaluationReport.Compare(first.Report, second.Report, metric);
                yield return new JsonObject
                {
                    ["metric"] = metric,
                    ["first"] = first.Name,
                    ["second"] = second.Name,
                    ["difference"] = Number(c.Difference),
                    ["low"] = Number(c.Low),
                    ["high"] = Number(c.High),
                    ["pValue"] = Number(c.PValue),
                    ["won"] = c.Won,
                    ["tied"] = c.Tied,
                    ["lost"] = c.Lost,
                };
            }
        }
    }

    private static JsonNode? Setting(object? value) => value is Enum ? value.ToString() : JsonSerializer.SerializeToNode(value);

    /// <summary>JSON has no NaN: undefined is null.</summary>
    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}
