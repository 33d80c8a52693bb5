using Microsoft.ML;

namespace MLNetRecExt.Tests.Features;

public class FeatureEncoderTests
{
    [Fact]
    public void RowsIn_OtherOrderOfColumnsAndCategories_FindsThemByName()
    {
        var before = Encoder(["Color", "Size", "Kind"], new() { Color = "red", Kind = "a" }, new() { Color = "blue", Kind = "a", Size = 2 });
        var now = Encoder(["Size", "Color"], new() { Color = "green" }, new() { Color = "blue", Size = 5 }, new() { Color = "red" });

        var rows = now.RowsIn(before);

        // Size; green, blue, red.
        Assert.Equal([2, -1, 1, 0], rows);
        Assert.Equal([-1, -1, -1, -1], now.RowsIn(FeatureEncoder.None));
    }

    private static FeatureEncoder Encoder(string[] names, params Row[] rows)
    {
        var ml = new MLContext(1);
        for (int row = 0; row < rows.Length; row++)
            rows[row].Id = $"{row}";
        return FeatureEncoder.Learn(ml.Recommenders().Data.ReadFeatures(ml.Data.LoadFromEnumerable(rows), "Id", names));
    }

    private sealed class Row
    {
        public string Id = "", Color = "", Kind = "";
        public float Size = 1;
    }
}
