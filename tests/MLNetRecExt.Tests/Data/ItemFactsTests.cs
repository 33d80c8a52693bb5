using Microsoft.ML;

namespace MLNetRecExt.Tests.Data;

public sealed class ItemFactsTests
{
    private readonly MLContext _ml = new(1);
    private readonly IdMap _items = IdMap.FromText(["a", "b", "c"]);

    private ItemFacts Read(IEnumerable<Row> rows, string? category = "Genres", string? date = "Day") =>
        _ml.Recommenders().Data.ReadItemFacts(_ml.Data.LoadFromEnumerable(rows), _items, "Item", category, date);

    [Fact]
    public void ReadItemFacts_VectorsAndDates_AreKeptByItem()
    {
        var facts = Read([
            new() { Item = "b", Genres = ["x", "", "y", "x"], Day = new DateTime(2, 1, 1) },
            new() { Item = "unknown", Genres = ["z"] },
            new() { Item = "a", Genres = ["old"] },
            new() { Item = "a", Genres = [" y "], Day = new DateTime(1, 1, 1, 12, 0, 0) },
        ]);

        Assert.Equal(["x", "y", "old"], facts.CategoryNames);
        Assert.Equal([1], facts.Categories(0).ToArray());
        Assert.Equal([0, 1], facts.Categories(1).ToArray());
        Assert.True(facts.Categories(2).IsEmpty);
        Assert.Equal([0.5, 365, double.NaN], Enumerable.Range(0, 3).Select(facts.Date));
        Assert.Equal(0.5f, facts.CategorySimilarity(0, 1));
        Assert.Equal(0, facts.CategorySimilarity(0, 2));
    }

    [Fact]
    public void ReadItemFacts_ScalarCategoryAndNumericDate_AreRead()
    {
        var facts = Read([new() { Item = "c", Genre = "x", Year = 1999 }], "Genre", "Year");

        Assert.Equal([0], facts.Categories(2).ToArray());
        Assert.Equal(1999, facts.Date(2));
    }

    [Theory]
    [InlineData("Year", null, "text")]
    [InlineData(null, "Genre", "DateTime")]
    [InlineData("Nothing", null, "'Nothing'")]
    public void ReadItemFacts_WrongColumn_SaysWhatIsNeeded(string? category, string? date, string needed) =>
        Assert.Contains(needed, Assert.Throws<ArgumentException>(() => Read([new()], category, date)).Message);

    private sealed class Row
    {
        public string Item = "";
        public string[] Genres = [];
        public string Genre = "";
        public DateTime Day;
        public int Year;
    }
}
