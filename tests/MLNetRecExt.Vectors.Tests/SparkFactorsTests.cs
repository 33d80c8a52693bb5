using DuckDB.NET.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;

namespace MLNetRecExt.Vectors.Tests;

public sealed class SparkFactorsTests : IDisposable
{
    private static readonly RecommenderDataCatalog Data = new MLContext(1).Recommenders().Data;

    private readonly string _folder = Directory.CreateTempSubdirectory("spark").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Users => Path.Combine(_folder, "userFactors");

    private string Items => Path.Combine(_folder, "itemFactors");

    // Spark's own names of a list, those of Hive, and those of its legacy format.
    [Theory]
    [InlineData("list", "element")]
    [InlineData("bag", "array_element")]
    [InlineData("bag", "array")]
    public async Task Read_FoldersOfSparksAls_ScoresAreTheProducts(string container, string element)
    {
        var (users, items) = (Factors(1, 40, 5), Factors(2, 70, 5));
        await WriteAsync(Users, users, container, element);
        await WriteAsync(Items, items, container, element);

        var model = await Data.ReadSparkFactorsAsync(Users, Items);

        Assert.Equal(users.Select(row => row.Id), model.Users.IndicesOf(users.Select(row => row.Id)).Select(model.Users.GetId<int>));
        foreach (var (user, u) in users)
        {
            foreach (var (item, v) in items)
                Assert.Equal(Product(u, v), model.Score(model.Users.IndexOf(user), model.Items.IndexOf(item)), 1e-5);
            Assert.Equal(
                items.OrderByDescending(row => Product(u, row.Features)).Take(5).Select(row => row.Id),
                model.For<int, int>().Recommend(user, 5).Select(entry => entry.Item));
        }
    }

