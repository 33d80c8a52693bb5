using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Data;

public sealed class InteractionFileReaderTests : IDisposable
{
    private static readonly InteractionColumns AllColumns = new("user", "item", "label", "weight", "time");

    private readonly TemporaryFiles _files = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _files.Dispose();

    private RecommenderDataCatalog Data => _ml.Recommenders().Data;

    public static TheoryData<int, DataKind, DuplicateHandling> RandomFiles()
    {
        var files = new TheoryData<int, DataKind, DuplicateHandling>();
        for (int seed = 0; seed < 4; seed++)
            foreach (var duplicates in Enum.GetValues<DuplicateHandling>())
                files.Add(seed, seed % 2 == 0 ? DataKind.String : DataKind.Int64, duplicates);
        return files;
    }

    [Theory, MemberData(nameof(RandomFiles))]
    public void ReadInteractions_RandomFile_GivesWhatTheTextLoaderGivesForAnyBlocksAndThreads(int seed, DataKind kind, DuplicateHandling duplicates)
    {
        var path = _files.PathOf("random.csv");
        File.WriteAllText(path, RandomText(seed, kind), new UTF8Encoding(encoderShouldEmitUTF8Identifier: seed % 2 == 1));
        var loader = _ml.Data.CreateTextLoader(new TextLoader.Options
        {
            Columns = [new("user", kind, 1), new("item", kind, 4), new("label", DataKind.Single, 0), new("weight", DataKind.Single, 2), new("time", DataKind.Int64, 3)],
            Separators = [','],
            HasHeader = true,
            AllowQuoting = true,
            MissingRealsAsNaNs = true,
        });
        var expected = Data.ReadInteractions(loader.Load(path), AllColumns, new() { Duplicates = duplicates });
        Assert.True(expected.Counts is { MissingIds: > 0, BadLabels: > 0, BadWeights: > 0, Duplicates: > 0 } || kind == DataKind.Int64);

        foreach (var (blockSize, threads) in new[] { (1, 1), (17, 2), (100, 3), (1000, 2), (1 << 20, 1) })
            AssertSame(expected, Read(path, new() { Columns = AllColumns, UserKind = kind, ItemKind = kind }, blockSize, new() { Duplicates = duplicates, NumberOfThreads = threads }));
    }

    private static string RandomText(int seed, DataKind kind)
    {
        var random = new Random(seed);
        string[] labels = ["1", "2.5", "-3", "0.1", "4.75", "1e2", " 7", "NaN", "", "12345.678"];
        string[] weights = ["1", "0.5", "0", "-1", "", "3"];
        string[] names = ["ann", "bob", "Amélie", "\"x, y\"", "\"say \"\"hi\"\"\"", " spaced in", "", "a-name-that-is-longer-than-a-word", "a-name-that-is-longer-than-a-line", "日本"];
        var text = new StringBuilder("label,user,weight,time,item,rest\n");
        for (int row = 0; row < 400; row++)
        {
            if (random.Next(10) == 0)
                text.Append(random.Next(2) == 0 ? "\n" : "\r\n");
            text.Append(Pick(labels)).Append(',').Append(Id()).Append(',').Append(Pick(weights)).Append(',')
                .Append(random.Next(-50, 50).ToString(CultureInfo.InvariantCulture)).Append(',').Append(Id());
            text.Append(random.Next(3) switch { 0 => "", 1 => ",more", _ => ",\"more" });
            text.Append(row == 399 ? "" : random.Next(2) == 0 ? "\n" : "\r\n");
        }
        return text.ToString();

        string Pick(string[] values) => values[random.Next(values.Length)];
        string Id() => kind == DataKind.Int64 ? random.NextInt64(-9, 9).ToString(CultureInfo.InvariantCulture) : random.Next(3) == 0 ? $"u{random.Next(20)}" : Pick(names);
    }

