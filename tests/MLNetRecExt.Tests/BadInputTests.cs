using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests;

/// <summary>What bad input gets: one answer for each kind, and it says what was found, what is needed and how to get there.</summary>
public class BadInputTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _log = [];

    public BadInputTests() => _ml.Log += (_, entry) => _log.Add($"{entry.Kind}: {entry.RawMessage}");

    private sealed class Row
    {
        public string User = "ann", Item = "x";
        public float Label = 1, Weight = 1;
        public double Time;
        public string Text = "";
        [VectorType(2)] public float[] Vector = [1, 2];
        public DateTime Date = new(2024, 1, 1);
        [KeyType(5)] public uint Key = 1;
        public short Short = 1;
    }

    private sealed class Scored
    {
        public float Score { get; set; }
        public string Reason { get; set; } = "";
    }

    public static TheoryData<string, string, string, string> WrongColumns => new()
    {
        // option, column, found, needed or remedy
        { "UserColumnName", "Usr", "no column 'Usr' to read users from", "'User', 'Item'" },
        { "ItemColumnName", "Itm", "no column 'Itm' to read items from", "'User', 'Item'" },
        { "LabelColumnName", "Lbl", "no column 'Lbl' to read labels from", "'Label'" },
        { "WeightColumnName", "Wgt", "no column 'Wgt' to read weights from", "'Weight'" },
        { "TimestampColumnName", "T", "no column 'T' to read timestamps from", "'Time'" },
        { "UserColumnName", "Label", "Column 'Label' is Single", "ConvertType(\"Label\", outputKind: DataKind.Int64)" },
        { "UserColumnName", "Vector", "Column 'Vector' is Vector<Single", "one value per row" },
        { "UserColumnName", "Short", "Column 'Short' is Int16", "a key or raw ids (text, Int32, Int64, UInt32, UInt64)" },
        { "ItemColumnName", "Date", "Column 'Date' is DateTime", "MapValueToKey(\"Date\")" },
        { "LabelColumnName", "Text", "Column 'Text' is String", "ConvertType(\"Text\", outputKind: DataKind.Single)" },
        { "LabelColumnName", "Key", "Column 'Key' is Key<UInt32", "for labels Single is needed" },
        { "LabelColumnName", "Date", "Column 'Date' is DateTime", "for labels Single is needed" },
        { "WeightColumnName", "Text", "Column 'Text' is String", "ConvertType(\"Text\", outputKind: DataKind.Single)" },
        { "WeightColumnName", "Vector", "Column 'Vector' is Vector<Single", "one value per row" },
        { "TimestampColumnName", "Text", "Column 'Text' is String", "DataKind.Int64" },
        { "TimestampColumnName", "Vector", "Column 'Vector' is Vector<Single", "one value per row" },
    };

    [Theory, MemberData(nameof(WrongColumns))]
    public void Fit_WrongColumn_NamesItFoundNeededAndRemedy(string option, string column, string found, string remedy)
    {
        var options = new PopularityTrainer.Options();
        typeof(PopularityTrainer.Options).GetField(option)!.SetValue(options, column);
        var trainer = _ml.Recommenders().Trainers.Popularity(options);
        var view = Load(new Row());

        var alone = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(view));
        // A pipeline is checked before anything in it is fitted.
        var shape = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.CopyColumns("Copy", "Label").Append(trainer).GetOutputSchema(SchemaShapes.Of(view.Schema)));

        foreach (var error in new[] { alone, shape })
        {
            Assert.Contains(found, error.Message);
            Assert.Contains(remedy, error.Message);
        }
    }

    [Fact]
    public void ReadInteractions_OneColumnForBoth_SaysTheyNeedOneEach()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.Recommenders().Data.ReadInteractions(Load(new Row()), new(User: "User", Item: "User")));

        Assert.Contains("'User'", error.Message);
    }

    public static TheoryData<string, string, string, string> BadRows => new()
    {
        // what, column, value, needed
        { "label NaN", "Label", "NaN", "finite label" },
        { "label infinite", "Label", "-Infinity", "finite label" },
        { "weight NaN", "Weight", "NaN", "finite weight" },
        { "weight infinite", "Weight", "Infinity", "finite weight" },
        { "weight negative", "Weight", "-0.5", "not negative" },
        { "time NaN", "Time", "NaN", "timestamp" },
        { "time infinite", "Time", "infinite", "timestamp" },
        { "time too large", "Time", "beyond Int64", "timestamp" },
        { "user empty", "User", "''", "an id" },
        { "item empty", "Item", "''", "an id" },
    };

    [Theory, MemberData(nameof(BadRows))]
    public void ReadInteractions_BadRow_IsSkippedCountedLoggedOrNamed(string what, string column, string value, string needed)
    {
        var bad = what switch
        {
            "label NaN" => new Row { Label = float.NaN },
            "label infinite" => new Row { Label = float.NegativeInfinity },
            "weight NaN" => new Row { Weight = float.NaN },
            "weight infinite" => new Row { Weight = float.PositiveInfinity },
            "weight negative" => new Row { Weight = -0.5f },
            "time NaN" => new Row { Time = double.NaN },
            "time infinite" => new Row { Time = double.PositiveInfinity },
            "time too large" => new Row { Time = 1e19 },
            "user empty" => new Row { User = "" },
            _ => new Row { Item = "" },
        };
        bad.User = bad.User == "ann" ? "never seen otherwise" : bad.User;
        var view = Load(new Row(), bad, new Row { Item = "y" });
        var columns = new InteractionColumns(Label: "Label", Weight: "Weight", Timestamp: "Time");

        var read = _ml.Recommenders().Data.ReadInteractions(view, columns);

        Assert.Equal(2, read.Count);
        Assert.Equal((3, 1), (read.Counts.Read, read.Counts.Skipped));
        Assert.Equal(1, column switch { "Label" => read.Counts.BadLabels, "Weight" => read.Counts.BadWeights, "Time" => read.Counts.BadTimestamps, _ => read.Counts.MissingIds });
        Assert.Equal(1, read.Users.Count);
        Assert.Contains(_log, line => line.StartsWith("Warning: Skipped 1 of 3 rows"));
        var error = Assert.Throws<InvalidDataException>(() => _ml.Recommenders().Data.ReadInteractions(view, columns, new() { BadRows = BadRowHandling.Throw }));
        foreach (var part in new[] { "Row 2 (counted from 1)", $"column '{column}'", value, needed, "BadRowHandling.Skip" })
            Assert.Contains(part, error.Message);
    }

    [Fact]
    public void ReadInteractions_MissingKey_IsSkippedOrNamed()
    {
        var view = _ml.Transforms.Conversion.MapValueToKey("User").Fit(Load(new Row())).Transform(Load(new Row(), new Row { User = "bob" }));

        Assert.Equal(new InteractionCounts(2, MissingIds: 1), _ml.Recommenders().Data.ReadInteractions(view).Counts);
        var error = Assert.Throws<InvalidDataException>(() => _ml.Recommenders().Data.ReadInteractions(view, options: new() { BadRows = BadRowHandling.Throw }));
        Assert.Contains("Row 2 (counted from 1): column 'User' is '0'", error.Message);
    }

    [Fact]
    public void ReadInteractions_GoodRows_LogNoWarning()
    {
        _ml.Recommenders().Data.ReadInteractions(Load(new Row()), new(Label: "Label", Weight: "Weight", Timestamp: "Time"));

        Assert.DoesNotContain(_log, line => line.StartsWith("Warning"));
        Assert.Contains(_log, line => line.StartsWith("Info: Read 1 rows: 1 interactions of 1 users and 1 items"));
    }

    [Fact]
    public void Fit_NoUsableRow_Throws()
    {
        var options = new WalsTrainer.Options { LabelColumnName = "Label" };

        var error = Assert.Throws<ArgumentException>(() => _ml.Recommenders().Trainers.Wals(options).Fit(Load(new Row { Label = float.NaN })));

        Assert.Contains("No usable row", error.Message);
        Assert.Contains("1 skipped: 1 with a NaN or infinite label", error.Message);
    }

    [Theory]
    [InlineData(null, 2f)]
    [InlineData(DuplicateHandling.Last, 2f)]
    [InlineData(DuplicateHandling.Sum, 7f)]
    [InlineData(DuplicateHandling.Max, 5f)]
    public void ReadInteractions_RepeatedPair_FollowsTheRuleAndIsLogged(DuplicateHandling? duplicates, float label)
    {
        var view = Load(new Row { Label = 5 }, new Row { Label = 2 });
        var data = _ml.Recommenders().Data;

        var read = duplicates is null ? data.ReadInteractions(view, new(Label: "Label")) : data.ReadInteractions(view, new(Label: "Label"), new() { Duplicates = duplicates.Value });

        Assert.Equal([label], read.ByUser.Labels(0).ToArray());
        Assert.Equal(new InteractionCounts(2, Duplicates: 1), read.Counts);
        Assert.Contains(_log, line => line.Contains($"1 rows repeated a (user, item) pair and were merged (DuplicateHandling.{duplicates ?? DuplicateHandling.Last})"));
    }

    [Fact]
    public void Wals_OptionOutOfRange_NamesOptionValueAndRange()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Recommenders().Trainers.Wals(approximationRank: 0));

        Assert.Contains("ApproximationRank must be in [1, 1024]", error.Message);
        Assert.Equal(0, error.ActualValue);
    }

    [Fact]
    public void Score_UnknownUserOrItem_IsNaNOrPopularityWithReason()
    {
        var train = Load(new Row(), new Row { Item = "y" }, new Row { User = "bob", Item = "y" });
        var rows = Load(new Row(), new Row { User = "nobody", Item = "y" }, new Row { User = "", Item = "y" }, new Row { Item = "nothing" });

        var plain = Score(new() { ApproximationRank = 4, ReasonColumnName = "Reason" });
        var fallback = Score(new() { ApproximationRank = 4, ReasonColumnName = "Reason", Fallback = RecommendationFallback.Popularity });

        Assert.Equal(["Model", "Unknown", "Unknown", "Unknown"], plain.Select(row => row.Reason));
        Assert.Equal([false, true, true, true], plain.Select(row => float.IsNaN(row.Score)));
        Assert.Equal(["Model", "Popularity", "Popularity", "Popularity"], fallback.Select(row => row.Reason));
        Assert.Equal([1f, 1f, 0f], fallback.Skip(1).Select(row => row.Score));

        Scored[] Score(WalsTrainer.Options options) =>
            [.. _ml.Data.CreateEnumerable<Scored>(_ml.Recommenders().Trainers.Wals(options).Fit(train).Transform(rows), reuseRowObject: false)];
    }

    [Fact]
    public void TopItems_UnknownUser_IsEmptyOrPopularWithReason()
    {
        var model = _ml.Recommenders().Trainers.Wals(approximationRank: 4).Fit(Load(new Row(), new Row { Item = "y" }, new Row { User = "bob", Item = "y" })).Model;

        var plain = model.TopItems([RecommenderQuery.Nobody], 2);
        var fallback = model.TopItems([RecommenderQuery.Nobody], 2, new TopItemsOptions { Fallback = RecommendationFallback.Popularity });

        Assert.True(plain.Items(0).IsEmpty);
        Assert.Equal(RecommendationReason.Unknown, plain.Reason(0));
        Assert.Equal([model.Items.IndexOf("y"), model.Items.IndexOf("x")], fallback.Items(0).ToArray());
        Assert.Equal(RecommendationReason.Popularity, fallback.Reason(0));
    }

    [Theory]
    [InlineData(WalsSolver.ConjugateGradient)]
    [InlineData(WalsSolver.Cholesky)]
    public void Fit_LabelsTooLarge_StopsWithIterationAndOption(WalsSolver solver)
    {
        var trainer = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { LabelColumnName = "Label", Target = WalsTarget.Label, ApproximationRank = 4, Solver = solver });
        var view = Load(new Row { Label = float.MaxValue }, new Row { Item = "y", Label = -float.MaxValue }, new Row { User = "bob", Label = float.MaxValue });

        var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(view));

        Assert.Contains("iteration 1", error.Message);
        Assert.Contains("Regularization", error.Message);
    }

    public static TheoryData<string, int, int, string, string> LargeTables => new()
    {
        // trainer, users, items, found, fits: floor((2,147,483,591 − 16) / 1024)
        { "SgdMatrixFactorization", 2_100_000, 1, "2,100,000 rows of 1,024 numbers", "2,097,151 such rows, or for as many of 1,008 numbers" },
        { "SoftmaxDnn", 1, 2_100_000, "2,100,000 rows of 1,024 numbers", "2,097,151 such rows, or for as many of 1,008 numbers" },
        { "SoftmaxDnn", 2_100_000, 1, "2,100,000 rows of 1,024 numbers", "2,097,151 such rows, or for as many of 1,008 numbers" },
    };

    [Theory, MemberData(nameof(LargeTables))]
    public void Fit_TableLargerThanAnArray_SaysFoundPossibleAndRemedy(string trainer, int users, int items, string found, string possible)
    {
        var data = Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items), [0], [0]);
        var trainers = _ml.Recommenders().Trainers;
        var before = GC.GetAllocatedBytesForCurrentThread();

        // However much memory there is.
        const int Limit = 10_000_000;
        RecommenderTrainer large = trainer switch
        {
            "SoftmaxDnn" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 1024, MemoryLimitMegabytes = Limit }),
            _ => trainers.SgdMatrixFactorization(
                new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 1024, MemoryLimitMegabytes = Limit }),
        };
        var error = Assert.Throws<ArgumentException>(() => large.Fit(data));

        foreach (var part in new[] { found, possible, "Lower ApproximationRank, or leave out users and items" })
            Assert.Contains(part, error.Message);
        // Before there is a table of gigabytes, or an iteration.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 29);
        Assert.DoesNotContain(_log, line => line.Contains("Iteration 1"));
    }

    [Fact]
    public void ReadInteractions_Cancelled_StopsInTheMiddle()
    {
        using var source = new CancellationTokenSource();
        var given = 0;
        var view = _ml.Data.LoadFromEnumerable(Rows());

        Assert.Throws<OperationCanceledException>(() => _ml.Recommenders().Data.ReadInteractions(view, options: new() { CancellationToken = source.Token }));

        Assert.InRange(given, 20_000, 40_000);

        IEnumerable<Row> Rows()
        {
            var row = new Row();
            for (; given < 200_000; given++)
            {
                if (given == 20_000)
                    source.Cancel();
                yield return row;
            }
        }
    }

    private IDataView Load(params Row[] rows) => _ml.Data.LoadFromEnumerable(rows);
}
