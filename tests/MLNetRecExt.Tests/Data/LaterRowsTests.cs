using Microsoft.ML;

namespace MLNetRecExt.Tests.Data;

public class LaterRowsTests
{
    [Theory]
    [InlineData(new long[] { 1, 2, 3, 4 }, new long[] { 4, 5 }, 0)]
    [InlineData(new long[] { 1, 2, 3, 4 }, new long[] { 3 }, 0.25)]
    [InlineData(new long[] { 9, 2, 3, 4 }, new long[] { 1, 100, 3 }, 0.5)] // the median is 3
    [InlineData(new long[] { 5, 5, 5, 5 }, new long[] { 5, 5 }, 0)] // not later
    [InlineData(new long[] { 5, 6, 7, 8 }, new long[] { 1, 2 }, 1)]
    public void Share_SomeTimes_OfRowsLaterThanTheMedian(long[] trained, long[] held, double share) =>
        Assert.Equal(share, LaterRows.Share(Rows(trained), Rows(held)));

    [Fact]
    public void Share_NoTimestampsOrNoRows_Zero()
    {
        var (timed, bare) = (Rows([1, 2]), Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(9), [0], [0]));
        Assert.Equal(0, LaterRows.Share(timed, bare));
        Assert.Equal(0, LaterRows.Share(bare, timed));
        Assert.Equal(0, LaterRows.Share(timed, Rows([])));
    }

    [Fact]
    public void LaterTrainingShare_SplitByTimeAndAtRandom_NoneAndAboutHalf()
    {
        var random = new Random(5);
        const int Count = 4000;
        var data = Interactions.Create(
            IdMap.FromKeys(Count), IdMap.FromKeys(9),
            [.. Enumerable.Range(0, Count).Select(row => row / 2)], [.. Enumerable.Range(0, Count).Select(row => row % 2)],
            timestamps: [.. Enumerable.Range(0, Count).Select(_ => random.NextInt64(1_000_000))]);
        var splits = new MLContext().Recommenders().Splits;

        Assert.Equal(0, splits.ByTime(data, 0.8).LaterTrainingShare);
        Assert.InRange(splits.RandomPerUser(data, 0.5).LaterTrainingShare, 0.45, 0.55);
    }

    [Fact]
    public void Fit_ValidationEarlierThanMuchOfTraining_Warns()
    {
        var context = new MLContext();
        var warnings = new List<string>();
        context.Log += (_, e) => warnings.AddRange(e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning ? [e.RawMessage] : []);
        var trainer = context.Recommenders().Trainers.Popularity();

        trainer.Fit(Rows([1, 2, 3]), Rows([4]));
        trainer.Fit(Rows([1, 2, 3]));
        Assert.Empty(warnings);

        trainer.Fit(Rows([1, 2, 3]), Rows([1]));
        Assert.StartsWith("67 % of the training rows are later", Assert.Single(warnings));
    }

    private static Interactions Rows(long[] times) => Interactions.Create(
        IdMap.FromKeys(1), IdMap.FromKeys(9), new int[times.Length], [.. Enumerable.Range(0, times.Length)], timestamps: times);
}
