using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLNetRecExt.AspNetCore;

/// <summary>What dashboards and traces show: the meter and the activity source "MLNetRecExt".</summary>
internal sealed class RecommenderInstruments
{
    public const string Name = "MLNetRecExt";

    public static readonly ActivitySource Activities = new(Name);

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _empty, _fallbacks, _reloads, _feedback;

    public RecommenderInstruments(IMeterFactory factory, RecommenderNames names, IServiceProvider services)
    {
        var meter = factory.Create(Name);
        _duration = meter.CreateHistogram<double>("recommend.duration", "s", "Time that a list took.");
        _empty = meter.CreateCounter<long>("recommend.empty", "{list}", "Lists without items.");
        _fallbacks = meter.CreateCounter<long>("recommend.fallbacks", "{list}", "Lists of what is popular, as nothing was known.");
        _reloads = meter.CreateCounter<long>("model.reloads", "{model}", "Models that were looked at, taken or not.");
        _feedback = meter.CreateCounter<long>("feedback.events", "{event}", "Events added, dropped and written.");
        meter.CreateObservableGauge("model.age", () => names.Ages(services), "s", "Time since the model that answers was trained.");
    }

    public void Listed(string model, RecommendationReason reason, bool isEmpty, TimeSpan duration)
    {
        var tag = Model(model);
        _duration.Record(duration.TotalSeconds, tag, new("reason", reason.ToString()));
        if (isEmpty)
            _empty.Add(1, tag);
        if (reason == RecommendationReason.Popularity)
            _fallbacks.Add(1, tag);
    }

    public void Reloaded(string model, bool accepted) => _reloads.Add(1, Model(model), new("result", accepted ? "accepted" : "refused"));

    public void Feedback(string model, FeedbackKind kind, string result, long events = 1) =>
        _feedback.Add(events, Model(model), new("kind", kind.ToString()), new("result", result));

    private static KeyValuePair<string, object?> Model(string name) => new("model", name);
}
