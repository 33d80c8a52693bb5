using System.Data;
using System.IO.Hashing;
using Microsoft.ML;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Data;

public sealed class InteractionStoreTests : IDisposable
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    private readonly TemporaryFiles _files = new();

    private sealed record Row(string User, long Item, float Label, float Weight, long Time);

    public void Dispose() => _files.Dispose();

    public static TheoryData<DuplicateHandling, bool, int> Cases()
    {
        var cases = new TheoryData<DuplicateHandling, bool, int>();
        foreach (var duplicates in Enum.GetValues<DuplicateHandling>())
            foreach (var full in new[] { true, false })
                foreach (var most in new[] { 7, 1_000_000 })
                    cases.Add(duplicates, full, most);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Read_IntoAStore_HoldsWhatMemoryWouldOrderedByActivityThenId(DuplicateHandling duplicates, bool full, int mostEntries)
    {
        var rows = RandomRows(3000);
        InteractionSelectors<Row> selectors = full
            ? new() { Label = row => row.Label, Weight = row => row.Weight, Timestamp = row => row.Time }
            : new();
        var expected = Read(null);

        var stored = Read(new(Folder("store")) { MostEntries = mostEntries });

        Assert.Equal(Entries(expected), Entries(stored));
        Assert.Equal(expected.Counts, stored.Counts);
        Assert.Equal((expected.Count, expected.Users.Kind, expected.Items.Kind), (stored.Count, stored.Users.Kind, stored.Items.Kind));
        Assert.Equal(
            Enumerable.Range(0, stored.Users.Count).OrderByDescending(stored.ByUser.Length).ThenBy(stored.Users.GetText, StringComparer.Ordinal),
            Enumerable.Range(0, stored.Users.Count));
        Assert.Equal(
            Enumerable.Range(0, stored.Items.Count).OrderByDescending(stored.ByItem.Length).ThenBy(stored.Items.GetId<long>),
            Enumerable.Range(0, stored.Items.Count));
        AssertSame(stored.ByUser.Transpose(stored.Items.Count), stored.ByItem);
        AssertSame(stored.ByUser, stored.InMemory().ByUser);

        Interactions Read(InteractionStoreOptions? store) => Recommenders.Data.ReadInteractions(
            rows, row => row.User, row => row.Item, selectors, new() { Duplicates = duplicates, Store = store });
    }

    [Theory]
    [InlineData(WalsSolver.ConjugateGradient)]
    [InlineData(WalsSolver.Cholesky)]
    public void Fit_Store_GivesTheFactorsOfTheSameInteractionsInMemory(WalsSolver solver)
    {
        var stored = Create(RandomRows(3000));
        var trainer = Recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, Solver = solver, ConfidenceScale = 1, NumberOfIterations = 3 });
        var memory = stored.InMemory();

        var (model, expected) = (trainer.Fit(InteractionStore.Open(Folder("store"))), trainer.Fit(memory));

        Assert.Equal(expected.UserMatrix.Padded.ToArray(), model.UserMatrix.Padded.ToArray());
        Assert.Equal(expected.ItemMatrix.Padded.ToArray(), model.ItemMatrix.Padded.ToArray());
        // The rows by item need not be made.
        Assert.Equal(trainer.EstimateMemory(memory) - 12 * memory.Count, trainer.EstimateMemory(stored));
        foreach (var popularity in new[] { 0f, 30f })
        {
            var baseline = Recommenders.Trainers.Popularity(new PopularityTrainer.Options { HalfLifeDays = popularity });
            Assert.Equal(baseline.Fit(memory).TopItems(RecommenderQuery.ForUser(1), 5), baseline.Fit(stored).TopItems(RecommenderQuery.ForUser(1), 5));
        }
        Assert.Equal(
            $"{Recommenders.Evaluate(expected, memory)}", $"{Recommenders.Evaluate(model, InteractionStore.Open(Folder("store")))}");
        var history = RecommenderQuery.ForHistory(1, 4);
        var items = model.Without(Enumerable.Range(0, model.Users.Count));
        Assert.Equal((0, 0), (items.Users.Count, items.History.EntryCount));
        Assert.Equal(expected.TopItems(history, 5), items.TopItems(history, 5));
        using var saved = new MemoryStream();
        model.Save(saved);
        saved.Position = 0;
        Assert.Equal(expected.TopItems(RecommenderQuery.ForUser(2), 5), RecommenderModel.Load(saved).TopItems(RecommenderQuery.ForUser(2), 5));
    }

    [Fact]
    public async Task Read_FromEverySource_GivesTheSameStore()
    {
        var rows = RandomRows(200);
        var path = _files.Write("rows.csv", "user,item\n" + string.Join("\n", rows.Select(row => $"{row.User},{row.Item}")));
        using var table = new DataTable();
        table.Columns.Add("user", typeof(string));
        table.Columns.Add("item", typeof(string));
        foreach (var row in rows)
            table.Rows.Add(row.User, $"{row.Item}");
        var ml = new MLContext(1);
        var view = ml.Data.LoadFromEnumerable(rows.Select(row => new { row.User, Item = $"{row.Item}" }));
        var keys = ml.Transforms.Conversion.MapValueToKey("User").Append(ml.Transforms.Conversion.MapValueToKey("Item")).Fit(view).Transform(view);
        var data = Recommenders.Data;
        using var reader = table.CreateDataReader();

        Interactions[] stores =
        [
            data.ReadInteractions(path, options: Into("file")),
            data.ReadInteractions(view, options: Into("view")),
            data.ReadInteractions(keys, options: Into("keys")),
            data.ReadInteractions(rows, row => row.User, row => $"{row.Item}", options: Into("objects")),
            await data.ReadInteractionsAsync(rows.ToAsyncEnumerable(), row => row.User, row => $"{row.Item}", options: Into("async")),
            await data.ReadInteractionsAsync(reader, new("user", "item"), Into("database")),
        ];

        Assert.All(stores, store => Assert.True(store.Users.HasSameIds(stores[0].Users) && store.Items.HasSameIds(stores[0].Items)));
        Assert.All(stores, store => AssertSame(stores[0].ByUser, store.ByUser));
        Assert.False(stores[2].Users.IsKey);

        InteractionReadOptions Into(string name) => new() { Store = new(Folder(name)) };
    }

    [Fact]
    public void Open_AnyFileDamagedCutOrMissing_NamesIt()
    {
        Create(RandomRows(300));
        var folder = Folder("store");
        foreach (var path in Directory.GetFiles(folder))
        {
            var bytes = File.ReadAllBytes(path);
            foreach (var damaged in new[] { Flipped(bytes, 0), Flipped(bytes, bytes.Length / 2), Flipped(bytes, bytes.Length - 1),
                bytes[..^1], bytes[..(bytes.Length / 2)], [], [.. bytes, 0], null })
            {
                File.Delete(path);
                if (damaged is not null)
                    File.WriteAllBytes(path, damaged);
                Assert.Contains(path, Assert.Throws<InvalidDataException>(() => InteractionStore.Open(folder)).Message);
            }
            File.WriteAllBytes(path, bytes);
        }
        Assert.Equal(folder, InteractionStore.Open(folder).Folder);
    }

    [Theory]
    [InlineData("users.indices", int.MaxValue)]
    [InlineData("items.indices", -1)]
    [InlineData("users.offsets", 1 << 30)]
    public void Open_SealedFileThatPointsOutside_IsRefused(string name, int wrong)
    {
        Create(RandomRows(300));
        var (path, manifest) = (Path.Combine(Folder("store"), name), StoreManifest.Read(Folder("store")));
        var bytes = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), wrong);
        File.WriteAllBytes(path, bytes);
        var files = manifest.Files.Select(file => file.Name == name ? file with { XxHash3 = XxHash3.HashToUInt64(bytes) } : file);
        (manifest with { Files = [.. files] }).Write(Folder("store"));

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => InteractionStore.Open(Folder("store"))).Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"Version\": 1, \"Users\": -1}")]
    [InlineData("{\"Version\": 2}")]
    [InlineData("no JSON")]
    public void Open_ManifestOfSomethingElse_IsRefused(string manifest)
    {
        Create(RandomRows(30));
        File.WriteAllText(Path.Combine(Folder("store"), "manifest.json"), manifest);

        Assert.Contains("manifest.json", Assert.Throws<InvalidDataException>(() => InteractionStore.Open(Folder("store"))).Message);
    }

    [Fact]
    public void Read_ThatFailsOrWasKilled_LeavesNothingThatOpens()
    {
        var rows = RandomRows(30);
        var half = Directory.CreateDirectory(Folder("store") + ".unfinished");
        File.WriteAllText(Path.Combine(half.FullName, "users.indices"), "half");

        Assert.Throws<InvalidDataException>(() => Recommenders.Data.ReadInteractions(
            [.. rows, new("", 1, 1, 1, 1)], row => row.User, row => row.Item,
            options: new() { BadRows = BadRowHandling.Throw, Store = new(Folder("store")) }));
        Assert.False(Directory.Exists(Folder("store")) || half.Exists && Directory.Exists(half.FullName));
        Assert.Contains("manifest.json", Assert.Throws<InvalidDataException>(() => InteractionStore.Open(Folder("store"))).Message);

        Create(rows);
        Assert.DoesNotContain(Directory.GetFiles(Folder("store")), path => path.EndsWith(".entries", StringComparison.Ordinal));
        Assert.Contains("is there already", Assert.Throws<IOException>(() => Create(rows)).Message);
        Assert.Equal(30, InteractionStore.Open(Folder("store")).Interactions.Counts.Read);
    }

    [Fact]
    public void Read_BadOptions_AreRefusedBeforeAnythingIsWritten()
    {
        var rows = RandomRows(30);
        var first = Recommenders.Data.ReadInteractions(rows, row => row.User, row => row.Item);

        Assert.Throws<ArgumentOutOfRangeException>(() => Read(new() { Store = new(Folder("store")) { MemoryLimitMegabytes = 31 } }));
        Assert.Throws<ArgumentException>(() => Read(new() { Store = new("") }));
        Assert.Contains("IdsOf", Assert.Throws<ArgumentException>(() => Read(new() { Store = new(Folder("store")), IdsOf = first })).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Folder("store"))!, "store*"));

        void Read(InteractionReadOptions options) => Recommenders.Data.ReadInteractions(rows, row => row.User, row => row.Item, options: options);
    }

    private string Folder(string name) => _files.PathOf(name);

    private static byte[] Flipped(byte[] bytes, int place)
    {
        byte[] flipped = [.. bytes];
        flipped[place] ^= 1;
        return flipped;
    }

    private Interactions Create(Row[] rows) => Recommenders.Data.ReadInteractions(rows, row => row.User, row => row.Item,
        new() { Label = row => row.Label, Weight = row => row.Weight, Timestamp = row => row.Time }, new() { Store = new(Folder("store")) });

    private static (string, string, float, float, long)[] Entries(Interactions data) =>
    [
        .. Enumerable.Range(0, data.Users.Count).SelectMany(user => Enumerable.Range(0, data.ByUser.Length(user)).Select(e => (
            data.Users.GetText(user), data.Items.GetText(data.ByUser.Indices(user)[e]),
            data.ByUser.HasLabels ? data.ByUser.Labels(user)[e] : 1, data.ByUser.HasWeights ? data.ByUser.Weights(user)[e] : 1,
            data.ByUser.HasTimestamps ? data.ByUser.Timestamps(user)[e] : 0))).Order(),
    ];

    private static void AssertSame(InteractionRows expected, InteractionRows actual)
    {
        Assert.Equal((expected.RowCount, expected.HasLabels, expected.HasWeights), (actual.RowCount, actual.HasLabels, actual.HasWeights));
        for (int row = 0; row < expected.RowCount; row++)
        {
            Assert.Equal(expected.Indices(row), actual.Indices(row));
            Assert.Equal(expected.Labels(row), actual.Labels(row));
            Assert.Equal(expected.Weights(row), actual.Weights(row));
        }
    }

    private static Row[] RandomRows(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(row => new Row(
            $"u{(int)(150 * Math.Pow(random.NextDouble(), 2))}", 7 - (long)(90 * Math.Pow(random.NextDouble(), 2)),
            random.Next(1, 6), random.Next(1, 4), 1_600_000_000L + 86_400L * random.Next(100)))];
    }
}