    // By another writer, DuckDB, which makes every column and number one that may be missing.
    [Fact]
    public async Task Read_FilesOfAnotherWriter_ScoresAreTheProducts()
    {
        Directory.CreateDirectory(Users);
        Directory.CreateDirectory(Items);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            COPY (SELECT i::INT AS id, [i, 0.5, -2]::FLOAT[] AS features FROM range(3) AS r(i)) TO '{Users}/part-0.parquet';
            COPY (SELECT 10 * i AS id, [i, 4, 1]::FLOAT[] AS features FROM range(5) AS r(i)) TO '{Items}/part-0.parquet'
            """;
        command.ExecuteNonQuery();

        var model = await Data.ReadSparkFactorsAsync(Users, Items);

        for (int user = 0; user < 3; user++)
            for (int item = 0; item < 5; item++)
                Assert.Equal(user * item, model.Score(model.Users.IndexOf(user), model.Items.IndexOf(10 * item)));
    }

    [Fact]
    public async Task Read_WithHistory_LeavesOutWhatWasTakenAndIsAnOrdinaryModel()
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        await WriteAsync(Items, Factors(2, 20, 3));
        // As text, and with a user and an item that Spark did not have.
        var history = Interactions.Create(
            IdMap.FromText(["3", "0", "99"]), IdMap.FromText(["7", "14", "98"]), [0, 0, 1, 2, 1], [0, 1, 1, 0, 2]);

        var model = await Data.ReadSparkFactorsAsync(Users, Items, history);

        var all = (await Data.ReadSparkFactorsAsync(Users, Items)).For<int, int>().Recommend(3, 20).Select(entry => entry.Item);
        Assert.Equal(all.Except([7, 14]), model.For<int, int>().Recommend(3, 20).Select(entry => entry.Item));
        Assert.Equal([2, 1], new[] { 14, 7 }.Select(item => model.ItemPopularity[model.Items.IndexOf(item)]));
        var path = Path.Combine(_folder, "spark.model");
        model.Save(path);
        var loaded = RecommenderModel.Load(path);
        Assert.Equal(model.TopItems(RecommenderQuery.ForUser(1), 20), loaded.TopItems(RecommenderQuery.ForUser(1), 20));
    }

    [Fact]
    public async Task Read_HistoryOfOtherIds_IsRefused()
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        await WriteAsync(Items, Factors(2, 4, 3));
        var history = Interactions.Create(IdMap.FromText(["Ann"]), IdMap.FromText(["Solaris"]), [0], [0]);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Data.ReadSparkFactorsAsync(Users, Items, history));
        Assert.Contains("'Ann'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BigintIdsAndEmptyParts_AreRead()
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        await WriteAsync(Items, [(5, [1, 2, 3])], idType: typeof(long));
        await WritePartAsync(Path.Combine(Items, "part-00009.snappy.parquet"), [], "list", "element", typeof(long));
        var model = await Data.ReadSparkFactorsAsync(Users, Items);
        Assert.Equal(DataKind.Int64, model.Items.Kind);
        Assert.Equal(5, model.Items.GetId<long>(0));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "other length", "have 2 numbers, and those before it 3" },
        { "empty list", "are missing" },
        { "NaN", "hold NaN" },
        { "twice", "The id 7 occurs twice" },
        { "other rank", "they are of two models" },
        { "no column", "no column 'features'" },
        { "damaged", "no Parquet file, or is damaged" },
        { "cut", "no Parquet file, or is damaged" },
        { "no rows", "has 0 rows" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Read_WhatCannotBe_IsRefusedInASentence(string what, string said)
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        (int, float[])[] good = [(0, [1, 2, 3]), (7, [4, 5, 6])];
        await WriteAsync(Items, what switch
        {
            "other length" => [.. good, (14, [7, 8])],
            "empty list" => [.. good, (14, [])],
            "NaN" => [.. good, (14, [7, float.NaN, 9])],
            "twice" => [.. good, (7, [7, 8, 9])],
            "other rank" => [(0, [1, 2])],
            "no rows" => [],
            _ => good,
        });
        var part = Directory.GetFiles(Items, "*.parquet").Order(StringComparer.Ordinal).First();
        if (what == "damaged")
            File.WriteAllText(part, "no Parquet");
        else if (what == "cut")
            File.WriteAllBytes(part, File.ReadAllBytes(part)[..^30]);
        else if (what == "no column")
            await WriteIdsAsync(part);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Data.ReadSparkFactorsAsync(Users, Items));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_NoFolderOrFile_SaysWhichIsNeeded()
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => Data.ReadSparkFactorsAsync(Users, Items));
        Directory.CreateDirectory(Items);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Data.ReadSparkFactorsAsync(Users, Items));
    }

    [Fact]
    public async Task Read_AnyByteChanged_ReadsOrRefusesAndNeverElse()
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        await WriteAsync(Items, Factors(2, 6, 3));
        var part = Directory.GetFiles(Items, "*.parquet").Order(StringComparer.Ordinal).First();
        var (bytes, random) = (File.ReadAllBytes(part), new Random(3));
        for (int attempt = 0; attempt < 300; attempt++)
        {
            var changed = bytes.ToArray();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(part, changed);
            try
            {
                await Data.ReadSparkFactorsAsync(Users, Items);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public async Task Read_Cancelled_Throws()
    {
        await WriteAsync(Users, Factors(1, 4, 3));
        await WriteAsync(Items, Factors(2, 4, 3));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Data.ReadSparkFactorsAsync(Users, Items, cancellationToken: new CancellationToken(canceled: true)));
    }

    private static double Product(float[] u, float[] v) => u.Zip(v, (a, b) => (double)a * b).Sum();

    private static (int Id, float[] Features)[] Factors(int seed, int count, int rank)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row => (
            seed == 1 ? row : 7 * row, Enumerable.Range(0, rank).Select(_ => random.NextSingle() - 0.5f).ToArray()))];
    }

    /// <summary>Writes two part files beside what Spark leaves there.</summary>
    private static async Task WriteAsync(
        string folder, (int Id, float[] Features)[] rows, string container = "list", string element = "element", Type? idType = null)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "_SUCCESS"), "");
        File.WriteAllText(Path.Combine(folder, ".part-00000.snappy.parquet.crc"), "crc");
        var (half, type) = (rows.Length / 2, idType ?? typeof(int));
        await WritePartAsync(Path.Combine(folder, "part-00000.snappy.parquet"), rows[..half], container, element, type);
        await WritePartAsync(Path.Combine(folder, "part-00001.snappy.parquet"), rows[half..], container, element, type);
    }

    private static async Task WritePartAsync(
        string path, (int Id, float[] Features)[] rows, string container, string element, Type idType)
    {
        // Spark: required int32 id; optional group features (LIST) { repeated group list { required float element; } }
        var (id, number) = (new DataField("id", idType, isNullable: false), new DataField<float>(element));
        var schema = new ParquetSchema(id, new ListField("features", number, container));
        await using var stream = File.Create(path);
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Snappy };
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, options);
        if (rows.Length == 0)
            return;
        using var group = writer.CreateRowGroup();
        if (idType == typeof(long))
            await group.WriteAsync<long>(id, rows.Select(row => (long)row.Id).ToArray());
        else
            await group.WriteAsync<int>(id, rows.Select(row => row.Id).ToArray());
        // An empty list is one place without a number.
        int[] places = [.. rows.SelectMany(row => Enumerable.Range(0, Math.Max(1, row.Features.Length)))];
        int[] definition = [.. rows.SelectMany(row => row.Features.Length == 0 ? [1] : Enumerable.Repeat(2, row.Features.Length))];
        int[] repetition = Array.ConvertAll(places, place => Math.Min(1, place));
        await group.WriteAllPartsAsync<float>(number, rows.SelectMany(row => row.Features).ToArray(), definition, repetition, default);
    }

    private static async Task WriteIdsAsync(string path)
    {
        var id = new DataField<int>("id");
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id), stream);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync<int>(id, new[] { 1 });
    }
}