    [Fact]
    public void ReadInteractions_ManyIds_AreNumberedByFirstOccurrence()
    {
        var random = new Random(1);
        var users = Enumerable.Range(0, 20_000).Select(_ => $"user-number-{random.Next(6000)}").ToArray();
        var path = _files.Write("many.csv", "User,Item\n" + string.Concat(users.Select(user => $"{user},1\n")));
        var expected = IdMap.Index(users, out _);

        Assert.True(Read(path, new(), 50_000).Users.HasSameIds(expected));
    }

    [Theory]
    [InlineData(",")]
    [InlineData("\t")]
    [InlineData(";")]
    [InlineData("::")]
    [InlineData(" ")]
    [InlineData("§")]
    public void ReadInteractions_AnySeparatorWithoutHeader_GoesByNumber(string separator)
    {
        var path = _files.Write("plain.txt", string.Join("\n", new[] { "7,b,x,3", "8,a,y,4", "9,b,y,5" }.Select(line => line.Replace(",", separator))));

        var read = Data.ReadInteractions(path, new InteractionFileOptions { Columns = new("1", "2", Timestamp: "3"), Separator = separator, HasHeader = false });

        Assert.Equal(["b", "a"], Ids(read.Users));
        Assert.Equal(["x", "y"], Ids(read.Items));
        Assert.Equal([3L, 5L], read.ByUser.Timestamps(0).ToArray());
        Assert.Equal(new InteractionCounts(3), read.Counts);
    }

    [Fact]
    public void ReadInteractions_Decimals_AreTheNearestSingles()
    {
        var random = new Random(1);
        string[] formats = ["F0", "F1", "F3", "F6", "R", "E3"];
        var labels = Enumerable.Range(0, 5000).Select(i => ((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 9))).ToString(formats[i % 6], CultureInfo.InvariantCulture)).ToArray();
        var path = _files.Write("decimals.csv", "User,Item,Label\n" + string.Concat(labels.Select((label, i) => $"1,{i},{label}\n")));

        var read = Data.ReadInteractions(path, new InteractionFileOptions { Columns = new(Label: "Label") });

