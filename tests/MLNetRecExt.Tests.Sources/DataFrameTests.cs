using Apache.Arrow;
using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Sources;

/// <summary>A DataFrame is a view; batches of Arrow become one.</summary>
public class DataFrameTests
{
    private static readonly InteractionColumns Columns = new("customer", "sku", Weight: "quantity");
    private readonly RecommenderDataCatalog _data = new MLContext(seed: 1).Recommenders().Data;

    [Fact]
    public void ReadInteractions_DataFrame_IsReadAsAView()
    {
        var frame = new DataFrame(
            new Int64DataFrameColumn("customer", [5_000_000_000, 7, 7]), new StringDataFrameColumn("sku", ["A-17", "A-17", "B-03"]),
            new DoubleDataFrameColumn("quantity", [1, 2, 0.5]));

        var read = _data.ReadInteractions(frame, Columns);

        Assert.Equal((DataKind.Int64, DataKind.String), (read.Users.Kind, read.Items.Kind));
        Assert.Equal([0, 1, 3], read.ByUser.Offsets.ToArray());
        Assert.Equal([2f, 0.5f], read.ByUser.Weights(1).ToArray());
        Assert.Equal(0, read.Users.IndexOf(5_000_000_000L));
    }

    [Fact]
    public void ReadInteractions_FrameOfCsv_SaysWhatToDoAboutSingleIds()
    {
        const string Csv = "customer,sku,quantity\n16777217,A-17,1\n16777216,B-03,2\n";

        var error = Assert.ThrowsAny<ArgumentException>(() => _data.ReadInteractions(DataFrame.LoadCsvFromString(Csv), Columns));
        var typed = DataFrame.LoadCsvFromString(Csv, dataTypes: [typeof(long), typeof(string), typeof(float)]);

        Assert.Contains("Column 'customer' is Single; for users a key or raw ids", error.Message);
        Assert.Contains("only up to 16,777,216: load the ids as Int64 or text (DataFrame.LoadCsv takes dataTypes)", error.Message);
        Assert.Equal(2, _data.ReadInteractions(typed, Columns).Users.Count);
    }

    [Fact]
    public void ReadInteractions_RowsOfAFrame_KnowWhatIsMissing()
    {
        // As a view the frame would show the missing id as 0.
        var frame = new DataFrame(new Int64DataFrameColumn("customer", [5, null, 7]), new StringDataFrameColumn("sku", ["A-17", "A-17", "B-03"]));

        var rows = _data.ReadInteractions(frame.Rows, row => (long?)row["customer"], row => (string)row["sku"]);
        var view = _data.ReadInteractions(frame.DropNulls(), new("customer", "sku"));

        Assert.Equal(new InteractionCounts(3, MissingIds: 1), rows.Counts);
        Assert.Equal(2, view.Users.Count);
    }

    [Fact]
    public void ReadInteractions_ArrowBatch_IsReadByWayOfAFrame()
    {
        using var batch = new RecordBatch.Builder()
            .Append("customer", false, new Int64Array.Builder().AppendRange([5_000_000_000, 7, 7]).Build())
            .Append("sku", false, new StringArray.Builder().AppendRange(["A-17", "A-17", "B-03"]).Build())
            .Append("quantity", false, new FloatArray.Builder().AppendRange([1, 2, 0.5f]).Build())
            .Build();

        var read = _data.ReadInteractions(DataFrame.FromArrowRecordBatch(batch), Columns);

        Assert.Equal("3 rows: 3 interactions of 2 users and 2 items, density 75 %", read.ToString());
        Assert.Equal(0, read.Users.IndexOf(5_000_000_000L));
    }

    [Fact]
    public void ReadFeatures_DataFrame_IsReadAsAView()
    {
        var frame = new DataFrame(new StringDataFrameColumn("sku", ["A-17", "B-03"]), new StringDataFrameColumn("category", ["tea", "tea"]),
            new SingleDataFrameColumn("price", [2.5f, 4]));

        Assert.Equal("2 ids; category: 1 categories, price: number", _data.ReadFeatures(frame, "sku", ["category", "price"]).ToString());
    }
}
