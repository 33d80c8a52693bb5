namespace MLNetRecExt.Tests.Data;

public class TimestampUnitTests
{
    [Theory]
    [InlineData(1991)]
    [InlineData(2024)]
    [InlineData(2099)]
    public void PerDay_PointsInTime_AreTold(int year)
    {
        var time = new DateTime(year, 6, 1);
        var seconds = (long)(time - DateTime.UnixEpoch).TotalSeconds;

        for (var unit = 1L; unit <= 1_000_000_000; unit *= 1000)
            Assert.Equal(86_400.0 * unit, TimestampUnit.PerDay(seconds * unit));
        Assert.Equal(TimeSpan.TicksPerDay, TimestampUnit.PerDay(time.Ticks));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(20_000)]
    [InlineData(2024)]
    [InlineData(20_240_131)]
    [InlineData(5_000_000_000)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void PerDay_OtherNumbers_AreNot(long latest) => Assert.Null(TimestampUnit.PerDay(latest));
}
