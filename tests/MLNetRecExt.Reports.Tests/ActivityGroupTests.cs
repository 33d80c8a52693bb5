namespace MLNetRecExt.Reports.Tests;

/// <summary>Judged users by what is known of them.</summary>
public sealed class ActivityGroupTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 100)]
    [InlineData(100, 3)]
    [InlineData(1000, 500)]
    public void Of_AnyActivity_DividesUsersWithoutGapOrOverlap(int users, int most)
    {
        var random = new Random(users);
        int[] activity = [.. Enumerable.Range(0, users).Select(_ => random.Next(most))];

        var groups = ActivityGroup.Of(Records.Named("alone").Data with { Activity = activity });

        Assert.InRange(groups.Count, 1, 4);
        Assert.Equal(Enumerable.Range(0, users), groups.SelectMany(group => group.Users).Order());
        Assert.All(groups, group => Assert.All(group.Users, user => Assert.InRange(activity[user], group.Fewest, group.Most)));
        Assert.All(groups.Zip(groups.Skip(1)), pair => Assert.True(pair.First.Most < pair.Second.Fewest));
    }

    [Fact]
    public void Of_NobodyJudged_IsEmpty() => Assert.Empty(ActivityGroup.Of(Records.Named("alone").Data with { Activity = [] }));

    [Fact]
    public void Mean_UsersWithoutAValue_DoNotCount()
    {
        var trainer = Records.Named("alone").Best with { UserValues = [0.5, double.NaN, 0.25] };

        Assert.Equal(0.375, new ActivityGroup(1, 2, [0, 1, 2]).Mean(trainer));
        Assert.True(double.IsNaN(new ActivityGroup(1, 2, [1]).Mean(trainer)));
    }
}
