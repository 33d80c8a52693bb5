using MLNetRecExt.AspNetCore.Page;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class AgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Theory]
    [InlineData(59, "less than a minute ago")]
    [InlineData(60, "1 minute ago")]
    [InlineData(2 * 3600 + 5, "2 hours ago")]
    [InlineData(47.9 * 3600, "47 hours ago")]
    [InlineData(48 * 3600, "2 days ago")]
    [InlineData(-60, "in the future: check the clocks")]
    public void Ago_Seconds_IsSaidInTheUnitThatFits(double seconds, string said) =>
        Assert.Equal(said, Age.Ago(Now.AddSeconds(-seconds), Now));

    [Fact]
    public void OfTimestamp_AnyUsualUnit_IsTheSameTime()
    {
        var seconds = Now.ToUnixTimeSeconds();
        Assert.All(
            new[] { seconds, seconds * 1_000, seconds * 1_000_000, Now.UtcTicks },
            timestamp => Assert.Equal("2026-03-04 05:06", Age.OfTimestamp(timestamp)));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-5, "-5")]
    [InlineData(1_000, "1000")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    public void OfTimestamp_NoTime_IsTheNumber(long timestamp, string said) => Assert.Equal(said, Age.OfTimestamp(timestamp));
}
