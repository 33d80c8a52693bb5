using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Features;

public sealed class SideFeaturesTests
{
    private static readonly MLContext Ml = new();

    private static SideFeatures Read(IDataView data, params string[] names) => Ml.Recommenders().Data.ReadFeatures(data, "Id", names);

    private static IDataView View(params Row[] rows) => Ml.Data.LoadFromEnumerable(rows);

    [Fact]
    public void ReadFeatures_EveryType_GivesCategoriesAndNumbers()
    {
        var data = View(
            new() { Id = "a", Color = "red", Tags = ["x", "y", "x"], Key = 2, IsNew = true, Size = 3, Vector = [1, float.NaN], Day = new DateTime(2, 1, 1, 12, 0, 0) },
            new() { Id = "b", Color = "", Tags = ["", "y"], Key = 9, IsNew = false, Size = float.PositiveInfinity, Vector = [2, 3] },
            new() { Id = "", Color = "nobody's" },
            new() { Id = "c", Color = "red", Tags = [], Key = 0, Size = 5, Vector = [0, 0] });
        var keys = Ml.Transforms.Conversion.MapValueToKey("Tags").Fit(data).Transform(data);

        foreach (var view in new[] { data, keys })
        {
            var features = Read(view, "Color", "Tags", "Key", "IsNew", "Size", "Vector", "Day");

            Assert.Equal(["a", "b", "c"], Enumerable.Range(0, features.Ids.Count).Select(features.Ids.GetText));
            Assert.Equal(["Color", "Tags", "Key", "IsNew", "Size", "Vector", "Day"], features.Names);
            Assert.Equal(["red", "", "red"], Categories(features, 0));
            Assert.Equal(["x y", "y", ""], Categories(features, 1));
            // A member of a key type holds the index; ML.NET turns those beyond the count into missing keys.
            Assert.Equal(["3", "", "1"], Categories(features, 2));
            Assert.Equal(["True", "False", "False"], Categories(features, 3));
            Assert.Equal([[3], [float.NaN], [5]], features.Columns[4].Numbers);
            Assert.Equal([[1, float.NaN], [2, 3], [0, 0]], features.Columns[5].Numbers);
            Assert.Equal([[365.5f], [float.NaN], [float.NaN]], features.Columns[6].Numbers);
        }
    }

    [Fact]
    public void ReadFeatures_SeveralRowsOfAnId_TheLastCounts()
    {
        var features = Read(View(new() { Id = "a", Color = "red", Size = 1 }, new() { Id = "b" }, new() { Id = "a", Color = "blue", Size = float.NaN }), "Color", "Size");

        Assert.Equal(["blue", ""], Categories(features, 0));
        Assert.Equal([[float.NaN], [0]], features.Columns[1].Numbers);
    }

    [Theory]
    [InlineData("Year", "'Year' is Int32", "ConvertType(\"Year\", outputKind: DataKind.Single)")]
    [InlineData("Variable", "'Variable' is Vector<Single", "fixed size")]
    [InlineData("Colour", "'Colour'", "'Color'")]
    [InlineData("Id", "named twice", "Id")]
    public void ReadFeatures_BadColumn_SaysWhatIsNeeded(string name, params string[] parts)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => Read(View(new Row { Id = "a" }), name));
        foreach (var part in parts)
            Assert.Contains(part, error.Message);
    }

    [Fact]
    public void ReadFeatures_NoColumnOrIdsOfAnotherType_Throws()
    {
        Assert.Contains("No column", Assert.Throws<ArgumentException>(() => Read(View(new Row()))).Message);
        Assert.Contains("'Size' is Single", Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Recommenders().Data.ReadFeatures(View(new Row()), "Size", ["Color"])).Message);
    }

    private static IEnumerable<string> Categories(SideFeatures features, int column) =>
        features.Columns[column].Codes.Select(codes => string.Join(" ", codes.Select(code => features.Columns[column].Categories![code])));

    private sealed class Row
    {
        public string Id { get; set; } = "";
        public string Color { get; set; } = "";
        public string[] Tags { get; set; } = [];
        [KeyType(5)]
        public uint Key { get; set; }
        public bool IsNew { get; set; }
        public float Size { get; set; }
        public DateTime Day { get; set; }
        [VectorType(2)]
        public float[] Vector { get; set; } = [0, 0];
        public float[] Variable { get; set; } = [];
        public int Year { get; set; }
    }
}
