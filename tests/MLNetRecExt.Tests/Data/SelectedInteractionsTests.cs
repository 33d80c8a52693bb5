using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Data;

public class SelectedInteractionsTests
{
    private readonly RecommenderDataCatalog _data = new MLContext(seed: 1).Recommenders().Data;

    private sealed record Line(Guid Customer, string? Sku, int Quantity = 1, double? Stars = 3, DateTime? Ordered = null);

    private enum Shelf
    {
        Upper,
    }

    private static readonly Guid Ann = Guid.Parse("6F9619FF-8B86-D011-B42D-00C04FC964FF"), Bob = new(7, 7, 7, new byte[8]);
    private static readonly DateTime Day = new(2026, 11, 30);

    [Fact]
    public void ReadInteractions_Selectors_ReadEveryColumnAndCountBadRows()
    {
        Line[] lines =
        [
            new(Ann, "x", 2, 4, Day), new(Bob, "y", 3, 5, Day.AddTicks(1)), new(Ann, null), new(Ann, ""),
            new(Ann, "y", 1, null, Day), new(Ann, "y", -1, 1, Day), new(Ann, "y", 1, 1),
        ];

        var read = _data.ReadInteractions(lines, line => line.Customer, line => line.Sku, new()
        {
            Label = line => line.Stars,
            Weight = line => line.Quantity,
            Timestamp = line => line.Ordered?.Ticks,
        });

        Assert.Equal(new InteractionCounts(7, MissingIds: 2, BadLabels: 1, BadWeights: 1, BadTimestamps: 1), read.Counts);
        Assert.Equal((4f, 2f, Day.Ticks), (read.ByUser.Labels(0)[0], read.ByUser.Weights(0)[0], read.ByUser.Timestamps(0)[0]));
        Assert.Equal((5f, 3f, Day.Ticks + 1), (read.ByUser.Labels(1)[0], read.ByUser.Weights(1)[0], read.ByUser.Timestamps(1)[0]));
        Assert.Equal("6f9619ff-8b86-d011-b42d-00c04fc964ff", read.Users.GetText(0));
    }

    [Fact]
    public void ReadInteractions_ManyRows_NumbersIdsOfUsableOnesAsTheyOccur()
    {
        // More than are numbered at a time, and bad ones whose ids must get no number from them.
        var random = new Random(7);
        var lines = Enumerable.Range(0, 3_000).Select(i => new Line(new(random.Next(i + 1), 0, 0, new byte[8]), $"sku-{random.Next(i + 1)}",
            random.Next(-1, 4), Ordered: Day.AddTicks(i))).ToArray();
        var usable = lines.Where(line => line.Quantity >= 0).ToArray();

        var read = _data.ReadInteractions(lines, line => line.Customer, line => line.Sku, new()
        {
            Weight = line => line.Quantity,
            Timestamp = line => line.Ordered?.Ticks,
        });

        Assert.Equal(usable.Select(line => $"{line.Customer}").Distinct(), Enumerable.Range(0, read.Users.Count).Select(read.Users.GetText));
        Assert.Equal(usable.Select(line => line.Sku).Distinct(), Enumerable.Range(0, read.Items.Count).Select(read.Items.GetText));
        Assert.Equal(
            usable.GroupBy(line => ($"{line.Customer}", line.Sku!)).Select(pair => (pair.Key, pair.Last().Quantity, pair.Last().Ordered!.Value.Ticks)).Order(),
            Entries().Order());

        IEnumerable<((string, string), int, long)> Entries()
        {
            for (int user = 0; user < read.Users.Count; user++)
                for (int e = 0; e < read.ByUser.Length(user); e++)
                    yield return ((read.Users.GetText(user), read.Items.GetText(read.ByUser.Indices(user)[e])),
                        (int)read.ByUser.Weights(user)[e], read.ByUser.Timestamps(user)[e]);
        }
    }

    [Fact]
    public void ReadInteractions_Guids_AreAskedForAsGuids()
    {
        Line[] lines = [new(Ann, "x"), new(Bob, "x"), new(Bob, "y")];
        var read = _data.ReadInteractions(lines, line => line.Sku, line => line.Customer);

        var recommender = new MLContext(1).Recommenders().Trainers.Popularity().Fit(read).For<string, Guid>();

        Assert.Equal(Ann, Assert.Single(recommender.Recommend("y")).Item);
    }

