using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Schema;
using static MLNetRecExt.Tests.Onnx.OnnxModels;

namespace MLNetRecExt.Tests.Onnx;

public sealed class OnnxRecommenderTransformerTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Transform_AnyBatchSize_GivesTheListsAndLeavesOtherColumnsAlone(int batchSize)
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser);
        var view = UserRows(model);

        var result = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path, batchSize, numberOfThreads: 1).Fit(view).Transform(view);

        var expected = file.Run(("User", AllUsers(model)));
        Assert.Equal(expected["Items"], result.GetColumn<string[]>("Items"));
        Assert.Equal(expected["Scores"], result.GetColumn<float[]>("Scores"));
        Assert.Equal(view.GetColumn<string>("User"), result.GetColumn<string>("User"));
        Assert.Equal(view.GetColumn<float>("Number"), result.GetColumn<float>("Number"));
        Assert.Equal(["User", "Number", "Items", "Scores"], result.Schema.Select(column => column.Name));
        Assert.Equal(new VectorDataViewType(TextDataViewType.Instance, 10), result.Schema["Items"].Type);
        Assert.False(result.CanShuffle);
    }

    [Fact]
    public void Transform_HistoriesOfUnequalLength_EqualEachAlone()
    {
        var model = Train("dnn recent cosine", "Int64");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory, new() { HistoryWeightsColumnName = "Weights" });
        var view = _ml.Data.LoadFromEnumerable(HistoryRows(model));

        var result = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view).Transform(view);

        var (items, scores) = (result.GetColumn<long[]>("Items").ToArray(), result.GetColumn<float[]>("Scores").ToArray());
        var rows = HistoryRows(model);
        for (int row = 0; row < rows.Length; row++)
        {
            var alone = file.Run(("History", [rows[row].History]), ("Weights", [rows[row].Weights]));
            Assert.Equal(alone["Items"][0], items[row]);
            for (int place = 0; place < 10; place++)
                Assert.Equal(((float[])alone["Scores"][0])[place], scores[row][place], 1e-5f);
        }
    }

    [Fact]
    public void Transform_ARowAskedFor_ReadsABatchAhead()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser);
        var last = 0;
        var view = _ml.Data.LoadFromEnumerable(Rows());
        var result = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path, batchSize: 8).Fit(view).Transform(view);
        var column = result.Schema["Scores"];

        using var cursor = result.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var value = default(VBuffer<float>);
        List<int> read = [];
        while (cursor.MoveNext())
        {
            getter(ref value);
            read.Add(last);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(row => Math.Min(20, 8 * (row / 8 + 1))), read);

        IEnumerable<UserRow> Rows()
        {
            for (int row = 0; row < 20; row++)
            {
                last = Math.Max(last, row + 1);
                yield return new UserRow { User = model.Users.GetText(row) };
            }
        }
    }

    [Fact]
    public void Transform_SomeRowsAskedFor_AnswersTheseRows()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.UserEmbedding);
        var view = UserRows(model);
        var result = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path, batchSize: 4).Fit(view).Transform(view);
        var column = result.Schema["Embedding"];

        using var cursor = result.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var value = default(VBuffer<float>);
        for (int row = 0; cursor.MoveNext(); row++)
        {
            if (row % 11 > 2)
                continue;
            getter(ref value);
            Assert.Equal(row == 0 ? new float[8] : model.UserFactors(row - 1).ToArray(), value.DenseValues());
        }
        Assert.False(cursor.IsColumnActive(result.Schema["User"]));
    }

    [Fact]
    public void PredictionEngine_ManyThreads_AnswerAsTheView()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser);
        var view = UserRows(model);
        using var transformer = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view);
        var expected = transformer.Transform(view).GetColumn<string[]>("Items").ToArray();
        using var pool = _ml.Recommenders().CreateEnginePool<UserRow, Lists>(transformer);

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var user = i % (Users + 1) - 1;
            Assert.Equal(expected[user + 1], pool.Predict(new UserRow { User = user < 0 ? "nobody" : model.Users.GetText(user) }).Items);
            if (i % 50 == 0)
                Assert.Equal(expected, transformer.Transform(view).GetColumn<string[]>("Items"));
        });
    }

    [Fact]
    public void Fit_InAChain_GivesShapeAndSchema()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser);
        var view = _ml.Data.LoadFromEnumerable(new[] { new { Name = model.Users.GetText(3) } });

        var chain = _ml.Transforms.CopyColumns("User", "Name").Append(_ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path));

        Assert.Equal(model.TopItems(RecommenderQuery.ForUser(3), 10).Select(entry => model.Items.GetText(entry.Item)), chain.Fit(view).Transform(view).GetColumn<string[]>("Items").Single());
        Assert.StartsWith("WalsModel of rank 8", chain.Fit(view).LastTransformer.Training, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wals", OnnxForm.TopItemsForUser)]
    [InlineData("dnn recent cosine", OnnxForm.TopItemsForHistory)]
    [InlineData("wals weighted", OnnxForm.HistoryEmbedding)]
    public void Load_SavedPipeline_AnswersTheSame(string name, OnnxForm form)
    {
        var model = Train(name, "Int64");
        using var file = new OnnxFile(model, form, new() { HistoryWeightsColumnName = "Weights" });
        var view = _ml.Data.LoadFromEnumerable(HistoryRows(model));
        var trained = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view);
        _ml.Model.Save(trained, view.Schema, _path);

        var loaded = new MLContext(2).Model.Load(_path, out _);

        AssertSame(trained.Transform(view), loaded.Transform(view));
    }

    [Theory]
    [InlineData("wals", OnnxForm.TopItemsForUser)]
    [InlineData("dnn", OnnxForm.TopItemsForHistory)]
    public void ApplyOnnxModel_ExportedFile_AnswersTheSame(string name, OnnxForm form)
    {
        var model = Train(name, "Int64");
        using var file = new OnnxFile(model, form);
        var view = _ml.Data.LoadFromEnumerable(HistoryRows(model));
        string[] inputs = [form == OnnxForm.TopItemsForUser ? "User" : "History"];

        var stock = _ml.Transforms.ApplyOnnxModel(["Items", "Scores"], inputs, file.Path).Fit(view);

        AssertSame(_ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view).Transform(view), stock.Transform(view));
    }

    [Fact]
    public void Load_InAnotherProcess_AnswersTheSame()
    {
        var model = Checkerboarded();
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser, new() { NumberOfItems = 5 });
        var view = Checkerboard.Text(_ml);
        _ml.Model.Save(_ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view), view.Schema, _path);

        var lines = LoadModelProgram.Run("top", _path, Checkerboard.Size);

        var lists = file.Run(("User", [.. Enumerable.Range(0, Checkerboard.Size + 1).Select(user => new[] { Checkerboard.UserName(user) })]));
        Assert.Equal(Enumerable.Range(0, Checkerboard.Size + 1).Select(user => LoadModelProgram.Line(user, (string[])lists["Items"][user], (float[])lists["Scores"][user])), lines);
    }

    [Fact]
    public void Load_NetworkWithFeaturesInAnotherProcess_AnswersTheSame()
    {
        var model = LoadModelProgram.Network(_ml).Model;
        using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory, new() { NumberOfItems = LoadModelProgram.NumberOfItems });
        var view = _ml.Data.LoadFromEnumerable(LoadModelProgram.SessionRows());
        _ml.Model.Save(_ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view), view.Schema, _path);

        var lines = LoadModelProgram.Run("session", _path, Checkerboard.Size);

        foreach (var (user, row) in LoadModelProgram.SessionRows().Index())
        {
            var alone = file.Run(("History", [row.History]), ("Parity", [new[] { row.Parity }]), ("Age", [new[] { row.Age }]));
            Assert.Equal(LoadModelProgram.Line(user, (string[])alone["Items"][0], (float[])alone["Scores"][0]), lines[user]);
            OnnxExportTests.AssertList(model, LoadModelProgram.Query(model, row with { User = "" }), LoadModelProgram.NumberOfItems, true, alone["Items"][0], alone["Scores"][0]);
        }
    }

    [Fact]
    public void Save_FileThatChanged_Throws()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser);
        var view = UserRows(model);
        var transformer = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view);
        model.SaveAsOnnx(file.Path, OnnxForm.UserEmbedding);

        Assert.Contains("has changed", Assert.Throws<InvalidDataException>(() => _ml.Model.Save(transformer, view.Schema, _path)).Message);
        Assert.Equal(Users + 1, transformer.Transform(view).GetColumn<string[]>("Items").Count());
    }

    [Fact]
    public void Fit_WrongColumns_SaysWhatIsNeeded()
    {
        var model = Train("wals");
        using var users = new OnnxFile(model, OnnxForm.TopItemsForUser);
        using var histories = new OnnxFile(model, OnnxForm.TopItemsForHistory, new() { HistoryLabelsColumnName = "Labels" });
        var transforms = _ml.Recommenders().Transforms;

        AssertError("no column 'User'", users, _ml.Data.LoadFromEnumerable(new[] { new { Somebody = "x" } }));
        AssertError("DataKind.String", users, _ml.Data.LoadFromEnumerable(new[] { new { User = 5L } }));
        AssertError("MapKeyToValue", users, _ml.Transforms.Conversion.MapValueToKey("User").Fit(UserRows(model)).Transform(UserRows(model)));
        AssertError("a vector of String", histories, _ml.Data.LoadFromEnumerable(new[] { new { History = "x", Labels = new float[2] } }));
        AssertError("DataKind.Single", histories, _ml.Data.LoadFromEnumerable(new[] { new TextHistory { History = ["x"], Labels = [1] } }));

        void AssertError(string part, OnnxFile file, IDataView view)
        {
            var estimator = transforms.ApplyOnnxRecommender(file.Path);
            Assert.Contains(part, Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(view)).Message);
            Assert.Contains(part, Assert.Throws<ArgumentOutOfRangeException>(() => new EstimatorChain<ITransformer>().Append(estimator).Fit(view)).Message);
        }
    }

    [Fact]
    public void Transform_WeightsOfAnotherLength_Throws()
    {
        var model = Train("wals", "Int64");
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding, new() { HistoryWeightsColumnName = "Weights" });
        var view = _ml.Data.LoadFromEnumerable(new[] { new HistoryRow { History = [1, 2], Weights = [1] } });
        var result = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view).Transform(view);

        Assert.Contains("2 items in 'History' and 1 values in 'Weights'", Assert.Throws<InvalidOperationException>(() => result.GetColumn<float[]>("Embedding").ToArray()).Message);
    }

    [Fact]
    public void ApplyOnnxRecommender_CorruptOrForeignFile_ThrowsOneClearException()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser);
        var bytes = File.ReadAllBytes(file.Path);

        AssertRefused("damaged", []);
        AssertRefused("damaged", "an ordinary text"u8.ToArray());
        AssertRefused("damaged", [.. bytes, 0]);
        var random = new Random(6);
        for (int trial = 0; trial < 300; trial++)
        {
            var damaged = (byte[])bytes.Clone();
            // The end, where the checksum is, then anything: most are values of embeddings.
            damaged[trial < 100 ? ^(1 + trial) : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            AssertRefused("damaged", damaged);
            AssertRefused("damaged", bytes[..random.Next(bytes.Length)]);
        }
        AssertRefused("not written by SaveAsOnnx", Changed(graph => graph.MetadataProps.Clear()).ToByteArray());
        AssertRefused("form 'Tomorrow'", Whole(Changed(graph => graph.MetadataProps.First(entry => entry.Key == "mlnetrecext.form").Value = "Tomorrow")));
        AssertRefused("cannot run", Whole(Changed(graph => graph.Graph.Node[0].OpType = "Tomorrow")));
        Assert.Throws<FileNotFoundException>(() => _ml.Recommenders().Transforms.ApplyOnnxRecommender(_path + ".missing"));

        ModelProto Changed(Action<ModelProto> change) => WithoutChecksum(bytes, change);
    }

    [Fact]
    public void ApplyOnnxRecommender_MetadataThatAreMissingOrWrong_AreRefusedByName()
    {
        var model = Train("wals", "Int64");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory, new() { HistoryLabelsColumnName = "Labels" });
        var bytes = File.ReadAllBytes(file.Path);

        AssertRefused("no entry 'mlnetrecext.form'", Without(OnnxMetadata.Form));
        AssertRefused("form '77'", With(OnnxMetadata.Form, "77"));
        AssertRefused("no entry 'mlnetrecext.missing'", Without(OnnxMetadata.Missing));
        AssertRefused("its filler is 'none'", With(OnnxMetadata.Missing, "none"));
        AssertRefused("no entry 'mlnetrecext.feature.History'", Without(OnnxMetadata.History));
        AssertRefused("no entry 'mlnetrecext.feature.Labels'", With(OnnxMetadata.HistoryLabels, "Other"));
        AssertRefused("no output 'Other'", With(OnnxMetadata.Scores, "Other"));
        AssertRefused("'Items' is of Int64, which no mlnetrecext.scores is", With(OnnxMetadata.Scores, "Items"));
        // ONNX Runtime looks for the name up to the zero, and finds none.
        AssertRefused("not what SaveAsOnnx of this version writes", Whole(WithoutChecksum(bytes, graph =>
            graph.MetadataProps.Add(new StringStringEntryProto { Key = "na\0me", Value = "text" }))));

        byte[] Without(string key) => Whole(WithoutChecksum(bytes, graph => graph.MetadataProps.Remove(graph.MetadataProps.First(entry => entry.Key == key))));

        byte[] With(string key, string value) => Whole(WithoutChecksum(bytes, graph => graph.MetadataProps.First(entry => entry.Key == key).Value = value));
    }

    private static ModelProto WithoutChecksum(byte[] bytes, Action<ModelProto> change)
    {
        var graph = ModelProto.Parser.ParseFrom(bytes);
        Assert.Equal("mlnetrecext.checksum", graph.MetadataProps[^1].Key);
        graph.MetadataProps.RemoveAt(graph.MetadataProps.Count - 1);
        change(graph);
        return graph;
    }

    private static byte[] Whole(ModelProto graph)
    {
        using var stream = new MemoryStream();
        OnnxChecksum.Write(graph, stream);
        return stream.ToArray();
    }

    private void AssertRefused(string part, byte[] content)
    {
        File.WriteAllBytes(_path, content);
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => _ml.Recommenders().Transforms.ApplyOnnxRecommender(_path)).Message);
    }

    [Fact]
    public void ApplyOnnxRecommender_OptionOutOfRange_NamesIt()
    {
        var transforms = _ml.Recommenders().Transforms;
        Assert.Contains("batchSize", Assert.Throws<ArgumentOutOfRangeException>(() => transforms.ApplyOnnxRecommender(_path, batchSize: 0)).Message);
        Assert.Contains("numberOfThreads", Assert.Throws<ArgumentOutOfRangeException>(() => transforms.ApplyOnnxRecommender(_path, numberOfThreads: 0)).Message);
    }

    private FactorModel Checkerboarded() => _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4 }).Fit(Checkerboard.Text(_ml)).Model;

    private IDataView UserRows(FactorModel model) => _ml.Data.LoadFromEnumerable(AllUsers(model).Select((row, i) => new UserRow { User = ((string[])row)[0], Number = i }).ToArray());

    private static HistoryRow[] HistoryRows(FactorModel model)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(-1, Users).Select(user => new HistoryRow
        {
            User = user < 0 ? -77 : (long)Id(model.Users, user),
            History = [.. Enumerable.Range(0, user < 4 ? user + 1 : random.Next(30)).Select(_ => 10_000_000_000 + random.Next(-2, Items))],
        }).Select(row => new HistoryRow { User = row.User, History = row.History, Weights = [.. row.History.Select(_ => random.NextSingle())] })];
    }

    private static void AssertSame(IDataView expected, IDataView actual)
    {
        foreach (var column in expected.Schema.Where(column => column.Name is "Items" or "Scores" or "Embedding"))
        {
            Assert.Equal(((VectorDataViewType)column.Type).ItemType, ((VectorDataViewType)actual.Schema[column.Name].Type).ItemType);
            if (column.Name == "Items")
                Assert.Equal(expected.GetColumn<long[]>("Items"), actual.GetColumn<long[]>("Items"));
            else
                foreach (var (x, y) in expected.GetColumn<float[]>(column.Name).Zip(actual.GetColumn<float[]>(column.Name)))
                    for (int k = 0; k < x.Length; k++)
                        Assert.Equal(x[k], y[k], 1e-5f);
        }
    }

    private sealed class UserRow
    {
        public string User { get; set; } = "";
        public float Number { get; set; }
    }

    private sealed class HistoryRow
    {
        public long User { get; set; }
        [VectorType] public long[] History { get; set; } = [];
        [VectorType] public float[] Weights { get; set; } = [];
    }

    private sealed class TextHistory
    {
        [VectorType] public string[] History { get; set; } = [];
        [VectorType] public double[] Labels { get; set; } = [];
    }

    private sealed class Lists
    {
        public string[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }
}
