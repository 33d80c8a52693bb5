using System.Data;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Data;

public class DbInteractionReaderTests
{
    private static readonly InteractionColumns AllColumns = new("user", "item", "label", "weight", "time");
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public DbInteractionReaderTests() => _ml.Log += (_, entry) => _log.Add($"{entry.Kind}: {entry.RawMessage}");

    private sealed class Row
    {
        public string User = "", Item = "";
        public float Label, Weight;
        public DateTime Time;
    }

    private RecommenderDataCatalog Data => _ml.Recommenders().Data;

    public static TheoryData<object, object, DataKind> Ids => new()
    {
        { (short)-3, (short)7, DataKind.Int32 },
        { (byte)3, (byte)7, DataKind.Int32 },
        { (sbyte)-3, (sbyte)7, DataKind.Int32 },
        { (ushort)3, (ushort)7, DataKind.Int32 },
        { int.MinValue, int.MaxValue, DataKind.Int32 },
        { uint.MaxValue, 7u, DataKind.UInt32 },
        { long.MinValue, long.MaxValue, DataKind.Int64 },
        { ulong.MaxValue, 7ul, DataKind.UInt64 },
        { 9_007_199_254_740_993m, -7.00m, DataKind.Int64 },
        { "bob", "Ann", DataKind.String },
        { new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]), Guid.Empty, DataKind.String },
    };

    [Theory, MemberData(nameof(Ids))]
    public async Task ReadInteractionsAsync_EveryTypeOfIds_GivesThemBackAndSkipsNull(object first, object second, DataKind kind)
    {
        var table = Table(first.GetType(), [first, "x"], [DBNull.Value, "x"], [second, "y"], [first, "y"]);

        var read = await Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item"));

        Assert.Equal(kind, read.Users.Kind);
        Assert.Equal([Text(first), Text(second)], Enumerable.Range(0, read.Users.Count).Select(read.Users.GetText));
        Assert.Equal([0, 2, 3], read.ByUser.Offsets.ToArray());
        Assert.Equal(new InteractionCounts(4, MissingIds: 1), read.Counts);

        static string Text(object id) => id is decimal number ? $"{(long)number}" : Convert.ToString(id, CultureInfo.InvariantCulture)!;
    }

    [Fact]
    public async Task ReadInteractionsAsync_SameValuesAsAView_IsTheSame()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 500).Select(_ => new Row
        {
            User = $"u{random.Next(30)}",
            Item = random.Next(20) is var item and > 0 ? $"i{item}" : "",
            Label = random.Next(20) == 0 ? float.NaN : random.NextSingle(),
            Weight = random.Next(-1, 5),
            Time = DateTime.UnixEpoch.AddSeconds(random.Next(1 << 30)),
        }).ToArray();
        var table = Table(typeof(string), [.. rows.Select(row => new object[] { row.User, row.Item, row.Label, row.Weight, row.Time })]);
        var options = new InteractionReadOptions { Duplicates = DuplicateHandling.Max };

        var view = Data.ReadInteractions(_ml.Data.LoadFromEnumerable(rows), new("User", "Item", "Label", "Weight", "Time"), options);
        var read = await Data.ReadInteractionsAsync(table.CreateDataReader(), AllColumns, options);

        Assert.Equal(view.Counts, read.Counts);
        Assert.True(read.Counts is { MissingIds: > 0, BadLabels: > 0, BadWeights: > 0, Duplicates: > 0 });
        Assert.True(view.Users.Extends(read.Users) && view.Items.Extends(read.Items));
        Assert.Equal(view.ByUser.Offsets, read.ByUser.Offsets);
        for (int user = 0; user < view.Users.Count; user++)
        {
            Assert.Equal(view.ByUser.Indices(user), read.ByUser.Indices(user));
            Assert.Equal(view.ByUser.Labels(user), read.ByUser.Labels(user));
            Assert.Equal(view.ByUser.Weights(user), read.ByUser.Weights(user));
            Assert.Equal(view.ByUser.Timestamps(user), read.ByUser.Timestamps(user));
        }
    }

    public static TheoryData<object, double> Numbers => new()
    {
        { (short)5, 5 }, { 5, 5 }, { 5L, 5 }, { (byte)5, 5 }, { (sbyte)5, 5 }, { (ushort)5, 5 }, { 5u, 5 }, { 5ul, 5 },
        { 0.5f, 0.5 }, { 0.5, 0.5 }, { 0.5m, 0.5 }, { true, 1 }, { new System.Numerics.BigInteger(5), 5 }, { "0.5", 0.5 },
    };

    [Theory, MemberData(nameof(Numbers))]
    public async Task ReadInteractionsAsync_EveryTypeOfNumber_IsLabelAndWeight(object value, double number)
    {
        var table = Table(typeof(int), [1, "x", value, value, 0], [1, "y", DBNull.Value, value, 0], [1, "z", value, DBNull.Value, 0]);

        var read = await Data.ReadInteractionsAsync(table.CreateDataReader(), AllColumns with { Timestamp = null });

        Assert.Equal((float)number, read.ByUser.Labels(0) is [var label] ? label : 1);
        Assert.Equal((float)number, read.ByUser.Weights(0) is [var weight] ? weight : 1);
        Assert.Equal(new InteractionCounts(3, BadLabels: 1, BadWeights: 1), read.Counts);
    }

    public static TheoryData<object, long> Times => new()
    {
        { 17, 17 }, { 17L, 17 }, { (short)17, 17 }, { 17ul, 17 }, { 17.9, 17 }, { 17.9f, 17 }, { -0.5m, -1 },
        { new DateTime(2026, 11, 30, 18, 0, 0), new DateTime(2026, 11, 30, 18, 0, 0).Ticks },
        { new DateTimeOffset(2026, 11, 30, 18, 0, 0, TimeSpan.FromHours(2)), new DateTime(2026, 11, 30, 16, 0, 0).Ticks },
        { new DateOnly(2026, 11, 30), new DateTime(2026, 11, 30).Ticks },
        { "2026-11-30 18:00:00", new DateTime(2026, 11, 30, 18, 0, 0).Ticks },
        { "2026-11-30T18:00:00.5+02:00", new DateTime(2026, 11, 30, 16, 0, 0).AddSeconds(0.5).Ticks },
    };

    [Theory, MemberData(nameof(Times))]
    public async Task ReadInteractionsAsync_EveryTypeOfTime_IsTicksOrTheNumberBelow(object value, long time)
    {
        var table = Table(typeof(int), [1, "x", 1, 1, value], [1, "y", 1, 1, DBNull.Value]);

        var read = await Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item", Timestamp: "time"));

        Assert.Equal([time], read.ByUser.Timestamps(0).ToArray());
        Assert.Equal(new InteractionCounts(2, BadTimestamps: 1), read.Counts);
        Assert.Equal(value is float or double or decimal, _log.Any(line => line.Contains("rounded down")));
    }

    public static TheoryData<object, string, string> BadIds => new()
    {
        { DBNull.Value, "is NULL", "a whole number within Int64" },
        { 1.5m, "is '1.5'", "a whole number within Int64" },
        { 1e20m, "is '100000000000000000000'", "a whole number within Int64" },
    };

    [Theory, MemberData(nameof(BadIds))]
    public async Task ReadInteractionsAsync_NoId_IsSkippedCountedAndLoggedOrNamed(object id, string found, string needed)
    {
        var table = Table(typeof(decimal), [1m, "x"], [id, "x"], [2m, "y"]);

        var read = await Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item"));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item"), new() { BadRows = BadRowHandling.Throw }));

        Assert.Equal(new InteractionCounts(3, MissingIds: 1), read.Counts);
        Assert.Equal(["1", "2"], Enumerable.Range(0, read.Users.Count).Select(read.Users.GetText));
        Assert.Contains("Warning: Skipped 1 of 3 rows: 1 without a user or item id.", _log);
        Assert.Contains(_log, line => line.Contains($"The first row skipped: Row 2 (counted from 1): column 'user' {found}; {needed} is needed."));
        Assert.StartsWith($"Row 2 (counted from 1): column 'user' {found}; {needed} is needed.", error.Message);
    }

    [Theory]
    [InlineData(typeof(float), "Column 'user' is Single")]
    [InlineData(typeof(double), "Column 'user' is Double")]
    [InlineData(typeof(bool), "Column 'user' is Boolean")]
    [InlineData(typeof(DateTime), "Column 'user' is DateTime")]
    [InlineData(typeof(byte[]), "Column 'user' is Byte[]")]
    public async Task ReadInteractionsAsync_TypeThatIdsCannotHave_IsRefused(Type type, string found)
    {
        var table = Table(type, [type == typeof(byte[]) ? new byte[4] : Activator.CreateInstance(type)!, "x"]);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item")));

        Assert.StartsWith(found, error.Message);
        Assert.Contains("text, Guid, an integer of up to 64 bits, or decimal is needed. Cast it in the query", error.Message);
    }

    [Fact]
    public async Task ReadInteractionsAsync_WrongTypesOfTheOthers_AreRefused()
    {
        var table = Table(typeof(int), [1, "x", Guid.Empty, Guid.Empty, Guid.Empty]);

        Assert.Contains("'label' is Guid", await Message(new("user", "item", "label")));
        Assert.Contains("for weights a number or Boolean is needed", await Message(new("user", "item", Weight: "weight")));
        Assert.Contains("for timestamps a date", await Message(new("user", "item", Timestamp: "time")));

        async Task<string> Message(InteractionColumns columns) =>
            (await Assert.ThrowsAsync<ArgumentException>(() => Data.ReadInteractionsAsync(table.CreateDataReader(), columns))).Message;
    }

    [Fact]
    public async Task ReadInteractionsAsync_Names_AreFoundInAnyCaseAndNamedWhenTheyAreNot()
    {
        var table = Table(typeof(int), [1, "x"]);

        var read = await Data.ReadInteractionsAsync(table.CreateDataReader(), new("User", "ITEM"));
        var missing = await Assert.ThrowsAsync<ArgumentException>(() => Data.ReadInteractionsAsync(table.CreateDataReader(), new("customer", "item")));
        var same = await Assert.ThrowsAsync<ArgumentException>(() => Data.ReadInteractionsAsync(table.CreateDataReader(), new("item", "item")));

        Assert.Equal(1, read.Count);
        Assert.Contains("no column 'customer' to read users from; it has 'user', 'item'", missing.Message);
        Assert.Contains("need a column each", same.Message);
    }

    [Fact]
    public async Task ReadInteractionsAsync_IdsOf_ReadsThemAsThoseAre()
    {
        var train = await Data.ReadInteractionsAsync(Table(typeof(long), [5_000_000_000, "x"], [3L, "y"]).CreateDataReader(), new("user", "item"));
        var texts = Table(typeof(string), ["3", "z"], ["-4", "x"], ["no number", "x"]);

        var held = await Data.ReadInteractionsAsync(texts.CreateDataReader(), new("user", "item"), new() { IdsOf = train });

        Assert.Equal(DataKind.Int64, held.Users.Kind);
        Assert.True(held.Users.Extends(train.Users) && held.Items.Extends(train.Items));
        Assert.Equal([1, 2], new[] { held.Users.IndexOf(3L), held.Users.IndexOf(-4L) });
        Assert.Equal(new InteractionCounts(3, MissingIds: 1), held.Counts);
        var keys = new InteractionReadOptions { Users = IdMap.FromKeys(3) };
        Assert.Contains("in the same way", (await Assert.ThrowsAsync<ArgumentException>(
            () => Data.ReadInteractionsAsync(texts.CreateDataReader(), new("user", "item"), keys))).Message);
    }

    [Fact]
    public async Task ReadInteractionsAsync_NoRow_IsEmptyAndRefusedByTraining()
    {
        var read = await Data.ReadInteractionsAsync(Table(typeof(long)).CreateDataReader(), AllColumns);

        Assert.Equal((0, DataKind.Int64), (read.Count, read.Users.Kind));
        Assert.Equal("0 rows: 0 interactions of 0 users and 0 items, density 0 %", read.ToString());
        Assert.Contains("No usable row to train on: 0 rows",
            Assert.Throws<ArgumentException>(() => _ml.Recommenders().Trainers.Popularity().Fit(read)).Message);
    }

    [Fact]
    public async Task ReadInteractionsAsync_Cancelled_ByEitherTokenStops()
    {
        var table = Table(typeof(int), [1, "x"]);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item"), cancellationToken: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Data.ReadInteractionsAsync(table.CreateDataReader(), new("user", "item"), new() { CancellationToken = cancelled }));
    }

    private static DataTable Table(Type user, params object[][] rows)
    {
        var table = new DataTable();
        table.Columns.Add("user", user);
        table.Columns.Add("item", typeof(string));
        if (rows.Length == 0 || rows[0].Length > 2)
            foreach (var (name, place) in new[] { ("label", 2), ("weight", 3), ("time", 4) })
                table.Columns.Add(name, rows.Length == 0 ? typeof(float) : rows[0][place].GetType());
        foreach (var row in rows)
            table.Rows.Add(row);
        return table;
    }
}
