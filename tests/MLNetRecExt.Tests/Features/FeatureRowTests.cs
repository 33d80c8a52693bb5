using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class FeatureRowTests
{
    private static readonly MLContext Ml = new(1);

    private static readonly SideFeatures Features = Ml.Recommenders().Data.ReadFeatures(Ml.Data.LoadFromEnumerable(new Film[]
    {
        new() { Id = "Alien", Genres = ["horror", "space"], Year = 1979, Released = new(1979, 9, 6, 20, 0, 0), Sizes = [1, 2] },
        new() { Id = "Moon", Year = float.NaN, Sizes = [float.NaN, 3] },
    }), "Id", ["Genres", "Year", "Released", "Sizes"]);

    private static readonly FeatureRow Alien = new(Features, 0), Moon = new(Features, 1);

    [Fact]
    public void Values_OfARow_AreThoseThatWereRead()
    {
        Assert.Equal(("Alien", "Moon"), (Alien.Id, Moon.Id));
        Assert.Equal(["horror", "space"], Alien.Categories("Genres"));
        Assert.True(Alien.Has("Genres", "space") && !Alien.Has("Genres", "comedy"));
        Assert.Equal(1979, Alien.Number("Year"));
        Assert.Equal(new DateOnly(1979, 9, 6), Alien.Date("Released"));
        Assert.Equal([1, 2], Alien.Numbers("Sizes").ToArray());
    }

    [Fact]
    public void Values_Missing_AreEmptyNaNOrNull()
    {
        Assert.Empty(Moon.Categories("Genres"));
        Assert.False(Moon.Has("Genres", ""));
        Assert.Equal(float.NaN, Moon.Number("Year"));
        Assert.Null(Moon.Date("Released"));
        Assert.Equal([float.NaN, 3], Moon.Numbers("Sizes").ToArray());
    }

    [Fact]
    public void Values_OfAnotherKind_SayHowToReadThem()
    {
        Assert.Contains("Number", Assert.Throws<ArgumentException>(() => Alien.Has("Year", "1979")).Message);
        Assert.Contains("Categories", Assert.Throws<ArgumentException>(() => Alien.Number("Genres")).Message);
        Assert.Contains("Numbers", Assert.Throws<ArgumentException>(() => Alien.Number("Sizes")).Message);
        Assert.Contains("Number", Assert.Throws<ArgumentException>(() => Alien.Date("Year")).Message);
        Assert.Contains("there are Genres, Year", Assert.Throws<ArgumentException>(() => Alien.Number("Length")).Message);
    }

    private sealed class Film
    {
        public string Id = "";
        public string[] Genres = [];
        public float Year;
        public DateTime Released;
        [Microsoft.ML.Data.VectorType(2)]
        public float[] Sizes = [];
    }
}
