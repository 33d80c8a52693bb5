using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Data;

public sealed class InteractionFileInferenceTests : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    private static RecommenderDataCatalog Data => new MLContext().Recommenders().Data;

    [Theory]
    // MovieLens: 100K, 1M, 20M and later.
    [InlineData("196\t242\t3\t881250949\n186\t302\t3\t891717742\n", "tab-separated, no header; user 0, item 1, label 2, timestamp 3")]
    [InlineData("1::1193::5::978300760\n1::661::3::978302109\n", "'::'-separated, no header; user 0, item 1, label 2, timestamp 3")]
    [InlineData("userId,movieId,rating,timestamp\n1,1,4.0,964982703\n", "comma-separated, header; user 'userId', item 'movieId', label 'rating', timestamp 'timestamp'")]
    // Other names, orders and separators.
    [InlineData("date;customer_id;Product ID;qty\n2024-02-29;ann;x;2\n", "semicolon-separated, header; user 'customer_id', item 'Product ID', timestamp 'date'")]
    [InlineData("user_id,anime_id,rating\n1,20,-1\n1,24,10\n", "comma-separated, header; user 'user_id', item 'anime_id', label 'rating'")]
    [InlineData("Item,User\na,b\n", "comma-separated, header; user 'User', item 'Item'")]
    [InlineData("user,item,rating\na,b,good\n", "comma-separated, header; user 'user', item 'item'")]
    [InlineData("user,item,timestamp\na,b,\nc,d,\n", "comma-separated, header; user 'user', item 'item'")]
    [InlineData("ann bob\nbob cat\n", "space-separated, no header; user 0, item 1")]
    [InlineData("ann,alien,2024-01-02 10:00:00\nbob,moon,2024-01-03\n", "comma-separated, no header; user 0, item 1, timestamp 2")]
    [InlineData("4.5,ann,alien\n3,bob,moon\n", "comma-separated, no header; user 1, item 2, label 0")]
    [InlineData("7,1234567890,1\n8,1234567891,2\n", "comma-separated, no header; user 0, item 1, label 2")]
    // Counts are no labels: above every scale, or nearly all of them small.
    [InlineData("user,item,rating\na,x,13883\nb,x,690\n", "comma-separated, header; user 'user', item 'item'")]
    [InlineData("user,item,rating\na,x,1\nb,x,1\nc,x,21\n", "comma-separated, header; user 'user', item 'item'")]
    [InlineData("user,item,rating\na,x,1\nb,x,1\nc,x,20\n", "comma-separated, header; user 'user', item 'item', label 'rating'")]
    [InlineData("user,item,rating\na,x,-9\nb,x,99.5\nc,x,0\n", "comma-separated, header; user 'user', item 'item', label 'rating'")]
    [InlineData("ann,alien,7\nbob,moon,140\n", "comma-separated, no header; user 0, item 1")]
    // RFC 4180, a byte order mark, CRLF, a header alone, blank lines.
    [InlineData("\"user\",\"item\",\"rating\"\r\n\"Doe, Jane\",\"the \"\"best\"\"\",5\r\n", "comma-separated, header; user 'user', item 'item', label 'rating'")]
    [InlineData("\uFEFFuser,item,rating\n1,2,3\n", "comma-separated, header; user 'user', item 'item', label 'rating'")]
    [InlineData("user,item,rating,timestamp\n", "comma-separated, header; user 'user', item 'item', label 'rating', timestamp 'timestamp'")]
    [InlineData("\n1|2\n\n3|4\n", "'|'-separated, no header; user 0, item 1")]
    public void Infer_File_TellsSeparatorHeaderAndColumns(string text, string expected) =>
        Assert.Equal(expected, InteractionFileOptions.Infer(_files.Write("file.txt", text)).ToString());

    [Theory]
    [InlineData("5", DataKind.Int64)]
    [InlineData("1.5e9", DataKind.Double)]
    [InlineData("2024-02-29T10:00:00Z", DataKind.DateTime)]
    public void Infer_Timestamps_AreOfTheKindThatAllHave(string time, DataKind expected) =>
        Assert.Equal(expected, InteractionFileOptions.Infer(_files.Write("file.csv", $"user,item,time\na,b,{time}\na,c,{time}\n")).TimestampKind);

    [Theory]
    [InlineData("a,item\n1,2\n", "which column holds users cannot be told. It has a, item (comma-separated, header)", "has User")]
    [InlineData("user,a_id,b_id,stars\nx,y,z,3\n", "which column holds items cannot be told", "has Item")]
    [InlineData("1,2,3,4\n5,6,7,8\n", "which column holds labels cannot be told. It has 0 ('1', …), 1 ('2', …)", "has Label")]
    [InlineData("justone\nvalue\n", "not every line is divided by a tab", "begins with 'justone'")]
    [InlineData("", "is empty", "a header row")]
    [InlineData("\n\n", "is empty", "a header row")]
    [InlineData("user,item\0\n", "is no text", "unpack")]
    public void Infer_CannotTell_SaysWhatItSawAndWhatToName(string text, params string[] parts)
    {
        var error = Assert.Throws<InvalidDataException>(() => InteractionFileOptions.Infer(_files.Write("file.csv", text)));
        Assert.All(parts, part => Assert.Contains(part, error.Message));
    }

    [Fact]
    public void Infer_Utf16_SaysWhatIsNeeded()
    {
        File.WriteAllText(_files.PathOf("file.csv"), "user,item\n", Encoding.Unicode);
        Assert.Contains("UTF-8 is needed", Assert.Throws<InvalidDataException>(() => InteractionFileOptions.Infer(_files.PathOf("file.csv"))).Message);
    }

    [Fact]
    public void Infer_Hints_CountMoreThanTheFile()
    {
        var path = _files.Write("file.csv", "buyer,item,rating,stock,item2\na,b,5,7,9\n");

        var found = InteractionFileOptions.Infer(path, new() { User = "buyer", Item = "item2", Label = "stock", Weight = "rating", Timestamp = "rating" });

        Assert.Equal("comma-separated, header; user 'buyer', item 'item2', label 'stock', weight 'rating', timestamp 'rating'", found.ToString());
        Assert.Equal("comma-separated, no header; user 4, item 0", InteractionFileOptions.Infer(path, new() { HasHeader = false, User = "4" }).ToString());
    }

    [Theory]
    [InlineData("buyer", null, null, "has no column 'buyer'; it has user, item (comma-separated, header)")]
    [InlineData(null, "item", null, "column 'item' holds 'b'; a number is needed. Name another as Label")]
    [InlineData(null, null, "item", "column 'item' holds 'b'; a number or a date is needed. Name another as Timestamp")]
    public void Infer_WrongHint_SaysWhatThereIs(string? user, string? label, string? time, string expected)
    {
        var path = _files.Write("file.csv", "user,item\na,b\n");
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => InteractionFileOptions.Infer(path, new() { User = user, Label = label, Timestamp = time })).Message);
    }

    [Fact]
    public void ReadInteractions_NoOptions_ReadsWhatInferFinds()
    {
        var read = Data.ReadInteractions(_files.Write("u.data", "196\t242\t3\t881250949\n186\t302\t1.5\t891717742\n196\t302\t4\t881250950\n"));

        Assert.Equal(["196", "186"], Enumerable.Range(0, 2).Select(read.Users.GetText));
        Assert.Equal([3f, 4f], read.ByUser.Labels(0).ToArray());
        Assert.Equal([891717742L], read.ByUser.Timestamps(1).ToArray());
        Assert.Equal(0, Data.ReadInteractions(_files.Write("header.csv", "user,item\n")).Count);
    }
}
