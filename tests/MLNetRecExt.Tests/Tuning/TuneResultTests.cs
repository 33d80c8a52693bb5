using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

public class TuneResultTests
{
    private readonly List<string> _warnings = [];
    private readonly List<string> _messages = [];
    private readonly MLContext _mlContext = new();

    public TuneResultTests() =>
        _mlContext.Log += (_, e) => (e.Kind == ChannelMessageKind.Warning ? _warnings : _messages).Add(e.RawMessage);

    [Fact]
    public void Edges_TopBeyondTheRange_ReportedLoggedAndPrinted()
    {
        // The hill's top is at .03.
        var ranges = new Dictionary<string, TuneRangeAttribute?> { ["Rate"] = new(1e-4, 0.01) { Logarithmic = true } };
        var result = Tune(new() { Trials = 20, Ranges = ranges }, users: 1);

        var edge = Assert.Single(result.Edges);
        Assert.Equal(("Rate", result.Best.Values["Rate"], 1e-4, 0.01), (edge.Option, edge.Value, edge.Min, edge.Max));
        const string Text = "best at the edge of Rate [0.0001, 0.01]: widen the range";
        Assert.Equal(Text, edge.ToString());
        Assert.Contains(Text, _messages);
        Assert.Contains(Text, result.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public void Edges_TopWithinTheRangesOrNothingSearched_None()
    {
        Assert.Empty(Tune(new() { Trials = 30 }, users: 1).Edges);
        // The base options have Share at the end of its range.
        Assert.Empty(Tune(new() { Trials = 1 }, users: 1).Edges);
    }

    [Theory]
    [InlineData(999, 2, true)]
    [InlineData(1000, 2, false)]
    [InlineData(999, 1, false)] // nothing is chosen
    public void Warnings_FewUsersPerOption_SaySoBeforeTheSearchAndInTheResult(int users, int trials, bool warns)
    {
        var result = Tune(new() { Trials = trials }, users);

        Assert.Equal(warns ? 1 : 0, result.Warnings.Count);
        Assert.Equal(result.Warnings, _warnings);
        if (!warns)
            return;
        Assert.StartsWith("2 options are searched, and 999 users of the validation part judged", result.Warnings[0]);
        Assert.EndsWith($"Warning: {result.Warnings[0]}", result.ToString());
    }

    [Fact]
    public void Warnings_TrainingRowsLaterThanTheValidationPart_SaySo()
    {
        var (users, items) = (IdMap.FromKeys(2), IdMap.FromKeys(3));
        var train = Interactions.Create(users, items, [0, 1, 1, 1], [0, 0, 1, 2], timestamps: [1, 2, 30, 31]);
        var validation = Interactions.Create(users, items, [0], [1], timestamps: [29]);

        var result = Tune(new() { Trials = 1 }, train, validation);

        Assert.StartsWith("50 % of the training rows are later than half of the held-out ones", Assert.Single(result.Warnings));
        Assert.Contains("Splits.ByTime", Assert.Single(_warnings));
    }

    private TuneResult<HillOptions> Tune(TunerOptions tuning, int users) => Tune(
        tuning, TestModel.Rows(3, [.. Enumerable.Repeat<int[]>([0], users)]), TestModel.Rows(3, [.. Enumerable.Repeat<int[]>([1], users)]));

    private TuneResult<HillOptions> Tune(TunerOptions tuning, Interactions train, Interactions validation) =>
        _mlContext.Recommenders().Tune(options => new HillTrainer(_mlContext, options, []), new HillOptions(), train, validation, tuning);
}