    [Fact]
    public async Task ReadInteractionsAsync_SameObjects_IsTheSameAsAtOnce()
    {
        var lines = Enumerable.Range(0, 300).Select(i => new Line(i % 3 == 0 ? Ann : Bob, $"{i % 7}", i)).ToArray();

        var atOnce = _data.ReadInteractions(lines, line => line.Customer, line => line.Sku, new() { Weight = line => line.Quantity });
        var arriving = await _data.ReadInteractionsAsync(Arrive(), line => line.Customer, line => line.Sku, new() { Weight = line => line.Quantity });

        Assert.Equal(atOnce.ToString(), arriving.ToString());
        Assert.Equal(atOnce.ByUser.Indices(1), arriving.ByUser.Indices(1));
        Assert.Equal(atOnce.ByUser.Weights(1), arriving.ByUser.Weights(1));

        async IAsyncEnumerable<Line> Arrive()
        {
            foreach (var line in lines)
            {
                await Task.Yield();
                yield return line;
            }
        }
    }

    [Theory]
    [InlineData(3L)]
    [InlineData(3ul)]
    [InlineData(3u)]
    [InlineData(3)]
    [InlineData((short)3)]
    [InlineData((byte)3)]
    [InlineData("3")]
    public void ReadInteractions_TypeOfIds_IsTheOneToAskWith<TId>(TId id) where TId : notnull
    {
        var read = _data.ReadInteractions([id], one => one, _ => "x");

        Assert.Equal(0, read.Users.IndexOf(id));
        Assert.Equal("3", read.Users.GetText(0));
    }

    [Fact]
    public void ReadInteractions_IdsThatMayBeNull_AreMissingWhereTheyAre()
    {
        long?[] users = [5, null, 6];
        decimal?[] items = [1m, null, 2.5m];

        Assert.Equal(new InteractionCounts(3, MissingIds: 1), _data.ReadInteractions(users, user => user, _ => 1).Counts);
        Assert.Equal(new InteractionCounts(3, MissingIds: 2), _data.ReadInteractions(items, _ => 1, item => item).Counts);
    }

    [Fact]
    public void ReadInteractions_TypeThatIdsCannotHave_IsRefused()
    {
        Assert.Contains("for users is Single; text, Guid", Message(() => _data.ReadInteractions([1f], one => one, _ => "x")));
        Assert.Contains("for items is DateTime", Message(() => _data.ReadInteractions([1], one => one, _ => Day)));
        Assert.Contains("is Shelf", Message(() => _data.ReadInteractions([1], one => one, _ => Shelf.Upper)));

        static string Message(Action read) => Assert.Throws<ArgumentException>(read).Message;
    }

    [Fact]
    public void ReadInteractions_Continued_KeepsIndicesAndKind()
    {
        var train = _data.ReadInteractions([5L, 6L], user => user, _ => "x");

        var held = _data.ReadInteractions([6, 7], user => user, _ => "x", options: new() { IdsOf = train });

        Assert.Equal((DataKind.Int64, 1, 2), (held.Users.Kind, held.Users.IndexOf(6L), held.Users.IndexOf(7L)));
    }

    [Fact]
    public void ReadInteractions_ErrorsOfOthers_PassThrough()
    {
        Assert.Throws<DivideByZeroException>(() => _data.ReadInteractions([1, 0], one => 10 / one, _ => "x"));
        Assert.Throws<InvalidDataException>(() => _data.ReadInteractions([""], one => one, _ => 1, options: new() { BadRows = BadRowHandling.Throw }));
        Assert.ThrowsAny<OperationCanceledException>(
            () => _data.ReadInteractions([1], one => one, _ => 1, options: new() { CancellationToken = new(canceled: true) }));
    }

    [Fact]
    public void ReadInteractions_Progress_IsToldTheRowsAtTheEnd()
    {
        var told = new List<long>();

        _data.ReadInteractions(Enumerable.Range(0, 10), one => one, _ => 1, options: new() { Progress = new Told(told) });

        Assert.Equal([10L], told);
    }

    private sealed class Told(List<long> rows) : IProgress<long>
    {
        public void Report(long value) => rows.Add(value);
    }
}
