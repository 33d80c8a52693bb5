namespace MLNetRecExt.Reports.Tests;

/// <summary>The verdict in sentences.</summary>
public sealed class VerdictTests
{
    [Theory]
    [InlineData("lists")]
    [InlineData("labels")]
    public void Sentences_SeveralTrainers_NameWinnerMarginAndWeakSpot(string name)
    {
        var record = Records.Named(name);

        var sentences = Verdict.Sentences(record).ToArray();

        Assert.StartsWith($"{record.Best.Name} is the best of {record.Trainers.Count} trainers: {record.Metric} ", sentences[0]);
        Assert.Contains($"better than {record.Trainers[1].Name}, the next", sentences[1]);
        Assert.Contains(sentences, sentence => sentence.StartsWith("It does worst for users with ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lists")]
    [InlineData("labels")]
    public void Gain_OfTheBest_IsNeverNegative(string name)
    {
        var record = Records.Named(name);

        Assert.All(record.Trainers.Skip(1), other => Assert.True(Verdict.Gain(record, other) >= 0));
    }

    [Fact]
    public void Gain_LowerIsBetter_IsTheShareOfTheErrorThatIsGone()
    {
        var record = Records.Named("labels");
        record = record with { Trainers = [With(record.Best, 0.9), With(record.Trainers[1], 1.2)] };

        Assert.Equal(0.25, Verdict.Gain(record, record.Trainers[1]), 12);

        static RunTrainer With(RunTrainer trainer, double error) =>
            trainer with { Metrics = [new("RMSE", error, double.NaN, double.NaN, 1)] };
    }

    [Theory]
    [InlineData(0.04, "hardly chance")]
    [InlineData(0.06, "that can be chance")]
    public void Sentences_AdjustedPValue_DecidesWhatIsSaid(double p, string said)
    {
        var record = Records.Named("lists");

        record = record with { Comparisons = [.. record.Comparisons.Select(pair => pair with { AdjustedPValue = p })] };

        Assert.Contains(said, Verdict.Sentences(record).ElementAt(1));
    }

    [Fact]
    public void Sentences_NoTrainer_SaySo() => Assert.Equal(["No trainer succeeded."], Verdict.Sentences(Records.Named("failed")));
}
