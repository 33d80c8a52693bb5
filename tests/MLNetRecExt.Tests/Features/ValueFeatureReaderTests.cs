using System.Data;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Features;

public class ValueFeatureReaderTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public ValueFeatureReaderTests() => _ml.Log += (_, entry) => _log.Add($"{entry.Kind}: {entry.RawMessage}");

    private enum Shelf
    {
        Upper,
        Lower,
    }

    private sealed record Product(
        int Id, string? Category, string[] Tags, decimal? Price, DateTime Listed, bool Vegan = false, Shelf Shelf = default, float[]? Taste = null);

    private static readonly Product[] Products =
    [
        new(7, "tea", ["hot", "green"], 2.5m, new(2026, 1, 2), true, Shelf.Lower, [1, 2]),
        new(8, null, [], null, default),
        new(9, "coffee", ["hot"], 4, new(2026, 1, 3), Taste: [3, float.NaN]),
    ];

    private RecommenderDataCatalog Data => _ml.Recommenders().Data;

    [Fact]
    public void ReadFeatures_Objects_AreCategoriesNumbersAndDates()
    {
        var features = Data.ReadFeatures(Products, product => product.Id, product => new
        {
            product.Category,
            product.Tags,
            product.Price,
            product.Listed,
            product.Vegan,
            product.Shelf,
            product.Taste,
        });

        Assert.Equal("3 ids; Category: 2 categories, Tags: 2 categories, Price: number, Listed: date, Vegan: 2 categories, "
            + "Shelf: 2 categories, Taste: 2 numbers", features.ToString());
        Assert.Equal([["0", "1"], [], ["0"]], Codes(features, "Tags"));
        Assert.Equal([["0"], [], ["1"]], Codes(features, "Category"));
        Assert.Equal(["True", "False"], features.Column("Vegan").Categories!);
        Assert.Equal([2.5f, float.NaN, 4], features.Column("Price").Numbers.Select(numbers => numbers[0]));
        Assert.Equal([[1, 2], [float.NaN, float.NaN], [3, float.NaN]], features.Column("Taste").Numbers);
        Assert.Equal(1, features.Column("Listed").Numbers[2][0] - features.Column("Listed").Numbers[0][0]);
        Assert.True(float.IsNaN(features.Column("Listed").Numbers[1][0]));
        Assert.Contains($"Info: Read features, 3 rows: {features}.", _log);
    }

    [Fact]
    public void ReadFeatures_SameAsAView_IsTheSame()
    {
        var rows = Enumerable.Range(0, 50).Select(i => new ViewRow { Id = i % 20, Text = $"c{i % 3}", Number = i, Truth = i % 2 == 0 }).ToArray();

        var view = Data.ReadFeatures(_ml.Data.LoadFromEnumerable(rows), "Id", ["Text", "Number", "Truth"]);
        var read = Data.ReadFeatures(rows, row => row.Id, row => new { row.Text, row.Number, row.Truth });

        Assert.Equal(view.ToString(), read.ToString());
        Assert.All(view.Columns.Zip(read.Columns), pair =>
        {
            Assert.Equal(pair.First.Type, pair.Second.Type);
            Assert.Equal(pair.First.Categories, pair.Second.Categories);
            Assert.Equal(pair.First.Codes, pair.Second.Codes);
            Assert.Equal(pair.First.Numbers, pair.Second.Numbers);
        });
    }

    [Fact]
    public async Task ReadFeaturesAsync_Query_LaterRowsCountAndRowsWithoutIdAreLogged()
    {
        var table = Table([1, "a", 1.5], [DBNull.Value, "b", 2.5], [2, "b", DBNull.Value], [1, DBNull.Value, 3]);

        var all = await Data.ReadFeaturesAsync(table.CreateDataReader(), "id");
        var one = await Data.ReadFeaturesAsync(table.CreateDataReader(), "ID", ["Number"]);

        Assert.Equal("2 ids; text: 2 categories, number: number", all.ToString());
        Assert.Equal([[], ["1"]], Codes(all, "text"));
        Assert.Equal([3, float.NaN], all.Column("number").Numbers.Select(numbers => numbers[0]));
        Assert.Equal(["number"], one.Names);
        Assert.Contains("Warning: Passed over 1 of 4 rows without an id (a whole number within Int32).", _log);
    }

    [Fact]
    public async Task ReadFeaturesAsync_BadColumns_AreNamed()
    {
        var table = Table([1, "a", 1.5]);

        Assert.Contains("no column 'price' to read features from", await Message("id", "price"));
        Assert.Contains("no column 'sku' to read ids from", await Message("sku"));
        Assert.Contains("named twice", await Message("id", "text", "TEXT"));
        Assert.Contains("named twice", await Message("id", "id"));
        Assert.Contains("select at least one", await Message("id", []));

        async Task<string> Message(string id, params string[] features) => (await Assert.ThrowsAsync<ArgumentException>(
            () => Data.ReadFeaturesAsync(table.CreateDataReader(), id, id == "sku" ? null : features))).Message;
    }

    [Fact]
    public void ReadFeatures_WhatIsNone_IsRefused()
    {
        Assert.Contains("is String, which has no properties to be features", Message(product => product.Category));
        Assert.Contains("is DateTime, which has no properties", Message(product => product.Listed));
        Assert.Contains("Feature 'Blob' is Byte[]", Message(_ => new { Blob = new byte[3] }));
        Assert.Contains("for ids is Single", Assert.Throws<ArgumentException>(
            () => Data.ReadFeatures(Products, product => (float)product.Id, product => product)).Message);

        string Message<T>(Func<Product, T> features) =>
            Assert.ThrowsAny<ArgumentException>(() => Data.ReadFeatures(Products, product => product.Id, features)).Message;
    }

    [Fact]
    public void ReadFeatures_AnotherKindOfValueThanBefore_IsNamed()
    {
        object[] values = [1, "two"];
        float[][] vectors = [[1, 2], [1]];

        Assert.Contains("Row 2 (counted from 1): 'One' is 'two' (String), but a number", Message(values));
        Assert.Contains("Row 2 (counted from 1): 'One' is", Message(vectors));

        string Message<T>(T[] rows) => Assert.Throws<InvalidDataException>(() => Data.ReadFeatures(rows, row => row!.GetHashCode(), row => new { One = row })).Message;
    }

    [Fact]
    public async Task ReadFeatures_Cancelled_Stops()
    {
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => Data.ReadFeatures(Products, product => product.Id, product => product, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Data.ReadFeaturesAsync(Table([1, "a", 1.5]).CreateDataReader(), "id", cancellationToken: cancelled));
    }

    private sealed class ViewRow
    {
        public int Id { get; set; }
        public string Text { get; set; } = "";
        public float Number { get; set; }
        public bool Truth { get; set; }
    }

    private static IEnumerable<IEnumerable<string>> Codes(SideFeatures features, string name) =>
        features.Column(name).Codes.Select(codes => codes.Select(code => $"{code}"));

    private static DataTable Table(params object[][] rows)
    {
        var table = new DataTable();
        table.Columns.Add("id", typeof(int));
        table.Columns.Add("text", typeof(string));
        table.Columns.Add("number", typeof(double));
        foreach (var row in rows)
            table.Rows.Add(row);
        return table;
    }
}