        Assert.Equal(labels.Select(label => float.Parse(label, CultureInfo.InvariantCulture)), read.ByUser.Labels(0).ToArray());
    }

    [Theory]
    [InlineData(DataKind.Int32, "-2147483648 2147483647 0 007", "2147483648 1.5 x")]
    [InlineData(DataKind.Int64, "-9223372036854775808 9223372036854775807 123456789", "9223372036854775808 1e3 -")]
    [InlineData(DataKind.UInt32, "0 4294967295 1000000000", "-1 4294967296")]
    [InlineData(DataKind.UInt64, "0 18446744073709551615", "-1 18446744073709551616")]
    public void ReadInteractions_IntegerIds_GiveOriginalIdsBackAndOthersAreMissing(DataKind kind, string good, string bad)
    {
        var (ids, wrong) = (good.Split(' '), bad.Split(' '));
        var path = _files.Write("integers.csv", "User,Item\n" + string.Concat(ids.Concat(wrong).Select(id => $"{id},{id}\n")) + ",\n");

        var read = Data.ReadInteractions(path, new InteractionFileOptions { UserKind = kind, ItemKind = kind });

        Assert.Equal(kind, read.Users.Kind);
        Assert.Equal(ids.Select(id => id == "007" ? "7" : id), Ids(read.Users));
        Assert.Equal(Ids(read.Users), Ids(read.Items));
        Assert.Equal(new InteractionCounts(ids.Length + wrong.Length + 1, MissingIds: wrong.Length + 1), read.Counts);
    }

    [Fact]
    public void ReadInteractions_BrokenQuotesAndShortLines_AreMissingValues()
    {
        var path = _files.Write("broken.csv", "User,Item,Label\na,\"x,1\nb,\"x\"y,1\nc\nd,x\ne,\"x\" ,2\n");

        var read = Data.ReadInteractions(path, new InteractionFileOptions { Columns = new(Label: "Label") });

        Assert.Equal(new InteractionCounts(5, MissingIds: 3, BadLabels: 1), read.Counts);
        Assert.Equal(["e"], Ids(read.Users));
        Assert.Equal(["a", "b", "e"], Ids(Data.ReadInteractions(path, new InteractionFileOptions { AllowQuoting = false }).Users).Where(id => id != "d"));
    }

    [Theory]
    [InlineData("x,y,1,1\n,y,1,1\nx,y,one,1\n", 3, "column 'User' is ''; an id (text that is not empty) is needed")]
    [InlineData("\n\nx,y,1e99,1\n", 4, "column 'Label' is '1e99'; a finite label is needed")]
    [InlineData("x,y,1,-0.5\nx,y,1\n", 2, "column 'Weight' is '-0.5'; a finite weight that is not negative is needed")]
    public void ReadInteractions_BadRowThrows_NamesFileLineColumnAndValue(string rows, long line, string expected)
    {
        var path = _files.Write("bad.csv", "User,Item,Label,Weight\n" + rows);
        foreach (var (blockSize, threads) in new[] { (1, 3), (8, 2), (1 << 20, 1) })
        {
            var error = Assert.Throws<InvalidDataException>(() => Read(
                path, new() { Columns = new(Label: "Label", Weight: "Weight") }, blockSize, new() { BadRows = BadRowHandling.Throw, NumberOfThreads = threads }));
            Assert.StartsWith($"{path}, line {line}: {expected}", error.Message);
        }
    }

    [Fact]
    public void ReadInteractions_Timestamps_AreReadAsTheirKind()
    {
        var path = _files.Write("times.csv", "User,Item,Whole,Fraction,Date\na,x,-5,1.5,2024-02-29\na,y,9,-1.5,2024-02-29 01:02:03\na,z,now,NaN,later\n");
        var warnings = new List<string>();
        _ml.Log += (_, entry) => warnings.AddRange(entry.Kind == ChannelMessageKind.Warning ? [entry.RawMessage] : []);

        Assert.Equal([-5L, 9L], Times("Whole", DataKind.Int64));
        Assert.DoesNotContain(warnings, warning => warning.Contains("fractions"));
        Assert.Equal([1L, -2L], Times("Fraction", DataKind.Double));
        Assert.Contains(warnings, warning => warning.Contains("'Fraction' holds fractions"));
        Assert.Equal([new DateTime(2024, 2, 29).Ticks, new DateTime(2024, 2, 29, 1, 2, 3).Ticks], Times("Date", DataKind.DateTime));

        long[] Times(string column, DataKind kind)
        {
            var read = Data.ReadInteractions(path, new InteractionFileOptions { Columns = new(Timestamp: column), TimestampKind = kind });
            Assert.Equal(new InteractionCounts(3, BadTimestamps: 1), read.Counts);
            return read.ByUser.Timestamps(0).ToArray();
        }
    }

    [Fact]
    public void ReadInteractions_RelevantFrom_PassesSmallerLabelsOverAndForgetsTheOthers()
    {
        var path = _files.Write("rated.csv", "User,Item,Label\na,x,5\na,y,3.9\nb,z,1\na,z,4\nb,x,\n");

        var read = Data.ReadInteractions(path, new InteractionFileOptions { Columns = new(Label: "Label"), RelevantFrom = 4 });

        Assert.Equal(new InteractionCounts(3, BadLabels: 1), read.Counts);
        Assert.Equal(["a"], Ids(read.Users));
        Assert.Equal(["x", "z"], Ids(read.Items));
        Assert.False(read.ByUser.HasLabels);
    }

    [Fact]
    public void ReadInteractions_IdsOf_KeepsIndicesKindAndMaps()
    {
        var train = Data.ReadInteractions(_files.Write("train.csv", "User,Item\n2,x\n1,y\n"), new InteractionFileOptions { UserKind = DataKind.Int32 });
        var test = _files.Write("test.csv", "User,Item\n3,y\n1,x\n");

        var held = Data.ReadInteractions(test, options: new() { IdsOf = train });
        var known = Data.ReadInteractions(test, options: new() { Users = train.Users, Items = train.Items });

        foreach (var read in new[] { held, known })
        {
            Assert.Equal(DataKind.Int32, read.Users.Kind);
            Assert.Equal(["2", "1", "3"], Ids(read.Users));
            Assert.Same(train.Items, read.Items);
        }
        Assert.Contains("UserKind is String, but the ids to continue are raw Int32 ids",
            Assert.Throws<ArgumentException>(() => Data.ReadInteractions(test, new InteractionFileOptions { UserKind = DataKind.String }, new() { IdsOf = train })).Message);
        var keys = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0], [1]);
        Assert.Contains("MapValueToKey", Assert.Throws<ArgumentException>(() => Data.ReadInteractions(test, options: new() { IdsOf = keys })).Message);
    }

    [Fact]
    public void ReadInteractions_SeveralFiles_EachGoesByItsHeader()
    {
        string[] paths = [_files.Write("1.csv", "User,Item\na,x"), _files.Write("2.csv", "Item,Other,User\ny,z,b\n"), _files.Write("3.csv", "User,Item\n")];

        var read = Data.ReadInteractions(paths);

        Assert.Equal(["a", "b"], Ids(read.Users));
        Assert.Equal(["x", "y"], Ids(read.Items));
        Assert.Equal(new InteractionCounts(2), read.Counts);
        Assert.Equal(0, Data.ReadInteractions(paths[2]).Count);
    }

    [Theory]
    [InlineData("User,Thing\n", true, "has no column 'Item' to read items from. Separated by ',', its first line names 'User', 'Thing'")]
    [InlineData("a,b\n", false, "columns go by number, from 0; 'User', to read users from, is none")]
    public void ReadInteractions_MissingColumn_SaysWhatThereIs(string text, bool hasHeader, string expected) => Assert.Contains(
        expected, Assert.Throws<ArgumentException>(() => Data.ReadInteractions(_files.Write("file.csv", text), new InteractionFileOptions { HasHeader = hasHeader })).Message);

    [Fact]
    public void ReadInteractions_NumberBeyondTheFirstLine_SaysHowManyThereAre() => Assert.Contains(
        "has no column 2, counted from 0, to read items from. Separated by ',', its first line has 2",
        Assert.Throws<ArgumentException>(() => Data.ReadInteractions(_files.Write("file.csv", "a,b\n"), new InteractionFileOptions { Columns = new("0", "2"), HasHeader = false })).Message);

    [Fact]
    public void ReadInteractions_NoText_SaysWhatIsNeeded()
    {
        foreach (var bigEndian in new[] { false, true })
        {
            var (utf16, utf32) = (new UnicodeEncoding(bigEndian, true), new UTF32Encoding(bigEndian, true));
            Assert.Contains("is UTF-16; UTF-8 is needed", Message(path => File.WriteAllText(path, "User,Item\n", utf16)));
            Assert.Contains("is UTF-32; UTF-8 is needed", Message(path => File.WriteAllText(path, "User,Item\n", utf32)));
        }
        Assert.Contains("is empty; a header row", Message(path => File.WriteAllText(path, "")));
        Assert.Contains("is empty; the columns' names are needed", Message(path => File.WriteAllText(path, "\n")));
        Assert.Contains("unpack the file", Message(path => File.WriteAllBytes(path, new byte[1 << 21])));
        Assert.Contains("behind byte 10 ", Message(path => File.WriteAllText(path, "User,Item\n" + new string('a', 1 << 21))));
        Assert.Throws<FileNotFoundException>(() => Data.ReadInteractions(_files.PathOf("none.csv")));

        string Message(Action<string> write)
        {
            write(_files.PathOf("file.csv"));
            return Assert.Throws<InvalidDataException>(() => Read(_files.PathOf("file.csv"), new(), 1000)).Message;
        }
    }

    [Fact]
    public void ReadInteractions_LongFile_ReportsProgressAndCanBeCancelled()
    {
        var path = _files.Write("long.csv", "User,Item\n" + string.Concat(Enumerable.Repeat("1,2\n", 1_100_000)));
        var reports = new Reports();
        using var cancellation = new CancellationTokenSource();

        Read(path, new(), 1 << 20, new() { Progress = reports });

        Assert.InRange(Assert.Single(reports.SkipLast(1)), 1 << 20, 1_100_000);
        Assert.Equal(1_100_000, reports[^1]);
        reports.Told = cancellation.Cancel;
        Assert.ThrowsAny<OperationCanceledException>(() => Read(path, new(), 1 << 20, new() { Progress = reports, CancellationToken = cancellation.Token }));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void ReadInteractions_FileCutWhileItIsRead_SaysSo(int threads)
    {
        var path = _files.Write("cut.csv", "User,Item\n" + string.Concat(Enumerable.Repeat("1,2\n", 1_100_000)));
        var reports = new Reports { Told = Cut };

        var refused = Assert.Throws<IOException>(() => Read(path, new(), 1 << 14, new() { Progress = reports, NumberOfThreads = threads }));

        Assert.Contains($"{path} became shorter while it was read", refused.Message);

        void Cut()
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(1_000_002);
        }
    }

    [Fact]
    public void ReadInteractions_FileThatGrowsWhileItIsRead_GivesWhatWasThere()
    {
        var path = _files.Write("grown.csv", "User,Item\n" + string.Concat(Enumerable.Repeat("1,2\n", 1_100_000)));

        var reports = new Reports { Told = () => File.AppendAllText(path, "3,4\n") };

        var read = Read(path, new(), 1 << 14, new() { Progress = reports, NumberOfThreads = 1 });

        Assert.Equal(1_100_000, read.Counts.Read);
    }

    [UnixFact]
    public void Open_FileWithoutLength_IsRefusedAtOnce()
    {
        var (pipe, link, good) = (_files.PathOf("pipe"), _files.PathOf("link"), _files.PathOf("good"));
        Process.Start("mkfifo", [pipe]).WaitForExit();
        File.CreateSymbolicLink(link, pipe);
        File.CreateSymbolicLink(good, _files.Write("file.csv", "User,Item\n1,2\n"));

        foreach (var path in new[] { pipe, link, "/proc/self/status", "/dev/null" })
        {
            foreach (var read in new Action[]
            {
                () => Data.ReadInteractions(path), () => Data.ReadInteractions(path, new InteractionFileOptions()),
                () => Data.ReadFeatures(path), () => InteractionFileOptions.Infer(path),
            })
                Assert.Contains("copy it to a file", Assert.Throws<InvalidDataException>(read).Message);
        }
        Assert.Equal(1, Data.ReadInteractions(good).Count);
    }

    [UnixFact]
    public void Open_PipeThatSomebodyWritesTo_IsRefused()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var path = $"/dev/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}";

        Assert.Contains("copy it to a file", Assert.Throws<InvalidDataException>(() => Data.ReadInteractions(path)).Message);
    }

    [Fact]
    public void ReadInteractions_NumberThatNoLineHolds_IsNamed()
    {
        var path = _files.Write("file.csv", "\na,b\n");
        foreach (var number in new[] { int.MaxValue, 2_000_000 })
            Assert.Contains($"'{number}', to read items from, is none", Assert.Throws<ArgumentException>(() => Read(number)).Message);
        Assert.Equal(1, Read(200).Counts.MissingIds);

        Interactions Read(int number) => Data.ReadInteractions(
            path, new InteractionFileOptions { Columns = new("0", number.ToString(CultureInfo.InvariantCulture)), HasHeader = false });
    }

    [Fact]
    public void ReadInteractions_NameThatStandsTwice_IsRefusedWhereItIsRead()
    {
        const string Expected = "names two columns 'Item', 1 and 3, counted from 0. Rename one";
        var path = _files.Write("twice.csv", "User,Item,Note,Item,Note\na,x,n,y,n\n");

        Assert.Contains(Expected, Refused(() => Data.ReadInteractions(path)));
        Assert.Contains(Expected, Refused(() => Data.ReadInteractions(path, new InteractionFileOptions())));
        Assert.Contains(Expected, Refused(() => InteractionFileOptions.Infer(path, new() { Item = "Item" })));
        Assert.Contains(Expected, Refused(() => Data.ReadFeatures(path, new() { Id = "Item" })));
        Assert.Contains("'Note', 2 and 4", Refused(() => Data.ReadFeatures(path, new() { Id = "User", Columns = ["Note"] })));
        var other = _files.Write("other.csv", "User,Item,Note,Note\na,x,n,n\n");
        Assert.Equal(1, Data.ReadInteractions(other).Count);

        static string Refused(Action read) => Assert.Throws<ArgumentException>(read).Message;
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        Assert.Equal("Separator", Refused(new() { Separator = "" }));
        Assert.Equal("Separator", Refused(new() { Separator = "\"" }));
        Assert.Equal("UserKind", Refused(new() { UserKind = DataKind.Single }));
        Assert.Equal("ItemKind", Refused(new() { ItemKind = DataKind.Boolean }));
        Assert.Equal("TimestampKind", Refused(new() { TimestampKind = DataKind.String }));
        Assert.Equal("RelevantFrom", Refused(new() { RelevantFrom = 1 }));
        Assert.Equal("RelevantFrom", Refused(new() { RelevantFrom = float.NaN, Columns = new(Label: "Label") }));
        Assert.Equal("NumberOfThreads", Refused(new(), new() { NumberOfThreads = 0 }));
        Assert.Equal("Duplicates", Refused(new(), new() { Duplicates = (DuplicateHandling)9 }));
        Assert.Equal("BadRows", Refused(new(), new() { BadRows = (BadRowHandling)9 }));
        Assert.Null(Refused(new() { Columns = new("User", "User") }));

        string? Refused(InteractionFileOptions file, InteractionReadOptions? options = null) =>
            Assert.ThrowsAny<ArgumentException>(() => Data.ReadInteractions(_files.Write("file.csv", "User,Item\n"), file, options)).ParamName;
    }

    private Interactions Read(string path, InteractionFileOptions file, int blockSize, InteractionReadOptions? options = null)
    {
        using var channel = ((IHostEnvironment)_ml).Register("Test").Start("Reading");
        return InteractionFileReader.Read([path], file, options ?? new(), channel, blockSize);
    }

    private static void AssertSame(Interactions expected, Interactions found)
    {
        Assert.Equal(expected.Counts, found.Counts);
        Assert.True(expected.Users.HasSameIds(found.Users));
        Assert.True(expected.Items.HasSameIds(found.Items));
        var (a, b) = (expected.ByUser, found.ByUser);
        Assert.Equal(a.Offsets.ToArray(), b.Offsets.ToArray());
        for (int user = 0; user < a.RowCount; user++)
        {
            Assert.Equal(a.Indices(user).ToArray(), b.Indices(user).ToArray());
            Assert.Equal(a.Labels(user).ToArray(), b.Labels(user).ToArray());
            Assert.Equal(a.Weights(user).ToArray(), b.Weights(user).ToArray());
            Assert.Equal(a.Timestamps(user).ToArray(), b.Timestamps(user).ToArray());
        }
    }

    private static string[] Ids(IdMap ids) => Enumerable.Range(0, ids.Count).Select(ids.GetText).ToArray();

    private sealed class Reports : List<long>, IProgress<long>
    {
        public Action? Told { get; set; }

        public void Report(long value)
        {
            Add(value);
            Told?.Invoke();
        }
    }
}
