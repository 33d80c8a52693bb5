using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Features;

public sealed class FeatureFileReaderTests : IDisposable
{
    private readonly TemporaryFiles _files = new();
    private readonly MLContext _ml = new();

    public void Dispose() => _files.Dispose();

    private SideFeatures Read(string text, FeatureFileOptions? options = null) => _ml.Recommenders().Data.ReadFeatures(_files.Write("file.csv", text), options);

    [Fact]
    public void ReadFeatures_EveryType_IsToldByTheValues()
    {
        var features = Read("""
            id2,movieId,size,genres,released,code,address,empty
            7,a,1.5,Comedy|Drama|Comedy,2024-02-29,1,street 1,
            8,b,,Drama,,2,street 2,
            9,,7,Comedy,2024-01-01,2,street 3,
            10,c,NaN,Comedy,0002-01-01,2,street 4,
            """, new() { CategoryColumns = ["code"] });

        Assert.Equal("3 ids; id2: number, size: number, genres: 2 categories, released: date, code: 2 categories", features.ToString());
        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, 3).Select(features.Ids.GetText));
        Assert.Equal([[1.5f], [float.NaN], [float.NaN]], features.Columns[1].Numbers);
        Assert.Equal(["Comedy", "Drama"], features.Columns[2].Categories!);
        Assert.Equal([[0, 1], [1], [0]], features.Columns[2].Codes);
        Assert.Equal([738_944f, float.NaN, 365f], features.Columns[3].Numbers.Select(number => number[0]));
    }

    [Theory]
    [InlineData("1::Toy Story (1995)::Animation|Comedy\n2::Jumanji (1995)::Comedy\n3::Heat (1994)::Animation\n", "3 ids; 2: 2 categories, Year: 2 categories")]
    [InlineData("movieId,title,genres\n1,\"American President, The (1995)\",Comedy|Drama\n2,\"Alien \"\"1\"\" (1979)\",Drama|Comedy\n", "2 ids; genres: 2 categories, Year: 2 categories")]
    [InlineData("1\t24\tM\ttechnician\n2\t53\tM\ttechnician\n", "2 ids; 1: number, 2: 1 categories, 3: 1 categories")]
    [InlineData("\uFEFFitem,year\r\na,1979\r\nb,\r\n", "2 ids; year: number")]
    [InlineData("item,text,size\na,\"two\nlines, \"\"quoted\"\"\",1\nb,\"two\nlines, \"\"quoted\"\"\",2\n", "2 ids; text: 1 categories, size: number")]
    [InlineData("item,size\na,1\nb,2\na,3\n", "2 ids; size: number")]
    [InlineData("film,size\na,1\nb,2\n", "2 ids; size: number")]
    public void ReadFeatures_File_SaysWhatWasFound(string text, string expected) => Assert.Equal(expected, Read(text).ToString());

    [Fact]
    public void ReadFeatures_SeveralRowsOfAnId_TheLastCounts() =>
        Assert.Equal([[3f], [2f]], Read("item,size\na,1\nb,2\na,3\n").Columns[0].Numbers);

    [Fact]
    public void ReadFeatures_NamedColumns_AreTakenWhateverTheyHold()
    {
        var features = Read("user,address,size\na,street 1,1\nb,street 2,2\n", new() { Id = "size", Columns = ["address", "user"] });

        Assert.Equal("2 ids; address: 2 categories, user: 2 categories", features.ToString());
        Assert.Equal("1", features.Ids.GetText(0));
    }

    [Fact]
    public void ReadFeatures_UnclosedQuote_CostsItsRowOnly() =>
        Assert.Equal([[1f], [float.NaN], [3f]], Read("item,text,size\na,x,1\nb,\"open,2\nc,x,3\n", new() { Columns = ["size"] }).Columns[0].Numbers);

    [Theory]
    [InlineData("item,title\na,Alien\nb,Moon\n")]
    [InlineData("item,title,size\n")]
    public void ReadFeatures_NothingThatSaysSomething_IsEmptyAndWarns(string text)
    {
        List<string> warnings = [];
        _ml.Log += (_, entry) => warnings.AddRange(entry.Kind == ChannelMessageKind.Warning ? [entry.RawMessage] : []);

        Assert.Empty(Read(text).Names);
        Assert.Contains("is a feature: name some with FeatureFileOptions.Columns", Assert.Single(warnings));
    }

    [Fact]
    public void ReadFeatures_Mistakes_SayWhatIsNeeded()
    {
        const string Text = "film,maker,size\na,x,1\na,x,2\n";

        Assert.Contains("which column holds ids cannot be told. It has film, maker, size", Assert.Throws<InvalidDataException>(() => Read(Text)).Message);
        Assert.Contains("has no column 'item'; it has film, maker, size (comma-separated, header)", Assert.Throws<ArgumentException>(() => Read(Text, new() { Id = "item" })).Message);
        Assert.Contains("has no column 'price'", Assert.Throws<ArgumentException>(() => Read(Text, new() { Id = "film", Columns = ["price"] })).Message);
        Assert.Contains("named twice", Assert.Throws<ArgumentException>(() => Read(Text, new() { Id = "film", Columns = ["size", "size"] })).Message);
        Assert.Contains("named twice", Assert.Throws<ArgumentException>(() => Read(Text, new() { Id = "film", Columns = ["film"] })).Message);
        Assert.Contains("is empty", Assert.Throws<InvalidDataException>(() => Read("")).Message);
        Assert.Equal("Separator", Assert.Throws<ArgumentException>(() => Read(Text, new() { Separator = "" })).ParamName);
        Assert.Equal("CategorySeparator", Assert.Throws<ArgumentException>(() => Read(Text, new() { CategorySeparator = "" })).ParamName);
        Assert.Throws<OperationCanceledException>(() => _ml.Recommenders().Data.ReadFeatures(_files.Write("file.csv", "item,size\na,1\n"), cancellationToken: new CancellationToken(canceled: true)));
    }
}
