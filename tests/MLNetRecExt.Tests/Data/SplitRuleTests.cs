using Microsoft.ML;

namespace MLNetRecExt.Tests.Data;

/// <summary>Splits as rules that can be written down.</summary>
public class SplitRuleTests
{
    [Fact]
    public void Parse_WhatIsWritten_IsTheSameRule()
    {
        SplitRule[] rules =
        [
            SplitRule.RandomPerUser(0.25), SplitRule.LeaveLast(3), SplitRule.ByTime(0.9), SplitRule.ByUser(0.5), SplitRule.ByItem(0.05),
        ];

        Assert.All(rules.Concat(SplitRule.Forms), rule => Assert.Equal(rule, SplitRule.Parse(rule.ToString())));
        Assert.Equal(SplitRule.LeaveLast(), SplitRule.Parse("leave-last"));
    }

    [Theory]
    [InlineData("leave-first:1", "leave-last:1")]
    [InlineData("leave-last:0", "whole number")]
    [InlineData("leave-last:1.5", "whole number")]
    [InlineData("random-per-user:1", "between 0 and 1")]
    [InlineData("time:x", "between 0 and 1")]
    [InlineData("time:0.8:0.1", "none of")]
    [InlineData("", "none of")]
    public void Parse_WhatIsNone_IsRefusedWithWhatIsNeeded(string text, string needed)
    {
        var error = Assert.Throws<FormatException>(() => SplitRule.Parse(text));

        Assert.Contains(needed, error.Message);
    }

    [Fact]
    public void Apply_EachRule_IsTheCatalogsSplit()
    {
        var data = Some();
        var splits = new MLContext().Recommenders().Splits;

        Assert.Equal(Entries(splits.RandomPerUser(data, 0.3, 7).Test), Entries(SplitRule.RandomPerUser(0.3).Apply(data, 7).Test));
        Assert.Equal(Entries(splits.LeaveLast(data, 2).Test), Entries(SplitRule.LeaveLast(2).Apply(data, 7).Test));
        Assert.Equal(Entries(splits.ByTime(data, 0.7).Test), Entries(SplitRule.ByTime(0.7).Apply(data, 7).Test));
        Assert.Equal(Entries(splits.ByUser(data, 0.2, seed: 7).FoldIn!), Entries(SplitRule.ByUser(0.2).Apply(data, 7).FoldIn!));
        Assert.Equal(Entries(splits.ByItem(data, 0.2, 7).Test), Entries(SplitRule.ByItem(0.2).Apply(data, 7).Test));
    }

    [Fact]
    public void Apply_WithoutTimestampsOrWithTooLittle_SaysWhatToDo()
    {
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(1), [0, 1], [0, 0]);

        Assert.Contains("timestamps", Assert.Throws<ArgumentException>(() => SplitRule.LeaveLast().Apply(data, 1)).Message);
        Assert.Contains("another rule", Assert.Throws<ArgumentException>(() => SplitRule.RandomPerUser().Apply(data, 1)).Message);
    }

    private static Interactions Some()
    {
        var random = new Random(1);
        int[] users = [.. Enumerable.Range(0, 400).Select(_ => random.Next(30))];
        int[] items = [.. users.Select(_ => random.Next(40))];
        long[] times = [.. users.Select(_ => (long)random.Next(1000))];
        return Interactions.Create(IdMap.FromKeys(30), IdMap.FromKeys(40), users, items, timestamps: times);
    }

    private static IEnumerable<(int, int)> Entries(Interactions part) => Enumerable.Range(0, part.ByUser.RowCount)
        .SelectMany(user => part.ByUser.Indices(user).ToArray().Select(item => (user, item)));
}
