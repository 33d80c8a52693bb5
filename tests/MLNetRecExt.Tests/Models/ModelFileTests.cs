using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;
using MLNetRecExt.Tests.Models;

[assembly: MLNetRecExt.RecommenderKind<ModelFileTests.ForeignModel>("Foreign")]

namespace MLNetRecExt.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private static readonly LoadOptions Trusted = new() { AllowPipelines = true };

    private static readonly string[] KindNames =
    [
        "Popularity", "Mean", "StockMatrixFactorization", "SgdMatrixFactorization", "Wals", "Wals of rank 16", "Wals with biases",
        "ItemKnn", "UserKnn", "Ease", "Ease, sparse", "Ease, dual", "NextItemEase", "NextItemEase, sparse", "ContentBased", "SoftmaxDnn", "Fused", "Ranked", "Reranked",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("MLNetRecExt").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Kinds => [.. KindNames];

    [Fact]
    public void Kinds_OfTheLibrary_AreAllHere()
    {
        var declared = typeof(RecommenderModel).Assembly.GetCustomAttributes(false).OfType<RecommenderKindAttribute>().Select(kind => kind.Name);

        var trained = KindNames.Select(kind => ModelKinds.NameOf(Train(kind, users: 4, items: 3)));

        Assert.Equal(declared.Order(StringComparer.Ordinal), trained.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Save_Load_GivesTheSameModel(string kind)
    {
        var model = Train(kind, users: 30, items: 20);
        var path = Path.Combine(_folder, "model");

        model.Save(path);

        AssertSame(model, RecommenderModel.Load(path, Trusted));
        // The zip of a ranker within says when it was written.
        if (kind is "Ranked" or "Reranked")
            return;
        Assert.Equal(Bytes(model), File.ReadAllBytes(path));
        Assert.Equal(Bytes(model), Bytes(RecommenderModel.Load(path, Trusted)));
    }

    [Theory]
    [InlineData(DataKind.Int64, false)]
    [InlineData(DataKind.UInt64, true)]
    [InlineData(DataKind.String, true)]
    [InlineData(null, true)]
    public void Save_Load_KeepsIdsOfAnyKind(DataKind? kind, bool isKey)
    {
        var data = Interactions.Create(Ids(5), Ids(4), [0, 1, 2, 3, 4], [0, 1, 2, 3, 3]);
        var model = new MLContext(1).Recommenders().Trainers.Popularity(new PopularityTrainer.Options()).Fit(data);

        AssertSame(model, Load(Bytes(model)));

        IdMap Ids(int count) => kind switch
        {
            null => IdMap.FromKeys(count),
            // Any UTF-16 is an id: empty, longer than a buffer, half a surrogate pair.
            DataKind.String => IdMap.FromText([.. Enumerable.Range(0, count).Select(i => i switch { 0 => "", 1 => "\ud800", 2 => new string('é', 300_000), _ => $"ид {i}" })], isKey),
            { } numbers => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(i => long.MinValue + i)], numbers, isKey),
        };
    }

    [Fact]
    public void Load_StreamThatCannotSeekAndGivesLittleAtATime_ReadsTheModelAndNoFurther()
    {
        var models = new[] { "Popularity", "Wals", "Wals of rank 16" }.Select(kind => Train(kind, users: 300, items: 200)).ToArray();
        using var stream = new MemoryStream();
        using (var compressed = new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var model in models)
                model.Save(compressed);
            compressed.WriteByte(42);
        }
        stream.Position = 0;
        using var dripping = new DrippingStream(new BrotliStream(stream, CompressionMode.Decompress));

        foreach (var model in models)
            AssertSame(model, Load(dripping));

        Assert.Equal(42, dripping.ReadByte());
        Assert.Equal(-1, dripping.ReadByte());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Load_EveryTruncation_SaysThatTheModelEndsEarly(string kind)
    {
        var bytes = Bytes(Small(kind));

        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => Load(bytes[..length])).Message);
            // 7 bytes at a time, any length ends a piece of it early somewhere.
            if (length % 5 > 0)
                continue;
            using var dripping = new DrippingStream(new MemoryStream(bytes[..length]));
            Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => Load(dripping)).Message);
        }
        Load(bytes);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Load_EverySingleByteCorruption_IsFoundWithoutALargeAllocation(string kind)
    {
        var bytes = Bytes(Small(kind));
        int[] changes = [0x01, 0x02, 0x10, 0x7f, 0x80, 0xff];

        for (int position = 0; position < bytes.Length; position++)
        {
            var intact = bytes[position];
            // Every change in the file that is head, ids and card; elsewhere one a byte, in turn.
            foreach (var change in kind == "Popularity" ? changes : [changes[position % changes.Length]])
            {
                bytes[position] = (byte)(intact ^ change);
                var before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Throws<InvalidDataException>(() => Load(bytes));
                if (position % 2 == 0)
                {
                    using var dripping = new DrippingStream(new MemoryStream(bytes));
                    Assert.Throws<InvalidDataException>(() => Load(dripping));
                }
                // Where only the last checksum is damaged, ML.NET has loaded a ranker before it is read.
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
            }
            bytes[position] = intact;
        }
        Load(bytes);
    }

    [Fact]
    public void Load_NotOurs_SaysWhatItIs()
    {
        var foreign = Assert.Throws<InvalidDataException>(() => Load("PK\u0003\u0004 something else"u8.ToArray()));
        Assert.Contains("mlContext.Model.Load", foreign.Message);

        var bytes = Bytes(Train("Popularity", users: 4, items: 3));
        bytes[8]++;
        var newer = Assert.Throws<InvalidDataException>(() => Load(bytes));
        Assert.Contains($"format version {bytes[8]}", newer.Message);
        Assert.Contains("Update", newer.Message);
        bytes[8] = 1;
        var older = Assert.Throws<InvalidDataException>(() => Load(bytes));
        Assert.Contains("format version 1, of MLNetRecExt 0.1", older.Message);
        Assert.Contains("Train it again", older.Message);

        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream);
        ModelFile.WriteHead(writer, "Other");
        writer.Flush();
        var unknown = Assert.Throws<InvalidDataException>(() => Load(stream.ToArray()));
        Assert.Contains("'Other'", unknown.Message);
        Assert.Contains("Foreign", unknown.Message);
        Assert.Contains("RegisterAssembly", unknown.Message);

        Assert.Throws<FileNotFoundException>(() => RecommenderModel.Load(Path.Combine(_folder, "nothing")));
    }

    [Fact]
    public void Save_ThatFails_KeepsWhatWasThereAndLeavesNothingBehind()
    {
        var path = Path.Combine(_folder, "model");
        var model = Train("Wals", users: 9, items: 8);
        model.Save(path);

        Assert.Throws<IOException>(() => new ForeignModel(slope: float.NaN).Save(path));
        var kindless = new ParityModel(IdMap.FromKeys(Checkerboard.Size), IdMap.FromKeys(Checkerboard.Size));
        Assert.Contains("RecommenderKind<ParityModel>", Assert.Throws<NotSupportedException>(() => kindless.Save(path)).Message);

        AssertSame(model, RecommenderModel.Load(path, Trusted));
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Throws<DirectoryNotFoundException>(() => model.Save(Path.Combine(_folder, "no", "folder")));
    }

    [Fact]
    public void Save_ModelOfAnotherAssembly_IsReadByItsOwnKind()
    {
        var loaded = Assert.IsType<ForeignModel>(Load(Bytes(new ForeignModel(slope: 3))));

        Assert.Equal(3, loaded.Score(0, 0));
    }

    /// <summary>A model of a few bytes: only one kind has a card, which is the same for all.</summary>
    private static RecommenderModel Small(string kind)
    {
        var model = Train(kind, users: 4, items: 3);
        if (kind != "Popularity")
            model.Info = null;
        // Of those within, the first models of fused ones.
        for (var within = model; within is not null; within = (within as RankedModel)?.Candidates ?? (within as RerankedModel)?.Candidates)
            if (within is FusedModel fused)
                foreach (var source in fused.Sources)
                    source.Model.Info = null;
        return model;
    }

    private static RecommenderModel Train(string kind, int users, int items)
    {
        var random = new Random(users);
        var pairs = (from user in Enumerable.Range(0, users - 1) from item in Enumerable.Range(1, items - 1) where (user + item) % 3 == 0 select (user, item)).ToArray();
        var data = Interactions.Create(
            IdMap.FromText([.. Enumerable.Range(0, users).Select(user => $"user {user}")]),
            IdMap.FromIntegers([.. Enumerable.Range(0, items).Select(item => item * 7L)], DataKind.Int32),
            [.. pairs.Select(pair => pair.user)],
            [.. pairs.Select(pair => pair.item)],
            [.. pairs.Select(_ => random.Next(1, 6))],
            [.. pairs.Select(_ => 1 + random.NextSingle())],
            [.. pairs.Select(_ => random.NextInt64())]);
        var trainers = new MLContext(1).Recommenders().Trainers;
        return kind == "Popularity" ? trainers.Popularity(new PopularityTrainer.Options()).Fit(data)
            : kind == "StockMatrixFactorization" ? new StockMatrixFactorizationModel(data.Users, data.Items, data.ByUser, Factors(users), Factors(items))
            : kind == "SgdMatrixFactorization" ? trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 3, NumberOfIterations = 2 }).Fit(data)
            : kind == "ItemKnn" ? trainers.ItemKnn(new ItemKnnTrainer.Options { NumberOfNeighbors = 5 }).Fit(data)
            : kind == "UserKnn" ? trainers.UserKnn(new UserKnnTrainer.Options { NumberOfNeighbors = 5, Score = NeighborScore.Mean }).Fit(data)
            : kind.StartsWith("Ease") ? trainers.Ease(new EaseTrainer.Options
            {
                Regularization = 3,
                TopWeightsPerItem = kind == "Ease, sparse" ? 4 : null,
                IsDual = kind == "Ease, dual",
            }).Fit(data)
            : kind.StartsWith("NextItemEase") ? trainers.NextItemEase(new NextItemEaseTrainer.Options { TopWeightsPerItem = kind == "NextItemEase" ? null : 4 }).Fit(data)
            : kind == "ContentBased" ? trainers.ContentBased(new() { ItemFeatures = Features(items, item => item * 7), LikedFrom = 3 }).Fit(data)
            : kind == "SoftmaxDnn" ? SoftmaxDnn()
            : kind is "Fused" or "Ranked" or "Reranked" ? Staged(kind)
            : kind == "Mean" ? trainers.Mean(new MeanTrainer.Options { Of = MeanOf.User }).Fit(data)
            : trainers.Wals(new WalsTrainer.Options
            {
                ApproximationRank = kind == "Wals" ? 3 : 16,
                NumberOfIterations = 2,
                ConfidenceScale = 2,
                UnobservedPopularityExponent = 0.5f,
                UnobservedWeight = kind == "Wals with biases" ? 0 : 0.05f,
                Target = kind == "Wals with biases" ? WalsTarget.Label : WalsTarget.One,
                UseBiases = kind == "Wals with biases",
            }).Fit(data);

        SideFeatures Features<TId>(int count, Func<int, TId> id)
        {
            var rows = Enumerable.Range(0, count)
                .Select(index => new FeatureRow<TId> { Id = id(index), Kind = $"kind {index % 3}", Size = random.NextSingle() });
            var view = new MLContext(1).Data.LoadFromEnumerable(rows.ToArray());
            return new MLContext(1).Recommenders().Data.ReadFeatures(view, "Id", ["Kind", "Size"]);
        }

        SoftmaxDnnModel SoftmaxDnn() => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 3,
            HiddenLayers = [2],
            NumberOfIterations = 1,
            UserFeatures = Features(users, user => $"user {user}"),
        }).Fit(data);

        RecommenderModel Staged(string last)
        {
            var ml = new MLContext(1);
            var stages = ml.Recommenders().Stages;
            var fused = stages.Fuse([new(trainers.Wals(approximationRank: 2).Fit(data), 4), new(trainers.Popularity().Fit(data), 3, 0.5f)]);
            if (last == "Fused")
                return fused;
            var table = ml.Data.LoadFromEnumerable(new[] { new { ItemPopularity = 1f } });
            var ranked = stages.Rank(fused, ml.Transforms.CopyColumns("Score", "ItemPopularity").Fit(table), numberOfCandidates: 5);
            return last == "Ranked" ? ranked : stages.Rerank(ranked, new RerankOptions
            {
                Diversity = 0.2f,
                FreshnessHalfLife = 2,
                ExcludedItems = [2],
                ItemFeatures = Features(items, item => item * 7),
                CategoryColumnName = "Kind",
                DateColumnName = "Size",
            });
        }

        AlignedMatrix Factors(int rows)
        {
            var factors = new AlignedMatrix(rows, 3);
            for (int row = 0; row < rows; row++)
                for (int k = 0; k < 3; k++)
                    factors[row][k] = row % 7 == 2 ? float.NaN : random.NextSingle();
            return factors;
        }
    }

    private static byte[] Bytes(RecommenderModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    private static RecommenderModel Load(byte[] bytes) => Load(new MemoryStream(bytes));

    private static RecommenderModel Load(Stream stream) => RecommenderModel.Load(stream, Trusted);

    private static void AssertSame(RecommenderModel expected, RecommenderModel actual)
    {
        Assert.Equal(expected.GetType(), actual.GetType());
        foreach (var (ids, sameIds) in new[] { (expected.Users, actual.Users), (expected.Items, actual.Items) })
        {
            Assert.Equal((ids.Count, ids.Kind, ids.IsKey), (sameIds.Count, sameIds.Kind, sameIds.IsKey));
            Assert.True(ids.HasSameIds(sameIds));
            Assert.Equal(Enumerable.Range(0, ids.Count).Select(ids.GetText), Enumerable.Range(0, ids.Count).Select(sameIds.GetText));
        }
        var (rows, sameRows) = (expected.History, actual.History);
        Assert.Equal(rows.Offsets, sameRows.Offsets);
        Assert.Equal((rows.HasLabels, rows.HasWeights, rows.HasTimestamps), (sameRows.HasLabels, sameRows.HasWeights, sameRows.HasTimestamps));
        for (int user = 0; user < rows.RowCount; user++)
        {
            Assert.Equal(rows.Indices(user), sameRows.Indices(user));
            Assert.Equal(rows.Labels(user), sameRows.Labels(user));
            Assert.Equal(rows.Weights(user), sameRows.Weights(user));
            Assert.Equal(rows.Timestamps(user), sameRows.Timestamps(user));
        }
        Assert.Equal(rows.EntryCount + InteractionRows.Padding, sameRows.IndexArray.Length);

        List<RecommenderQuery> queries = [RecommenderQuery.Nobody, .. Enumerable.Range(0, expected.Users.Count).Select(RecommenderQuery.ForUser)];
        if (expected.CanFoldIn)
            queries.Add(RecommenderQuery.ForHistory(1, 3));
        var (lists, sameLists) = (expected.TopItems(queries, 5), actual.TopItems(queries, 5));
        for (int list = 0; list < queries.Count; list++)
            Assert.Equal(lists.ToArray(list), sameLists.ToArray(list));
        for (int user = 0; user < expected.Users.Count; user++)
            for (int item = 0; item < expected.Items.Count; item++)
                Assert.Equal(BitConverter.SingleToInt32Bits(expected.Score(user, item)), BitConverter.SingleToInt32Bits(actual.Score(user, item)));
        if (expected is WalsModel wals)
            Assert.Equal(wals.Settings, ((WalsModel)actual).Settings);
    }

    private sealed class FeatureRow<TId>
    {
        public TId Id = default!;
        public string Kind = "";
        public float Size;
    }

    /// <summary>Gives at most 7 bytes at a time, and cannot seek.</summary>
    private sealed class DrippingStream(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 7));
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>A model as another assembly would write it, with public API alone. A slope of NaN cannot be written.</summary>
    public sealed class ForeignModel(IdMap users, IdMap items, InteractionRows history, float slope) : RecommenderModel(users, items, history), ISavedModel<ForeignModel>
    {
        public ForeignModel(float slope)
            : this(OnePair.Users, OnePair.Items, OnePair.ByUser, slope)
        {
        }

        public override bool CanFoldIn => false;

        private static Interactions OnePair => Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(1), [0], [0]);

        public static ForeignModel Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) => new(users, items, history, reader.ReadSingle());

        protected internal override void WriteState(ModelWriter writer) =>
            writer.WriteSingle(float.IsNaN(slope) ? throw new IOException("The disk is full.") : slope);

        protected override float ScoreKnown(int user, int item) => slope;

        protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores) => scores.Fill(slope);
    }
}
