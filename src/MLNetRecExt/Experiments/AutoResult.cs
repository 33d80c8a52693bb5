using System.Globalization;
using System.Text;

namespace MLNetRecExt;

/// <summary>What <see cref="RecommendersCatalog.Auto(Interactions, AutoOptions)"/> found. Print it for the table.</summary>
public sealed class AutoResult
{
    internal AutoResult(RecommenderModel model, IReadOnlyList<AutoCandidate> candidates)
    {
        Model = model;
        Candidates = candidates;
    }

    /// <summary>The model: the best trainer's, or where that is better a blend (<see cref="FusedModel"/>). It has learned from everything
    /// but a <see cref="AutoOptions.Test"/> part that was given; after a cancellation from the training part alone. Its card has the
    /// metrics of <see cref="Test"/>.</summary>
    public RecommenderModel Model { get; }

    /// <summary>Each trainer, the best on the validation part first.</summary>
    public IReadOnlyList<AutoCandidate> Candidates { get; }

    /// <summary>NDCG@20 of what was chosen on the validation part. The choice was made there, so that it is too high.</summary>
    public double ValidationNdcg { get; internal init; }

    /// <summary>All metrics of what was chosen on the test part, after training on the other parts; null where there is no such part, or
    /// the search was cancelled before.</summary>
    public RankingReport? Test { get; internal init; }

    /// <summary>Whether the order of histories says something, measured by NextItemEase on the validation part; null where that was not
    /// trained. Where it does, ItemKnn, Wals and Ease count recent items more.</summary>
    public OrderGain? Order { get; internal init; }

    /// <summary>What to mind about the figures, such as a split that lets later rows into the training part.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>What to try with more time or memory, each a sentence.</summary>
    public IReadOnlyList<string> Next { get; internal init; } = [];

    /// <summary>Whether <see cref="AutoOptions.CancellationToken"/> ended it.</summary>
    public bool IsCancelled { get; internal init; }

    /// <summary>The table, then warnings and what to try next.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine("NDCG@20          untuned   tuned  weight  test, 95 % interval      trials  seconds");
        foreach (var candidate in Candidates)
            text.AppendLine(Row(candidate));
        if (Candidates.Count(candidate => candidate.Weight > 0) > 1)
            text.AppendLine(string.Create(CultureInfo.InvariantCulture,
                $"{"blend",-15}{"",9}{ValidationNdcg,8:0.0000}{1,8:0.00}  {Interval(Test?.Ndcg(20)),-23}"));
        if (Order is not null)
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{Order}: it {(Order.Matters ? "matters" : "does not matter")}"));
        foreach (var line in Warnings.Select(warning => $"Warning: {warning}").Concat(Next.Select(next => $"Next: {next}")))
            text.AppendLine(line);
        if (IsCancelled)
            text.AppendLine("Cancelled: the model has learned from the training part alone.");
        return text.ToString().TrimEnd();
    }

    private static string Row(AutoCandidate candidate) => string.Create(CultureInfo.InvariantCulture,
        $"{candidate.Trainer,-15}{Number(candidate.Untuned),9}{Number(candidate.Tuned),8}{Share(candidate.Weight),8}  ")
        + string.Create(CultureInfo.InvariantCulture, $"{Interval(candidate.Test),-23}{candidate.Trials.Count,8}{candidate.Seconds,9:0.0}")
        + (candidate.Note is null ? "" : $"  {candidate.Note}");

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Share(double weight) => weight == 0 ? "–" : weight.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Interval(MetricEstimate? estimate) => estimate is null
        ? "–"
        : FormattableString.Invariant($"{estimate.Mean:0.0000} ({estimate.Low:0.0000}…{estimate.High:0.0000})");
}
